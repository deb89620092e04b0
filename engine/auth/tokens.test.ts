import { describe, expect, it } from 'vitest'
import { StatusError } from '../objects/status-error.ts'
import type { NewObject } from '../objects/types.ts'
import { ANONYMOUS, ChainedAuthenticator } from './authenticate.ts'
import { claimsOf, generateSigningKey, type JwtAlgorithm } from './jwt.ts'
import { tokenReview } from './reviews.ts'
import { ISSUER, ServiceAccountTokens } from './service-accounts.ts'
import { testCluster } from './testing.ts'
import { createToken } from './token-request.ts'

async function cluster(algorithm: JwtAlgorithm = 'ES256') {
  const made = testCluster()
  const { put, backend } = made
  const bot = put({ kind: 'ServiceAccount', metadata: { name: 'bot', namespace: 'team' } })
  put({ kind: 'ServiceAccount', metadata: { name: 'other', namespace: 'team' } })
  put({ kind: 'Secret', metadata: { name: 'bound', namespace: 'team', uid: 'secret-uid' } })
  put({ kind: 'Node', metadata: { name: 'worker', uid: 'node-uid' } })
  put({
    kind: 'Pod',
    metadata: { name: 'p', namespace: 'team', uid: 'pod-uid' },
    spec: { serviceAccountName: 'bot', nodeName: 'worker', containers: [] },
  })
  const tokens = new ServiceAccountTokens({ ...backend, key: await generateSigningKey(algorithm) })
  const request = (spec: object, metadata: object = {}, name = 'bot') =>
    createToken(backend, tokens, 'team', name, {
      apiVersion: 'authentication.k8s.io/v1',
      kind: 'TokenRequest',
      metadata,
      spec,
    })
  const authenticator = new ChainedAuthenticator({
    serviceAccounts: tokens,
    tokens: new Map([['secret', { username: 'alice', groups: ['devs'] }]]),
  })
  const issue = async (spec: object = {}) => ((await request(spec)).status as { token: string }).token
  return { ...made, bot, tokens, request, issue, authenticator }
}

const POD = { apiVersion: 'v1', kind: 'Pod', name: 'p' }

describe('a TokenRequest', () => {
  it('is answered with a token that carries the claims of upstream', async () => {
    const { request, bot } = await cluster()
    const answer = await request({})
    expect(answer).toEqual({
      apiVersion: 'authentication.k8s.io/v1',
      kind: 'TokenRequest',
      metadata: { name: 'bot', namespace: 'team', uid: bot.metadata.uid, creationTimestamp: '2026-01-01T00:00:00Z' },
      spec: { audiences: [ISSUER], expirationSeconds: 3600, boundObjectRef: null },
      status: { token: expect.any(String), expirationTimestamp: '2026-01-01T01:00:00Z' },
    })
    const now = Date.UTC(2026, 0, 1) / 1000
    expect(claimsOf((answer.status as { token: string }).token)).toEqual({
      aud: [ISSUER],
      exp: now + 3600,
      iat: now,
      iss: ISSUER,
      jti: expect.any(String),
      'kubernetes.io': { namespace: 'team', serviceaccount: { name: 'bot', uid: bot.metadata.uid } },
      nbf: now,
      sub: 'system:serviceaccount:team:bot',
    })
  })

  it('of a kubelet is good for a year, and stale after what it asked for', async () => {
    const { request } = await cluster()
    const answer = await request({ boundObjectRef: POD, expirationSeconds: 3607 })
    const claims = claimsOf((answer.status as { token: string }).token)
    const now = Date.UTC(2026, 0, 1) / 1000
    expect(claims).toMatchObject({
      exp: now + 365 * 24 * 3600,
      'kubernetes.io': {
        node: { name: 'worker', uid: 'node-uid' },
        pod: { name: 'p', uid: 'pod-uid' },
        warnafter: now + 3607,
      },
    })
    expect(answer.status).toMatchObject({ expirationTimestamp: '2026-01-01T01:00:07Z' })
  })

  it.each<[string, object, object, string | undefined, number, string]>([
    [
      'too short',
      { expirationSeconds: 1 },
      {},
      'bot',
      422,
      'TokenRequest.authentication.k8s.io "" is invalid: spec.expirationSeconds: Invalid value: 1: may not specify a duration less than 10 minutes',
    ],
    [
      'too long',
      { expirationSeconds: 4294967297 },
      {},
      'bot',
      422,
      'TokenRequest.authentication.k8s.io "" is invalid: spec.expirationSeconds: Invalid value: 4294967297: may not specify a duration larger than 2^32 seconds',
    ],
    ['for nobody', {}, {}, 'absent', 404, 'serviceaccounts "absent" not found'],
    [
      'for another name',
      {},
      { name: 'other' },
      'bot',
      422,
      'TokenRequest.authentication.k8s.io "bot" is invalid: metadata.name: Invalid value: "other": must match the service account name if specified',
    ],
    [
      'for another uid',
      {},
      { uid: 'other' },
      'bot',
      409,
      'Operation cannot be fulfilled on TokenRequest.authentication.k8s.io "bot": the UID in the token request (other) does not match the UID of the service account (UID)',
    ],
    ['bound to no Pod', { boundObjectRef: { ...POD, name: 'absent' } }, {}, 'bot', 404, 'pods "absent" not found'],
    [
      'bound to a ConfigMap',
      { boundObjectRef: { apiVersion: 'v1', kind: 'ConfigMap', name: 'x' } },
      {},
      'bot',
      400,
      'cannot bind token to object of type /v1, Kind=ConfigMap',
    ],
    [
      'bound to a Deployment',
      { boundObjectRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'x' } },
      {},
      'bot',
      400,
      'cannot bind token to object of type apps/v1, Kind=Deployment',
    ],
    [
      'bound to another uid',
      { boundObjectRef: { apiVersion: 'v1', kind: 'Secret', name: 'bound', uid: 'wrong' } },
      {},
      'bot',
      409,
      'Operation cannot be fulfilled on Secret "bound": the UID in the bound object reference (wrong) does not match the UID in record. The object might have been deleted and then recreated',
    ],
    [
      "bound to somebody else's Pod",
      { boundObjectRef: POD },
      {},
      'other',
      400,
      'cannot bind token for serviceaccount "other" to pod running with different serviceaccount name.',
    ],
  ])('%s is refused', async (_, spec, metadata, name, code, message) => {
    const { request, bot } = await cluster()
    const failure = await request(spec, metadata, name).then(
      () => undefined,
      (error: unknown) => error,
    )
    expect(failure).toBeInstanceOf(StatusError)
    expect(failure).toMatchObject({ code, message: message.replace('UID)', `${bot.metadata.uid})`) })
  })
})

describe('a token', () => {
  const reviewOf = async (authenticator: ChainedAuthenticator, token: string, audiences?: readonly string[]) => {
    const spec = { token, ...(audiences === undefined ? {} : { audiences }) }
    const object: NewObject = { apiVersion: 'authentication.k8s.io/v1', kind: 'TokenReview', metadata: {}, spec }
    return (await tokenReview(authenticator, object)).status
  }

  it.each<JwtAlgorithm>(['ES256', 'RS256'])('signed with %s stands for its account', async (algorithm) => {
    const { issue, authenticator, bot } = await cluster(algorithm)
    const token = await issue()
    expect(await authenticator.authenticate({ bearerToken: token })).toEqual({
      username: 'system:serviceaccount:team:bot',
      uid: bot.metadata.uid,
      groups: ['system:serviceaccounts', 'system:serviceaccounts:team', 'system:authenticated'],
      extra: { 'authentication.kubernetes.io/credential-id': [`JTI=${claimsOf(token)?.jti}`] },
    })
  })

  it('tells of the Pod and the node that it is bound to', async () => {
    const { issue, authenticator } = await cluster()
    const user = await authenticator.authenticate({ bearerToken: await issue({ boundObjectRef: POD }) })
    expect(user?.extra).toMatchObject({
      'authentication.kubernetes.io/pod-name': ['p'],
      'authentication.kubernetes.io/pod-uid': ['pod-uid'],
      'authentication.kubernetes.io/node-name': ['worker'],
      'authentication.kubernetes.io/node-uid': ['node-uid'],
    })
  })

  it('ends with its time, with its account and with what it is bound to', async () => {
    const { issue, authenticator, store, clock, put } = await cluster()
    const plain = await issue({ expirationSeconds: 600 })
    const bound = await issue({ boundObjectRef: { apiVersion: 'v1', kind: 'Secret', name: 'bound' } })
    await clock.step(600_000 + 59_000)
    expect(await reviewOf(authenticator, plain)).toMatchObject({ authenticated: true })
    await clock.step(2_000)
    expect(await reviewOf(authenticator, plain)).toEqual({
      user: {},
      error: '[invalid bearer token, service account token has expired]',
    })
    expect(await reviewOf(authenticator, bound)).toMatchObject({ authenticated: true })
    store.collection({ group: '', resource: 'secrets' })?.remove('team/bound')
    expect(await reviewOf(authenticator, bound)).toEqual({
      user: {},
      error: '[invalid bearer token, service account token has been invalidated]',
    })
    const fresh = await issue()
    put({ kind: 'ServiceAccount', metadata: { name: 'bot', namespace: 'team', uid: 'new' } })
    expect(await reviewOf(authenticator, fresh)).toEqual({
      user: {},
      error: expect.stringMatching(
        /^\[invalid bearer token, service account UID \(new\) does not match claim \(.*\)\]$/,
      ),
    })
    await expect(authenticator.authenticate({ bearerToken: fresh })).rejects.toMatchObject({
      code: 401,
      message: 'Unauthorized',
    })
  })

  it('is refused for other audiences, with a wrong signature and as nonsense', async () => {
    const { issue, authenticator } = await cluster()
    const token = await issue()
    expect(await reviewOf(authenticator, token, ['vault'])).toEqual({
      user: {},
      error: `[invalid bearer token, token audiences ["${ISSUER}"] is invalid for the target audiences ["vault"]]`,
    })
    expect(await reviewOf(authenticator, token, ['vault', ISSUER])).toMatchObject({ audiences: [ISSUER] })
    const forged = `${token.slice(0, -4)}AAAA`
    expect(await reviewOf(authenticator, forged)).toEqual({
      user: {},
      error: '[invalid bearer token, go-jose/go-jose: error in cryptographic primitive]',
    })
    expect(await reviewOf(authenticator, 'nonsense')).toEqual({ user: {}, error: 'invalid bearer token' })
    await expect(reviewOf(authenticator, '')).rejects.toMatchObject({
      code: 400,
      message: 'token is required for TokenReview in authentication',
    })
  })

  it('of a Secret holds as long as the Secret holds it', async () => {
    const { tokens, authenticator, bot, put, store } = await cluster()
    const metadata = { name: 'forever', namespace: 'team' }
    const secret = put({ kind: 'Secret', metadata, type: 'kubernetes.io/service-account-token' })
    const token = await tokens.issueForSecret(bot, secret)
    expect(await reviewOf(authenticator, token)).toMatchObject({
      error: "[invalid bearer token, Token does not match server's copy]",
    })
    put({ kind: 'Secret', metadata, data: { token: btoa(token) } })
    expect(await reviewOf(authenticator, token)).toMatchObject({ authenticated: true })
    store.collection({ group: '', resource: 'secrets' })?.remove('team/forever')
    expect(await reviewOf(authenticator, token)).toMatchObject({
      error: '[invalid bearer token, Token has been invalidated]',
    })
  })
})

describe('who asks', () => {
  it('is found by certificate before token, and is anonymous without either', async () => {
    const { authenticator } = await cluster()
    const certificate = { commonName: 'eve', organizations: ['ops'], sha256: 'ab' }
    expect(await authenticator.authenticate({ certificate, bearerToken: 'secret' })).toEqual({
      username: 'eve',
      groups: ['ops', 'system:authenticated'],
      extra: { 'authentication.kubernetes.io/credential-id': ['X509SHA256=ab'] },
    })
    expect(await authenticator.authenticate({ bearerToken: 'secret' })).toEqual({
      username: 'alice',
      groups: ['devs', 'system:authenticated'],
    })
    expect(await authenticator.authenticate({})).toEqual(ANONYMOUS)
    await expect(new ChainedAuthenticator({ anonymous: false }).authenticate({})).rejects.toMatchObject({ code: 401 })
  })
})
