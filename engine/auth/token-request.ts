import type { Backend } from '../admission/plugin.ts'
import { type FieldError, invalidValue } from '../objects/field-error.ts'
import { badRequest, conflict, invalid, notFound } from '../objects/status-error.ts'
import { formatTime } from '../objects/time.ts'
import type { ApiObject, NewObject } from '../objects/types.ts'
import { type Binding, ISSUER, type ServiceAccountTokens } from './service-accounts.ts'

const TOKEN_REQUEST = { group: 'authentication.k8s.io', kind: 'TokenRequest' }
const HOUR = 3600
const SHORTEST = 600
const LONGEST = 2 ** 32
/** What kubelets ask for in seconds: such tokens live on for a year, and only warn after it. */
const PROJECTED = 3607
const EXTENDED = 365 * 24 * HOUR

interface TokenRequestSpec {
  readonly audiences?: readonly string[] | null
  readonly expirationSeconds?: number | null
  readonly boundObjectRef?: ObjectRef | null
}

interface ObjectRef {
  readonly kind?: string
  readonly apiVersion?: string
  readonly name?: string
  readonly uid?: string
}

/**
 * `POST serviceaccounts/<name>/token`: the request with the token in its status (upstream's `TokenREST`, 1.34). `admit` is validating admission.
 * Throws 404 for what is not there, 409 for another uid, 400 and 422.
 */
export async function createToken(
  backend: Backend,
  tokens: ServiceAccountTokens,
  namespace: string,
  name: string,
  object: NewObject,
  admit: (object: NewObject) => void = () => {},
): Promise<NewObject> {
  const { metadata } = object
  if (metadata.name !== undefined && metadata.name !== '' && metadata.name !== name) {
    throw mismatch(name, 'name', metadata.name)
  }
  if (metadata.namespace !== undefined && metadata.namespace !== '' && metadata.namespace !== namespace) {
    throw mismatch(name, 'namespace', metadata.namespace)
  }
  const account = mustGet(backend, 'serviceaccounts', namespace, name)
  const { uid } = account.metadata
  if (metadata.uid !== undefined && metadata.uid !== '' && metadata.uid !== uid) {
    const why = `the UID in the token request (${metadata.uid}) does not match the UID of the service account (${uid})`
    throw conflict({ group: TOKEN_REQUEST.group, resource: TOKEN_REQUEST.kind }, name, why)
  }
  const now = backend.clock.now()
  const given = (object.spec ?? {}) as TokenRequestSpec
  const seconds = given.expirationSeconds ?? HOUR
  const audiences = given.audiences?.length ? given.audiences : [ISSUER]
  const reference = given.boundObjectRef ?? undefined
  const request = {
    ...object,
    metadata: { ...metadata, name, namespace, uid, creationTimestamp: formatTime(now) },
    spec: { audiences, expirationSeconds: seconds, boundObjectRef: reference ?? null },
  }
  const errors = durationErrors(seconds)
  if (errors.length > 0) throw invalid(TOKEN_REQUEST, '', errors)
  admit(request)
  const binding = reference === undefined ? undefined : bindingOf(backend, namespace, name, reference)
  const projected = binding?.kind === 'pod' && seconds === PROJECTED && audiences.every((one) => one === ISSUER)
  const token = await tokens.issue({
    account,
    audiences,
    seconds: projected ? EXTENDED : seconds,
    ...(projected ? { warnAfter: seconds } : {}),
    ...(binding === undefined ? {} : { binding }),
  })
  return { ...request, status: { token, expirationTimestamp: formatTime(now + seconds * 1000) } }
}

function durationErrors(seconds: number): FieldError[] {
  const refuse = (detail: string) => [invalidValue('spec.expirationSeconds', seconds, detail)]
  if (seconds < SHORTEST) return refuse('may not specify a duration less than 10 minutes')
  if (seconds > LONGEST) return refuse('may not specify a duration larger than 2^32 seconds')
  return []
}

function mismatch(name: string, field: 'name' | 'namespace', value: string) {
  const detail = `must match the service account ${field} if specified`
  return invalid(TOKEN_REQUEST, name, [invalidValue(`metadata.${field}`, value, detail)])
}

function bindingOf(backend: Backend, namespace: string, account: string, ref: ObjectRef): Binding {
  const { kind = '', apiVersion = '', name = '' } = ref
  const slash = apiVersion.indexOf('/')
  const group = slash < 0 ? '' : apiVersion.slice(0, slash)
  const binding = group === '' ? boundTo(backend, namespace, account, kind, name) : undefined
  if (binding === undefined) {
    const version = apiVersion.slice(slash + 1)
    throw badRequest(`cannot bind token to object of type ${group}/${version}, Kind=${kind}`)
  }
  if (ref.uid !== undefined && ref.uid !== '' && ref.uid !== binding.object.metadata.uid) {
    const why = `the UID in the bound object reference (${ref.uid}) does not match the UID in record. The object might have been deleted and then recreated`
    throw conflict({ group, resource: kind }, name, why)
  }
  return binding
}

function boundTo(
  backend: Backend,
  namespace: string,
  account: string,
  kind: string,
  name: string,
): Binding | undefined {
  switch (kind) {
    case 'Secret':
      return { kind: 'secret', object: mustGet(backend, 'secrets', namespace, name) }
    case 'Node':
      return { kind: 'node', object: mustGet(backend, 'nodes', '', name) }
    case 'Pod': {
      const object = mustGet(backend, 'pods', namespace, name)
      const { serviceAccountName, nodeName } = object.spec as { serviceAccountName?: string; nodeName?: string }
      if (serviceAccountName !== account) {
        throw badRequest(
          `cannot bind token for serviceaccount "${account}" to pod running with different serviceaccount name.`,
        )
      }
      if (nodeName === undefined || nodeName === '') return { kind: 'pod', object }
      const uid = backend.store.collection({ group: '', resource: 'nodes' })?.get('', nodeName)?.metadata.uid
      return { kind: 'pod', object, node: { name: nodeName, ...(uid === undefined ? {} : { uid }) } }
    }
    default:
      return undefined
  }
}

function mustGet({ store }: Backend, resource: string, namespace: string, name: string): ApiObject {
  const of = { group: '', resource }
  const object = store.collection(of)?.get(namespace, name)
  if (object === undefined) throw notFound(of, name)
  return object
}
