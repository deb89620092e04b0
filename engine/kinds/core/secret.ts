import { JsonSyntaxError, parseJson } from '../../decode/json-document.ts'
import { immutable, invalidEach } from '../../objects/field-checks.ts'
import { type FieldError, invalidValue, requiredValue, tooLongValue } from '../../objects/field-error.ts'
import { configKeyErrors } from '../../objects/names.ts'
import { setField } from '../../objects/paths.ts'
import type { ApiObject, NewObject } from '../../objects/types.ts'
import { defineKind, type Schemas } from '../define.ts'
import { age, ageColumn, column, nameColumn } from '../printers.ts'
import type { Printer, ResourceDefinition } from '../resource.ts'
import { type Data, decodedLength, entriesOf, immutabilityErrors, MOST_BYTES } from './data-errors.ts'
import { certificateWarnings } from './tls-warnings.ts'

const ACCOUNT_NAME = 'kubernetes.io/service-account.name'

const dataOf = ({ data }: NewObject): Data => (data ?? {}) as Data
const typeOf = ({ type }: NewObject): string => (type ?? '') as string

/** core/v1 Secret (1.34). */
export function secrets(schemas: Schemas): ResourceDefinition {
  return defineKind(schemas, {
    group: '',
    version: 'v1',
    kind: 'Secret',
    resource: 'secrets',
    metadataChecks: { again: 1 },
    default: defaultSecret,
    prepareForUpdate: (secret, old) => (typeOf(secret) === '' ? { ...secret, type: typeOf(old) } : secret),
    validate: secretErrors,
    validateUpdate: (secret, old) => [
      ...immutable('type', typeOf(secret), typeOf(old)),
      ...immutabilityErrors(secret, old, ['data']),
      ...secretErrors(secret),
    ],
    warnings: (secret) =>
      typeOf(secret) === 'kubernetes.io/tls'
        ? certificateWarnings(decoded(dataOf(secret)['tls.crt']), decoded(dataOf(secret)['tls.key']))
        : [],
    printer,
    selectableFields: { type: typeOf },
  })
}

/** `stringData` is a door into `data` that is only written through. */
function defaultSecret(secret: NewObject): NewObject {
  const { stringData, ...rest } = secret
  const typed = typeOf(secret) === '' ? { ...rest, type: 'Opaque' } : rest
  if (stringData === undefined) return typeOf(secret) === '' ? (typed as NewObject) : secret
  const data: Record<string, unknown> = { ...dataOf(secret) }
  for (const [key, value] of Object.entries(stringData as Data)) setField(data, key, encoded(value))
  return { ...(typed as NewObject), ...(Object.keys(data).length === 0 ? {} : { data }) }
}

function encoded(text: string): string {
  let binary = ''
  for (const byte of new TextEncoder().encode(text)) binary += String.fromCharCode(byte)
  return btoa(binary)
}

function decoded(base64: string | undefined): string {
  return atob(base64 ?? '')
}

function secretErrors(secret: ApiObject): FieldError[] {
  const data = dataOf(secret)
  let bytes = 0
  const errors: FieldError[] = []
  for (const [key, value] of entriesOf(data)) {
    errors.push(...invalidEach(`data[${key}]`, key, configKeyErrors(key)))
    bytes += decodedLength(value)
  }
  if (bytes > MOST_BYTES) errors.push(tooLongValue('data', MOST_BYTES))
  return [...errors, ...typeErrors(secret)]
}

/** What a type promises to its readers. */
function typeErrors(secret: ApiObject): FieldError[] {
  const data = dataOf(secret)
  const has = (key: string): boolean => Object.hasOwn(data, key)
  const missing = (...keys: string[]): FieldError[] =>
    keys.filter((key) => !has(key)).map((key) => requiredValue(`data[${key}]`))
  switch (typeOf(secret)) {
    case 'kubernetes.io/service-account-token':
      if ((secret.metadata.annotations?.[ACCOUNT_NAME] ?? '') !== '') return []
      return [requiredValue(`metadata.annotations[${ACCOUNT_NAME}]`)]
    case 'kubernetes.io/dockercfg':
      return has('.dockercfg') ? jsonErrors('.dockercfg', data['.dockercfg']) : missing('.dockercfg')
    case 'kubernetes.io/dockerconfigjson':
      return has('.dockerconfigjson')
        ? jsonErrors('.dockerconfigjson', data['.dockerconfigjson'])
        : missing('.dockerconfigjson')
    case 'kubernetes.io/basic-auth':
      return has('username') || has('password') ? [] : missing('username', 'password')
    case 'kubernetes.io/ssh-auth':
      return (data['ssh-privatekey'] ?? '') === '' ? [requiredValue('data[ssh-privatekey]')] : []
    case 'kubernetes.io/tls':
      return missing('tls.crt', 'tls.key')
    default:
      return []
  }
}

function jsonErrors(key: string, base64: string | undefined): FieldError[] {
  const why = whyNoObject(Uint8Array.from(decoded(base64), (character) => character.charCodeAt(0)))
  return why === undefined ? [] : [invalidValue(`data[${key}]`, '<secret contents redacted>', why)]
}

/** In the words of Go's `encoding/json`. */
function whyNoObject(bytes: Uint8Array): string | undefined {
  try {
    const { type } = parseJson(new TextDecoder().decode(bytes))
    if (type === 'object' || type === 'null') return undefined
    return `json: cannot unmarshal ${type} into Go value of type map[string]interface {}`
  } catch (error) {
    if (error instanceof JsonSyntaxError) return error.message
    throw error
  }
}

const printer: Printer = {
  columns: [
    nameColumn,
    column('Type', 'string', 'What the entries are for.'),
    column('Data', 'string', 'How many entries there are.'),
    ageColumn,
  ],
  cells: (secret, now) => [
    secret.metadata.name,
    typeOf(secret),
    Object.keys(dataOf(secret)).length,
    age(secret.metadata.creationTimestamp, now),
  ],
}
