import { unauthorized } from '../objects/status-error.ts'
import { aggregateSentences } from './sentences.ts'
import { ISSUER, type ServiceAccountTokens, type Verified } from './service-accounts.ts'
import type { Authenticator, Credentials, UserInfo } from './user.ts'

export const ANONYMOUS: UserInfo = { username: 'system:anonymous', groups: ['system:unauthenticated'] }
const AUTHENTICATED = 'system:authenticated'
const UNAUTHENTICATED = 'system:unauthenticated'

export interface AuthenticationOptions {
  /** Users by their bearer token: upstream's static token file. */
  readonly tokens?: ReadonlyMap<string, UserInfo>
  readonly serviceAccounts?: ServiceAccountTokens
  /** Whether requests without credentials are `system:anonymous`; true if not said. Otherwise they are refused. */
  readonly anonymous?: boolean
}

/** What becomes of a token: who it stands for and for which audiences, or why not. */
export type TokenAnswer = Verified | { readonly error: string }

/** Finds who asks as upstream's chain of authenticators does (1.34): client certificate, then bearer token, then anonymous. */
export class ChainedAuthenticator implements Authenticator {
  readonly #tokens: ReadonlyMap<string, UserInfo>
  readonly #serviceAccounts: ServiceAccountTokens | undefined
  readonly #anonymous: boolean

  constructor({ tokens, serviceAccounts, anonymous }: AuthenticationOptions) {
    this.#tokens = tokens ?? new Map()
    this.#serviceAccounts = serviceAccounts
    this.#anonymous = anonymous ?? true
  }

  async authenticate({ certificate, bearerToken }: Credentials): Promise<UserInfo | undefined> {
    if (certificate !== undefined) {
      const { commonName, organizations, sha256 } = certificate
      const extra =
        sha256 === undefined
          ? {}
          : { extra: { 'authentication.kubernetes.io/credential-id': [`X509SHA256=${sha256}`] } }
      return authenticated({ username: commonName, groups: organizations, ...extra })
    }
    if (bearerToken !== undefined && bearerToken !== '') {
      const answer = await this.review(bearerToken, [ISSUER])
      if ('error' in answer) throw unauthorized()
      return answer.user
    }
    if (!this.#anonymous) throw unauthorized()
    return ANONYMOUS
  }

  /** What TokenReview asks: a token alone, for these audiences. */
  async review(token: string, audiences: readonly string[]): Promise<TokenAnswer> {
    const user = this.#tokens.get(token)
    if (user !== undefined) return { user: authenticated(user), audiences }
    const errors = ['invalid bearer token']
    try {
      const verified = await this.#serviceAccounts?.verify(token, audiences)
      if (verified !== undefined) return { ...verified, user: authenticated(verified.user) }
    } catch (error) {
      errors.push((error as Error).message)
    }
    return { error: aggregateSentences(errors) }
  }
}

function authenticated(user: UserInfo): UserInfo {
  const { groups } = user
  if (user.username === ANONYMOUS.username) return user
  if (groups.includes(AUTHENTICATED) || groups.includes(UNAUTHENTICATED)) return user
  return { ...user, groups: [...groups, AUTHENTICATED] }
}
