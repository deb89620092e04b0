import { describe, expect, it } from 'vitest'
import { DEPLOYMENTS, fixture, PODS } from './fixture.testing.ts'

const NOT_FOUND = 'the server could not find the requested resource'
const NOT_ALLOWED = 'the server does not allow this method on the requested resource'

describe('paths', () => {
  it.each([
    ['GET', '/api/v1/chairs', 404, NOT_FOUND],
    ['GET', '/api/v1/namespaces/default/chairs/a', 404, NOT_FOUND],
    ['GET', `${PODS}/a/chair`, 404, NOT_FOUND],
    ['GET', `${DEPLOYMENTS}/a/status/more`, 404, NOT_FOUND],
    ['GET', '/api/v1/namespaces/default/nodes', 404, NOT_FOUND],
    ['GET', '/api/v1/pods/a', 404, NOT_FOUND],
    ['POST', '/api/v1/pods', 405, NOT_ALLOWED],
    ['DELETE', '/api/v1/pods', 405, NOT_ALLOWED],
    ['PUT', PODS, 405, NOT_ALLOWED],
    ['PATCH', PODS, 405, NOT_ALLOWED],
    ['POST', `${PODS}/a`, 405, NOT_ALLOWED],
    ['OPTIONS', PODS, 405, NOT_ALLOWED],
    ['POST', `${DEPLOYMENTS}/a/status`, 405, NOT_ALLOWED],
    ['DELETE', `${DEPLOYMENTS}/a/scale`, 405, NOT_ALLOWED],
    ['GET', `${PODS}/a/binding`, 405, NOT_ALLOWED],
  ])('%s %s', async (method, path, status, message) => {
    const { client } = fixture()
    const answer = await client.ask(method, path)
    expect(answer.status).toBe(status)
    expect(answer.json).toMatchObject({ kind: 'Status', message, details: {}, code: status })
  })

  it.each([
    '/apis/chairs.example/v1/chairs',
    '/chairs',
    '/apis/chairs.example',
    '/api/v2',
    '/version/more',
    '/openapi/v1',
  ])('nobody serves %s', async (path) => {
    const { client } = fixture()
    const { status, text, headers } = await client.get(path)
    expect({ status, text, type: headers['Content-Type'] }).toEqual({
      status: 404,
      text: '404 page not found\n',
      type: 'text/plain; charset=utf-8',
    })
  })

  it.each(['/apis/apps/v9', '/apis/apps/v9/deployments'])('of a known group say that %s is not there', async (path) => {
    const { client } = fixture()
    const { status, json } = await client.get(path)
    expect({ status, json }).toMatchObject({
      status: 404,
      json: { kind: 'Status', message: 'the server could not find the requested resource' },
    })
  })

  it('are decoded, if they can be', async () => {
    const { client } = fixture()
    expect((await client.get('/api/v1/namespaces/default/config%6Daps')).json.kind).toBe('ConfigMapList')
    expect((await client.get('/api/v1/pods/%ff')).status).toBe(400)
  })
})

describe('what is no resource', () => {
  it('says that it is well', async () => {
    const { client } = fixture()
    expect((await client.get('/healthz')).text).toBe('ok')
    expect((await client.get('/livez/ping')).text).toBe('ok')
    expect((await client.get('/readyz?verbose')).text).toMatch(/^\[\+\]ping ok\n(.*\n)+readyz check passed\n$/)
    expect((await client.get('/readyz?verbose&exclude=etcd')).text).toContain('[+]etcd excluded: ok\n')
  })

  it('says its version and its paths', async () => {
    const { client } = fixture()
    expect((await client.get('/version')).json).toMatchObject({ major: '1', minor: '34', gitVersion: 'v1.34.4' })
    expect((await client.get('/')).json.paths).toEqual(
      expect.arrayContaining(['/api', '/api/v1', '/apis/apps', '/apis/apps/v1', '/version']),
    )
  })

  it('counts', async () => {
    const { client } = fixture()
    await client.get(PODS)
    const watch = await client.watch(`${PODS}?watch=1`)
    const { text } = await client.get('/metrics')
    expect(text).toContain('apiserver_request_total{verb="GET",code="200"} 2\n')
    expect(text).toContain('apiserver_storage_objects{resource="deployments.apps"} 0\n')
    expect(text).toContain('apiserver_longrunning_requests{resource="pods",verb="WATCH"} 1\n')
    watch.close()
  })
})
