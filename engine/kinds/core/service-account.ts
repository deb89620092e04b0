import type { ApiObject } from '../../objects/types.ts'
import { defineKind, type Schemas } from '../define.ts'
import { age, ageColumn, column, nameColumn } from '../printers.ts'
import type { Printer, ResourceDefinition } from '../resource.ts'

const ENFORCE_MOUNTABLE = 'kubernetes.io/enforce-mountable-secrets'

const secretsOf = ({ secrets }: ApiObject): readonly { readonly name?: string }[] =>
  (secrets ?? []) as readonly { readonly name?: string }[]

/** core/v1 ServiceAccount (1.34). */
export function serviceAccounts(schemas: Schemas): ResourceDefinition {
  return defineKind(schemas, {
    group: '',
    version: 'v1',
    kind: 'ServiceAccount',
    resource: 'serviceaccounts',
    metadataChecks: { again: 1 },
    prepareForCreate: withBareSecrets,
    prepareForUpdate: withBareSecrets,
    warnings(account, old) {
      const key = ENFORCE_MOUNTABLE
      const asks = account.metadata.annotations?.[key] !== undefined
      if (!asks || old?.metadata.annotations?.[key] !== undefined) return []
      return [
        `metadata.annotations[${key}]: deprecated in v1.32+; prefer separate namespaces to isolate access to mounted secrets`,
      ]
    },
    printer,
  })
}

/** Of references to Secrets only the name is kept. */
function withBareSecrets(account: ApiObject): ApiObject {
  const secrets = secretsOf(account)
  if (secrets.every((secret) => Object.keys(secret).every((field) => field === 'name'))) return account
  return { ...account, secrets: secrets.map(({ name }) => (name === undefined ? {} : { name })) }
}

const printer: Printer = {
  columns: [nameColumn, column('Secrets', 'string', 'How many Secrets the account may mount.'), ageColumn],
  cells: (account, now) => [
    account.metadata.name,
    secretsOf(account).length,
    age(account.metadata.creationTimestamp, now),
  ],
}
