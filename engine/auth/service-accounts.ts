import type { Clock } from '../clock/clock.ts'
import type { Ids } from '../clock/ids.ts'
import { notFound } from '../objects/status-error.ts'
import { parseTime } from '../objects/time.ts'
import type { ApiObject } from '../objects/types.ts'
import type { Store } from '../storage/store.ts'
import { type Claims, claimsOf, publicJwk, type SigningKey, sign, verify } from './jwt.ts'
import { quotedList } from './policy-rule.ts'
import type { UserInfo } from './user.ts'

export const ISSUER = 'https://kubernetes.default.svc.cluster.local'
const LEGACY_ISSUER = 'kubernetes/serviceaccount'
const LEGACY = 'kubernetes.io/serviceaccount/'
/** Seconds by which clocks may differ: go-jose's leeway. */
const LEEWAY = 60
/** Tokens whose signature is known to be right. */
const REMEMBERED = 256

/** What a token is bound to: it ends with that object. */
export interface Binding {
  readonly kind: 'pod' | 'secret' | 'node'
  readonly object: ApiObject
  /** Of a Pod: the node it is on, whose uid may not be known. */
  readonly node?: { readonly name: string; readonly uid?: string }
}

export interface TokenWish {
  readonly account: ApiObject
  readonly audiences: readonly string[]
  /** Seconds from now. */
  readonly seconds: number
  /** Seconds from now after which its use is stale. */
  readonly warnAfter?: number
  readonly binding?: Binding
}

export interface Verified {
  readonly user: UserInfo
  readonly audiences: readonly string[]
}

interface Reference {
  readonly name: string
  readonly uid?: string
}

/** `kubernetes.io` in the claims of a token. */
interface PrivateClaims {
  readonly namespace: string
  readonly serviceaccount: Reference
  readonly pod?: Reference
  readonly secret?: Reference
  readonly node?: Reference
}

/** Tokens of ServiceAccounts, with the claims of upstream's (1.34): made, and verified against what still lives in the store. */
export class ServiceAccountTokens {
  readonly #store: Store
  readonly #clock: Clock
  readonly #ids: Ids
  readonly #key: SigningKey
  readonly #verified = new Map<string, boolean>()

  constructor(options: {
    readonly store: Store
    readonly clock: Clock
    readonly ids: Ids
    readonly key: SigningKey
  }) {
    this.#store = options.store
    this.#clock = options.clock
    this.#ids = options.ids
    this.#key = options.key
  }

  issue({ account, audiences, seconds, warnAfter, binding }: TokenWish): Promise<string> {
    const now = Math.floor(this.#clock.now() / 1000)
    const { name, namespace = '', uid } = account.metadata
    const bound = binding === undefined ? {} : { [binding.kind]: reference(binding.object) }
    const node = binding?.kind === 'pod' && binding.node !== undefined ? { node: binding.node } : {}
    return sign(this.#key, {
      aud: audiences,
      exp: now + seconds,
      iat: now,
      iss: ISSUER,
      jti: this.#ids.uid(),
      'kubernetes.io': {
        namespace,
        ...node,
        ...bound,
        serviceaccount: { name, uid },
        ...(warnAfter === undefined ? {} : { warnafter: now + warnAfter }),
      },
      nbf: now,
      sub: username(namespace, name),
    })
  }

  /** What a Secret of type `kubernetes.io/service-account-token` holds: without an end, as long as the Secret lives and holds it. */
  issueForSecret(account: ApiObject, secret: ApiObject): Promise<string> {
    const { name, namespace = '', uid } = account.metadata
    return sign(this.#key, {
      iss: LEGACY_ISSUER,
      [`${LEGACY}namespace`]: namespace,
      [`${LEGACY}secret.name`]: secret.metadata.name,
      [`${LEGACY}service-account.name`]: name,
      [`${LEGACY}service-account.uid`]: uid,
      sub: username(namespace, name),
    })
  }

  /** Who a token stands for; undefined if it is none of ours. Throws an Error with upstream's sentence for one that does not hold (any more). */
  async verify(token: string, audiences: readonly string[] = [ISSUER]): Promise<Verified | undefined> {
    const claims = claimsOf(token)
    const issuer = claims?.iss
    if (claims === undefined || (issuer !== ISSUER && issuer !== LEGACY_ISSUER)) return undefined
    if (!(await this.#isSigned(token))) throw new Error('go-jose/go-jose: error in cryptographic primitive')
    const own = issuer === ISSUER ? listOf(claims.aud) : [ISSUER]
    const common = own.filter((audience) => audiences.includes(audience))
    if (common.length === 0) {
      throw new Error(`token audiences ${quotedList(own)} is invalid for the target audiences ${quotedList(audiences)}`)
    }
    const user = issuer === ISSUER ? this.#current(claims) : this.#legacy(claims, token)
    return { user, audiences: common }
  }

  /** `/openid/v1/jwks`. */
  async keySet(): Promise<{ readonly keys: readonly unknown[] }> {
    return { keys: [await publicJwk(this.#key)] }
  }

  /** `/.well-known/openid-configuration`; `server` is how clients reach the API. */
  openIdConfiguration(server: string): object {
    return {
      issuer: ISSUER,
      jwks_uri: `${server}/openid/v1/jwks`,
      response_types_supported: ['id_token'],
      subject_types_supported: ['public'],
      id_token_signing_alg_values_supported: [this.#key.algorithm],
    }
  }

  async #isSigned(token: string): Promise<boolean> {
    if (this.#verified.has(token)) return true
    if (!(await verify(this.#key, token))) return false
    const [oldest] = this.#verified.keys()
    if (this.#verified.size >= REMEMBERED && oldest !== undefined) this.#verified.delete(oldest)
    this.#verified.set(token, true)
    return true
  }

  #current(claims: Claims): UserInfo {
    const now = this.#clock.now() / 1000
    const at = (name: string): number => Number(claims[name] ?? 0)
    if (at('nbf') > now + LEEWAY) throw new Error('service account token is not valid yet')
    if (at('exp') < now - LEEWAY) throw new Error('service account token has expired')
    if (at('iat') > now + LEEWAY) throw new Error('service account token is issued in the future')
    const { namespace, serviceaccount, secret, pod, node } = claims['kubernetes.io'] as PrivateClaims
    const account = this.#get('serviceaccounts', namespace, serviceaccount.name)
    if (account === undefined) throw notFound({ group: '', resource: 'serviceaccounts' }, serviceaccount.name)
    const { uid } = account.metadata
    if (uid !== serviceaccount.uid) {
      throw new Error(`service account UID (${uid}) does not match claim (${serviceaccount.uid})`)
    }
    if (this.#isGone(account)) throw new Error(`service account ${namespace}/${serviceaccount.name} has been deleted`)
    if (secret !== undefined) this.#mustLive('secrets', namespace, secret, 'secret', 'secret')
    if (pod !== undefined) this.#mustLive('pods', namespace, pod, 'pod', 'pod')
    if (node !== undefined && pod === undefined) this.#mustLive('nodes', '', node, 'node', 'node')
    const jti = claims.jti
    return {
      ...accountUser(namespace, serviceaccount.name, uid),
      extra: {
        ...(typeof jti === 'string' ? { [`${AUTHENTICATION}credential-id`]: [`JTI=${jti}`] } : {}),
        ...(node === undefined ? {} : { [`${AUTHENTICATION}node-name`]: [node.name] }),
        ...(node?.uid === undefined ? {} : { [`${AUTHENTICATION}node-uid`]: [node.uid] }),
        ...(pod === undefined ? {} : { [`${AUTHENTICATION}pod-name`]: [pod.name] }),
        ...(pod?.uid === undefined ? {} : { [`${AUTHENTICATION}pod-uid`]: [pod.uid] }),
      },
    }
  }

  #legacy(claims: Claims, token: string): UserInfo {
    const claim = (name: string): string => String(claims[`${LEGACY}${name}`] ?? '')
    const namespace = claim('namespace')
    const name = claim('service-account.name')
    const secret = this.#get('secrets', namespace, claim('secret.name'))
    if (secret === undefined || secret.metadata.deletionTimestamp !== undefined) {
      throw new Error('Token has been invalidated')
    }
    const held = (secret.data as Record<string, string> | undefined)?.token
    if (held !== btoa(token)) throw new Error("Token does not match server's copy")
    const account = this.#get('serviceaccounts', namespace, name)
    if (account === undefined) throw notFound({ group: '', resource: 'serviceaccounts' }, name)
    if (account.metadata.deletionTimestamp !== undefined) {
      throw new Error(`ServiceAccount ${namespace}/${name} has been deleted`)
    }
    const { uid } = account.metadata
    const claimed = claim('service-account.uid')
    if (uid !== claimed) throw new Error(`ServiceAccount UID (${uid}) does not match claim (${claimed})`)
    return accountUser(namespace, name, uid)
  }

  #mustLive(resource: string, namespace: string, claimed: Reference, what: string, claim: string): void {
    const object = this.#get(resource, namespace, claimed.name)
    const invalidated = 'service account token has been invalidated'
    if (object === undefined) throw new Error(invalidated)
    const { uid } = object.metadata
    if (uid !== claimed.uid) {
      throw new Error(`${what} UID (${uid}) does not match service account ${claim} ref claim (${claimed.uid})`)
    }
    if (this.#isGone(object)) throw new Error(invalidated)
  }

  /** Whether its deletion is longer ago than clocks may differ. */
  #isGone({ metadata: { deletionTimestamp } }: ApiObject): boolean {
    const since = deletionTimestamp === undefined ? undefined : parseTime(deletionTimestamp)
    return since !== undefined && since < this.#clock.now() - LEEWAY * 1000
  }

  #get(resource: string, namespace: string, name: string): ApiObject | undefined {
    return this.#store.collection({ group: '', resource })?.get(namespace, name)
  }
}

const AUTHENTICATION = 'authentication.kubernetes.io/'

const username = (namespace: string, name: string): string => `system:serviceaccount:${namespace}:${name}`

/** Without `system:authenticated`. */
export function accountGroups(namespace: string): string[] {
  return ['system:serviceaccounts', `system:serviceaccounts:${namespace}`]
}

function accountUser(namespace: string, name: string, uid: string): UserInfo {
  return { username: username(namespace, name), uid, groups: accountGroups(namespace) }
}

const reference = ({ metadata: { name, uid } }: ApiObject): Reference => ({ name, uid })

const listOf = (value: unknown): readonly string[] => (Array.isArray(value) ? value.map(String) : [String(value ?? '')])
