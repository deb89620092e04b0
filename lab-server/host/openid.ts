/**
 * Hosts sign in by OpenID Connect: the code flow with PKCE, state and nonce. All three are made of one secret in a cookie of the
 * browser that began, so that nothing is kept here and nobody can finish what another began.
 */
import { createHash, createHmac } from 'node:crypto'
import * as client from 'openid-client'
import { LONGEST_NAME } from '../../protocol/workshop.ts'
import { type Config, isLoopback } from '../config.ts'
import { ReaderError } from '../errors.ts'
import type { Ids } from '../ids.ts'
import type { Logger } from '../log.ts'
import type { Host } from './sign-ins.ts'

export interface OpenIdConfig {
  issuer: string
  clientId: string
  /** Undefined for a public client. */
  clientSecret: string | undefined
  /** Who may host: these addresses (`ada@example.org`), or all of a domain (`@example.org`). */
  emails: readonly string[]
  /** Or whoever is in one of these groups. */
  groups: readonly string[]
  /** The claim that names the groups. */
  groupsClaim: string
  /** What is asked for, with spaces between. */
  scopes: string
}

export interface OpenId {
  /**
   * @param origin of this server, as the browser has it
   * @returns where the browser is sent, and what its cookie keeps meanwhile
   */
  begin(origin: string): Promise<{ location: string; flow: string }>
  /**
   * @param callback the query with which the browser came back
   * @param flow of its cookie
   * @throws {ReaderError} not-signed-in (403), openid-unavailable (502)
   */
  finish(callback: string, flow: string | undefined, origin: string): Promise<Host>
}

/** Seconds that a person has to sign in there. */
export const FLOW_SECONDS = 600
/** The page that the browser comes back to; it must be registered there. */
const CALLBACK = '/room/'
/** Seconds for each answer of the provider. */
const ANSWER_WITHIN = 10

export function createOpenId(options: {
  config: OpenIdConfig
  ids: Pick<Ids, 'secret'>
  log: Logger
  /** State, nonce and verifier are made with it. */
  key: Buffer
}): OpenId {
  const { config, ids, log, key } = options
  let found: Promise<client.Configuration> | undefined

  /** Asked once; again if it did not answer. */
  const provider = () => {
    found ??= discover(config)
    found.catch(() => {
      found = undefined
    })
    return found.catch((error: unknown) => {
      throw unavailable(error)
    })
  }
  const unavailable = (error: unknown) => {
    log.error({ err: error, issuer: config.issuer }, 'the OpenID provider does not answer as it should')
    return unreachable()
  }
  /** 43 characters each, which is what a verifier must have. */
  const made = (of: 'state' | 'nonce' | 'verifier', flow: string) =>
    createHmac('sha256', key).update(`${of} ${flow}`).digest('base64url')

  return {
    async begin(origin) {
      const flow = ids.secret()
      const found = await provider().catch(() => undefined)
      // As the provider itself would say it, on the page where that is shown.
      if (!found) return { location: `${origin}${CALLBACK}?error=temporarily_unavailable&state=none`, flow }
      const location = client.buildAuthorizationUrl(found, {
        redirect_uri: origin + CALLBACK,
        scope: config.scopes,
        code_challenge: await client.calculatePKCECodeChallenge(made('verifier', flow)),
        code_challenge_method: 'S256',
        state: made('state', flow),
        nonce: made('nonce', flow),
      })
      return { location: location.href, flow }
    },
    async finish(callback, flow, origin) {
      if (new URLSearchParams(callback).get('error') === 'temporarily_unavailable') throw unreachable()
      if (flow === undefined) throw refused('This sign-in was begun in another browser, or too long ago: begin again.')
      const configuration = await provider()
      const claims = await claimsOf(configuration, new URL(origin + CALLBACK + asQuery(callback)), {
        pkceCodeVerifier: made('verifier', flow),
        expectedState: made('state', flow),
        expectedNonce: made('nonce', flow),
        idTokenExpected: true,
      }).catch((error: unknown) => {
        throw refusalOf(error) ?? unavailable(error)
      })
      if (!mayHost(claims, config)) {
        log.warn({ host: idOf(config.issuer, claims.sub) }, 'somebody who may not host has signed in')
        throw refused('You have signed in, but you are not among those who may host here.')
      }
      return { id: idOf(config.issuer, claims.sub), name: nameOf(claims) }
    },
  }
}

async function discover({ issuer, clientId, clientSecret }: OpenIdConfig): Promise<client.Configuration> {
  const url = new URL(issuer)
  const mayBePlain = url.protocol === 'http:' && isLoopback(url.hostname)
  const discovered = await client.discovery(url, clientId, undefined, client.None(), {
    timeout: ANSWER_WITHIN,
    ...(mayBePlain ? { execute: [client.allowInsecureRequests] } : {}),
  })
  const metadata = discovered.serverMetadata()
  // Left out, it is Basic, says OpenID Connect.
  const methods = metadata.token_endpoint_auth_methods_supported ?? ['client_secret_basic']
  const proof =
    clientSecret === undefined
      ? client.None()
      : methods.includes('client_secret_basic')
        ? client.ClientSecretBasic(clientSecret)
        : client.ClientSecretPost(clientSecret)
  const configuration = new client.Configuration(metadata, clientId, undefined, proof)
  configuration.timeout = ANSWER_WITHIN
  if (mayBePlain) client.allowInsecureRequests(configuration)
  return configuration
}

interface Claims {
  sub: string
  [claim: string]: unknown
}

/** Of the ID token; what that does not say, the provider is asked for. */
async function claimsOf(
  configuration: client.Configuration,
  url: URL,
  checks: client.AuthorizationCodeGrantChecks,
): Promise<Claims> {
  const tokens = await client.authorizationCodeGrant(configuration, url, checks)
  const claims = tokens.claims()
  if (!claims) throw new Error('there is no ID token')
  if (configuration.serverMetadata().userinfo_endpoint === undefined) return claims
  return { ...(await client.fetchUserInfo(configuration, tokens.access_token, claims.sub)), ...claims }
}

/** Undefined: it is the provider's fault, or ours. */
function refusalOf(error: unknown): ReaderError | undefined {
  if (error instanceof client.AuthorizationResponseError) {
    return error.error === 'server_error' ? undefined : refused('You have not signed in there.')
  }
  // State, nonce, code or what else was brought does not fit what this browser began.
  if (error instanceof client.ResponseBodyError && error.error === 'invalid_grant') return refused(ANOTHER)
  const code = error instanceof Error && 'code' in error ? error.code : undefined
  return code === 'OAUTH_INVALID_RESPONSE' || code === 'OAUTH_JWT_CLAIM_COMPARISON_FAILED'
    ? refused(ANOTHER)
    : undefined
}

const unreachable = () =>
  new ReaderError('openid-unavailable', 'Signing in elsewhere does not work at this moment: try again.', {
    status: 502,
  })

const ANOTHER = 'This is not the answer to a sign-in that this browser began: begin again.'

const refused = (message: string) => new ReaderError('not-signed-in', message, { status: 403 })

const asQuery = (callback: string) => `?${callback.replace(/^\?/, '').replaceAll('#', '%23')}`

/** An address counts once the provider has seen that it is theirs: elsewhere anybody can write any. */
export function mayHost(claims: Claims, { emails, groups, groupsClaim }: OpenIdConfig): boolean {
  const email = claims.email_verified === true && typeof claims.email === 'string' ? claims.email.toLowerCase() : ''
  const allowed = emails.map((one) => one.toLowerCase())
  if (
    email !== '' &&
    allowed.some((one) => (one.startsWith('@') ? email.slice(email.lastIndexOf('@')) : email) === one)
  )
    return true
  const claimed = claims[groupsClaim]
  const own = typeof claimed === 'string' ? [claimed] : Array.isArray(claimed) ? claimed : []
  return groups.some((group) => own.includes(group))
}

/** Stays the same for this person, and says nothing of them. */
const idOf = (issuer: string, sub: string) =>
  `openid-${createHash('sha256').update(`${issuer}\n${sub}`).digest('base64url').slice(0, 22)}`

/** One line of plain text, as participants see it. */
function nameOf(claims: Claims): string {
  const given = [claims.name, claims.preferred_username, claims.email].find((one) => typeof one === 'string') as
    | string
    | undefined
  const plain = (given ?? '').replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, '').trim()
  return [...plain].slice(0, LONGEST_NAME).join('') || 'Host'
}

/** Of the settings, which have been checked together; undefined if there is no provider. */
export function openIdOf(config: Config): OpenIdConfig | undefined {
  const { openidIssuer, openidClientId } = config
  if (openidIssuer === undefined || openidClientId === undefined) return undefined
  return {
    issuer: openidIssuer,
    clientId: openidClientId,
    clientSecret: config.openidClientSecret,
    emails: config.openidEmails ?? [],
    groups: config.openidGroups ?? [],
    groupsClaim: config.openidGroupsClaim,
    scopes: config.openidScopes,
  }
}
