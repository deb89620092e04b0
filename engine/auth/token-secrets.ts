import type { Backend } from '../admission/plugin.ts'
import { CONTROLLER_MANAGER, follow } from '../controllers/cluster.ts'
import { orElse } from '../controllers/namespaces.ts'
import { WorkQueue } from '../controllers/work-queue.ts'
import { Writer } from '../controllers/writer.ts'
import type { ApiObject, GroupResource } from '../objects/types.ts'
import { withMetadata } from '../storage/metadata.ts'
import type { ServiceAccountTokens } from './service-accounts.ts'

const SECRETS: GroupResource = { group: '', resource: 'secrets' }
const ACCOUNTS: GroupResource = { group: '', resource: 'serviceaccounts' }
const TYPE = 'kubernetes.io/service-account-token'
const ACCOUNT_NAME = 'kubernetes.io/service-account.name'
const ACCOUNT_UID = 'kubernetes.io/service-account.uid'

type Data = Readonly<Record<string, string>>

export interface TokenSecretOptions {
  readonly tokens: ServiceAccountTokens
  /** PEM, of the authority that clients trust; Secrets hold none without it. */
  readonly authority?: string | undefined
  readonly report?: ((error: unknown) => void) | undefined
}

/**
 * Fills Secrets of type `kubernetes.io/service-account-token` with a token of their ServiceAccount, and takes them away with it: the tokens controller
 * (1.34). What is returned ends it.
 */
export function keepTokenSecrets(backend: Backend, options: TokenSecretOptions): () => void {
  const secrets = backend.store.collection(SECRETS)
  const accounts = backend.store.collection(ACCOUNTS)
  if (secrets === undefined || accounts === undefined) return () => {}
  const keeper = new Keeper(backend, options)
  const queue = new WorkQueue({ clock: backend.clock, sync: (key) => keeper.sync(key), report: options.report })
  const ends = [
    follow(secrets, backend, ({ type, object }) => {
      if (object.type !== TYPE) return
      if (type === 'DELETED') keeper.forget(object)
      else queue.add(keyOf(object))
    }),
    follow(accounts, backend, ({ type, object: { metadata } }) => {
      if (type !== 'DELETED') return
      for (const secret of secrets.list({ namespace: metadata.namespace }).items) {
        if (accountOf(secret) === metadata.name) queue.add(keyOf(secret))
      }
    }),
  ]
  return () => {
    for (const end of ends) end()
    queue.clear()
  }
}

const keyOf = ({ metadata: { namespace = '', name } }: ApiObject): string => `${namespace}/${name}`

/** The name of the account that a Secret is to hold a token of. */
const accountOf = ({ type, metadata }: ApiObject): string | undefined =>
  type === TYPE ? metadata.annotations?.[ACCOUNT_NAME] : undefined

class Keeper {
  readonly #backend: Backend
  readonly #options: TokenSecretOptions
  readonly #writer: Writer

  constructor(backend: Backend, options: TokenSecretOptions) {
    this.#backend = backend
    this.#options = options
    this.#writer = new Writer(backend, CONTROLLER_MANAGER)
  }

  sync(key: string): void {
    const [namespace = '', name = ''] = key.split('/')
    const secret = this.#secret(namespace, name)
    if (secret === undefined || accountOf(secret) === undefined) return
    const account = this.#account(secret)
    if (account === undefined) {
      const preconditions = { uid: secret.metadata.uid }
      orElse(() => this.#backend.registry(SECRETS)?.delete(namespace, name, { preconditions }), 'NotFound')
    } else if (this.#isWanting(secret)) {
      this.#fill(account, secret).catch((error) => this.#options.report?.(error))
    }
  }

  /** Accounts do not name Secrets that are gone. */
  forget(secret: ApiObject): void {
    const account = this.#account(secret)
    const { name: gone, namespace } = secret.metadata
    const named = (account?.secrets ?? []) as readonly { readonly name?: string }[]
    if (account === undefined || !named.some(({ name }) => name === gone)) return
    const place = { resource: ACCOUNTS, namespace, name: account.metadata.name }
    const kept = named.filter(({ name }) => name !== gone)
    const without = ({ secrets: _, ...rest }: ApiObject) => (kept.length === 0 ? rest : { ...rest, secrets: kept })
    orElse(() => this.#writer.update(place, (existing) => without(existing) as ApiObject), 'NotFound')
  }

  #secret(namespace: string, name: string): ApiObject | undefined {
    return this.#backend.store.collection(SECRETS)?.get(namespace, name)
  }

  /** The one that the Secret means: by its uid, once that is known. */
  #account(secret: ApiObject): ApiObject | undefined {
    const { namespace, annotations } = secret.metadata
    const account = this.#backend.store.collection(ACCOUNTS)?.get(namespace, accountOf(secret) ?? '')
    const uid = annotations?.[ACCOUNT_UID] ?? ''
    return uid === '' || uid === account?.metadata.uid ? account : undefined
  }

  #isWanting(secret: ApiObject): boolean {
    const data = (secret.data ?? {}) as Data
    const { authority } = this.#options
    const lacksAuthority = authority !== undefined && data['ca.crt'] !== btoa(authority)
    return lacksAuthority || (data.namespace ?? '') === '' || (data.token ?? '') === ''
  }

  async #fill(account: ApiObject, secret: ApiObject): Promise<void> {
    const { authority, tokens } = this.#options
    const { name, namespace = '', resourceVersion } = secret.metadata
    const { token = '', ...data } = (secret.data ?? {}) as Data
    const filled = {
      ...data,
      ...(authority === undefined ? {} : { 'ca.crt': btoa(authority) }),
      namespace: data.namespace || btoa(namespace),
      token: token || btoa(await tokens.issueForSecret(account, secret)),
    }
    // What has changed in between comes again.
    if (this.#secret(namespace, name)?.metadata.resourceVersion !== resourceVersion) return
    const annotations = {
      ...secret.metadata.annotations,
      [ACCOUNT_NAME]: account.metadata.name,
      [ACCOUNT_UID]: account.metadata.uid,
    }
    this.#writer.update({ resource: SECRETS, namespace, name }, (existing) => ({
      ...withMetadata(existing, { annotations }),
      data: filled,
    }))
  }
}
