import { describe, expect, it } from 'vitest'
import type { AdmissionAttributes, AdmissionPlugin } from '../admission/plugin.ts'
import type { Authenticator, AuthorizationAttributes, Authorizer } from '../auth/user.ts'
import { forbidden, unauthorized } from '../objects/status-error.ts'
import { CONFIGMAPS, configMap, DEPLOYMENTS, deployment, fixture } from './fixture.testing.ts'

/** The token is the name. */
const authenticator: Authenticator = {
  async authenticate({ bearerToken }) {
    if (bearerToken === 'wrong') throw unauthorized()
    return bearerToken === undefined ? undefined : { username: bearerToken, groups: ['system:authenticated'] }
  },
}

function asked(allows: (attributes: AuthorizationAttributes) => boolean) {
  const questions: AuthorizationAttributes[] = []
  const authorizer: Authorizer = {
    authorize(attributes) {
      questions.push(attributes)
      return { allowed: allows(attributes), reason: '' }
    },
  }
  return { questions, ...fixture({ guards: () => ({ authenticator, authorizer }) }) }
}

describe('who asks', () => {
  it('must be known', async () => {
    const { client } = asked(() => true)
    for (const options of [{}, { token: 'wrong' }]) {
      const answer = await client.ask('GET', CONFIGMAPS, options)
      expect(answer.status).toBe(401)
      expect(answer.json).toMatchObject({ reason: 'Unauthorized', message: 'Unauthorized' })
    }
    expect((await client.ask('GET', CONFIGMAPS, { token: 'ann' })).status).toBe(200)
  })

  it.each([
    [
      'GET',
      CONFIGMAPS,
      'list',
      'configmaps is forbidden: User "ann" cannot list resource "configmaps" in API group "" in the namespace "default"',
    ],
    [
      'GET',
      `${CONFIGMAPS}/a`,
      'get',
      'configmaps "a" is forbidden: User "ann" cannot get resource "configmaps" in API group "" in the namespace "default"',
    ],
    [
      'GET',
      '/api/v1/nodes?watch=1',
      'watch',
      'nodes is forbidden: User "ann" cannot watch resource "nodes" in API group "" at the cluster scope',
    ],
    [
      'DELETE',
      DEPLOYMENTS,
      'deletecollection',
      'deployments.apps is forbidden: User "ann" cannot deletecollection resource "deployments" in API group "apps" in the namespace "default"',
    ],
    [
      'PATCH',
      `${DEPLOYMENTS}/a/scale`,
      'patch',
      'deployments.apps "a" is forbidden: User "ann" cannot patch resource "deployments/scale" in API group "apps" in the namespace "default"',
    ],
    ['GET', '/metrics', 'get', 'forbidden: User "ann" cannot get path "/metrics"'],
  ])('may not %s %s', async (method, path, verb, message) => {
    const { client, questions } = asked(() => false)
    const answer = await client.ask(method, path, { token: 'ann' })
    expect({ status: answer.status, message: answer.json.message }).toEqual({ status: 403, message })
    expect(questions).toMatchObject([{ verb, user: { username: 'ann' } }])
  })

  it('needs to be allowed to create where an update creates', async () => {
    const { client } = asked(({ verb }) => verb !== 'create')
    const path = '/apis/coordination.k8s.io/v1/namespaces/default/leases/a'
    const lease = { apiVersion: 'coordination.k8s.io/v1', kind: 'Lease', metadata: { name: 'a' }, spec: {} }
    const answer = await client.ask('PUT', path, { token: 'ann', body: lease })
    expect(answer.json.message).toBe(
      'leases.coordination.k8s.io "a" is forbidden: User "ann" cannot create resource "leases" in API group "coordination.k8s.io" in the namespace "default"',
    )
  })

  it('may be someone else', async () => {
    const { client, questions } = asked(({ verb }) => verb !== 'delete')
    const headers = { 'impersonate-user': 'bob', 'impersonate-group': 'dev' }
    const answer = await client.ask('GET', CONFIGMAPS, { token: 'ann', headers })
    expect(answer.status).toBe(200)
    expect(questions.at(-1)).toMatchObject({ verb: 'list', user: { username: 'bob' } })
    expect(questions.map(({ verb }) => verb)).toEqual(['impersonate', 'impersonate', 'list'])
  })
})

describe('admission', () => {
  function admitted(...plugins: Partial<AdmissionPlugin>[]) {
    const admission = plugins.map((plugin) => ({ name: 'Test', ...plugin }))
    return fixture({ guards: () => ({ admission }) })
  }

  it('changes objects before they are filled in and checked, and sees them after', async () => {
    const seen: AdmissionAttributes[] = []
    const { client } = admitted(
      { mutate: ({ object }) => ({ ...object, spec: { ...(object?.spec as object), replicas: undefined } }) as never },
      { validate: (attributes) => void seen.push(attributes) },
    )
    const answer = await client.post(`${DEPLOYMENTS}?fieldManager=me`, deployment('a', { replicas: 7 }))
    expect(answer.json.spec.replicas).toBe(1)
    expect(seen).toMatchObject([
      {
        operation: 'CREATE',
        resource: { group: 'apps', resource: 'deployments' },
        kind: { group: 'apps', version: 'v1', kind: 'Deployment' },
        namespace: 'default',
        name: 'a',
        subresource: '',
        options: { fieldManager: 'me' },
        dryRun: false,
        object: { spec: { replicas: 1 } },
      },
    ])
  })

  it('sees updates with what was there, and deletions without what comes', async () => {
    const seen: AdmissionAttributes[] = []
    const { client } = admitted({ validate: (attributes) => void seen.push(attributes) })
    await client.post(CONFIGMAPS, configMap('a'))
    await client.patch(`${CONFIGMAPS}/a?dryRun=All`, 'merge', { data: { x: 'y' } })
    await client.patch(`${CONFIGMAPS}/b?fieldManager=me`, 'apply', configMap('b'))
    await client.delete(`${CONFIGMAPS}/a`, { gracePeriodSeconds: 3 })
    await client.delete(CONFIGMAPS)
    expect(seen.map(({ operation, name, dryRun }) => `${operation} ${name} ${dryRun}`)).toEqual([
      'CREATE a false',
      'UPDATE a true',
      'CREATE b false',
      'DELETE a false',
      'DELETE b false',
    ])
    expect(seen[1]).toMatchObject({ oldObject: { kind: 'ConfigMap' }, object: { data: { x: 'y' } } })
    expect(seen[2]?.oldObject).toBeUndefined()
    expect(seen[3]).toMatchObject({ oldObject: { kind: 'ConfigMap' }, options: { gracePeriodSeconds: 3 } })
    expect(seen[3]?.object).toBeUndefined()
  })

  it('refuses, and says more than that', async () => {
    const { client } = admitted({
      validate({ resource, name, warn, operation }) {
        warn('look out')
        if (operation === 'UPDATE') throw forbidden(resource, name, 'not today')
      },
    })
    const created = await client.post(CONFIGMAPS, configMap('a'))
    expect(created.headers.Warning).toEqual(['299 - "look out"'])
    const refused = await client.put(`${CONFIGMAPS}/a`, configMap('a', { x: 'y' }))
    expect(refused.json.message).toBe('configmaps "a" is forbidden: not today')
    expect(refused.headers.Warning).toEqual(['299 - "look out"'])
    expect((await client.get(`${CONFIGMAPS}/a`)).json.data).toBeUndefined()
  })

  it('that breaks is our fault, told as a 500, and nothing is written', async () => {
    const { client, reported } = admitted({
      validate() {
        throw new TypeError('oops')
      },
    })
    const answer = await client.post(CONFIGMAPS, configMap('a'))
    expect(answer.json).toMatchObject({ code: 500, reason: 'InternalError', message: 'Internal error occurred: oops' })
    expect(reported).toHaveLength(1)
    expect((await client.get(`${CONFIGMAPS}/a`)).status).toBe(404)
  })

  it('that ends because nobody waits any more is no fault', async () => {
    const abort = new AbortController()
    const { client, reported } = admitted({
      validate() {
        abort.abort(new Error('Nobody waits for it any more.'))
        throw abort.signal.reason
      },
    })
    await client.raw('POST', CONFIGMAPS, { body: configMap('a') }, abort.signal)
    expect(reported).toEqual([])
  })
})

describe('keys of service accounts', () => {
  it('are not told where there are none', async () => {
    const { client } = fixture()
    expect((await client.get('/openid/v1/jwks')).status).toBe(404)
  })
})
