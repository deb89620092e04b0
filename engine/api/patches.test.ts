import { describe, expect, it } from 'vitest'
import { CONFIGMAPS, configMap, DEPLOYMENTS, deployment, fixture } from './fixture.testing.ts'

async function withDeployment() {
  const made = fixture()
  await made.client.post(`${DEPLOYMENTS}?fieldManager=first`, deployment('a'))
  return made
}

describe('patches', () => {
  it('merges', async () => {
    const { client } = await withDeployment()
    const { json } = await client.patch(`${DEPLOYMENTS}/a`, 'merge', {
      metadata: { labels: { x: 'y' } },
      spec: { replicas: 2 },
    })
    expect(json).toMatchObject({ metadata: { labels: { x: 'y' }, generation: 2 }, spec: { replicas: 2 } })
  })

  it('merges lists by their keys where asked for a strategic merge', async () => {
    const { client } = await withDeployment()
    const { json } = await client.patch(`${DEPLOYMENTS}/a`, 'strategic', {
      spec: { template: { spec: { containers: [{ name: 'side', image: 'nginx' }] } } },
    })
    const { containers } = json.spec.template.spec
    expect(containers.map(({ name }: { name: string }) => name)).toEqual(['side', 'main'])
  })

  it('follows JSON patches', async () => {
    const { client } = await withDeployment()
    const { json } = await client.patch(`${DEPLOYMENTS}/a`, 'json', [
      { op: 'test', path: '/spec/replicas', value: 1 },
      { op: 'replace', path: '/spec/replicas', value: 4 },
    ])
    expect(json.spec.replicas).toBe(4)
  })

  it.each([
    [
      'a failed test',
      'json',
      [{ op: 'test', path: '/spec/replicas', value: 7 }],
      422,
      'the server rejected our request due to an error in our request',
    ],
    [
      'a path that is not there',
      'json',
      [{ op: 'remove', path: '/spec/nothing' }],
      422,
      'the server rejected our request due to an error in our request',
    ],
    ['no JSON', 'merge', 'x', 400, "error decoding patch: invalid character 'x' looking for beginning of value"],
    [
      'another name',
      'merge',
      { metadata: { name: 'b' } },
      400,
      'the name of the object (b) does not match the name on the URL (a)',
    ],
    [
      'an old version',
      'merge',
      { metadata: { resourceVersion: '1' } },
      409,
      'Operation cannot be fulfilled on deployments.apps "a": the object has been modified; please apply your changes to the latest version and try again',
    ],
  ] as const)('refuses %s', async (_, type, body, status, message) => {
    const { client } = await withDeployment()
    const answer = await client.patch(`${DEPLOYMENTS}/a`, type, body)
    expect({ status: answer.status, message: answer.json.message }).toEqual({ status, message })
  })

  it('finds nothing to patch', async () => {
    const { client } = fixture()
    const answer = await client.patch(`${DEPLOYMENTS}/a`, 'merge', {})
    expect(answer.json.message).toBe('deployments.apps "a" not found')
  })

  it('takes four types of patches', async () => {
    const { client } = await withDeployment()
    const answer = await client.ask('PATCH', `${DEPLOYMENTS}/a`, {
      headers: { 'content-type': 'application/json' },
      body: {},
    })
    expect(answer.status).toBe(415)
    expect(answer.json).toMatchObject({
      reason: 'UnsupportedMediaType',
      message: '415: Unsupported Media Type',
      details: {},
    })
  })

  it('leaves the version alone where nothing changes', async () => {
    const { client, clock } = await withDeployment()
    clock.stepNow(5_000)
    const { json } = await client.patch(`${DEPLOYMENTS}/a`, 'merge', { spec: { replicas: 1 } })
    expect(json.metadata.resourceVersion).toBe('2')
  })

  it('does not take force for what is no apply', async () => {
    const { client } = await withDeployment()
    const answer = await client.patch(`${DEPLOYMENTS}/a?force=true`, 'merge', {})
    expect(answer.json.message).toBe(
      'PatchOptions.meta.k8s.io "" is invalid: force: Forbidden: may not be specified for non-apply patch',
    )
  })
})

describe('server-side apply', () => {
  const config = (replicas: number) => `
apiVersion: apps/v1
kind: Deployment
metadata: {name: a}
spec:
  replicas: ${replicas}
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec: {containers: [{name: main, image: busybox}]}
`
  it('creates what is not there', async () => {
    const { client } = fixture()
    const answer = await client.patch(`${DEPLOYMENTS}/a?fieldManager=me`, 'apply', config(2))
    expect(answer.status).toBe(201)
    expect(answer.json.metadata.managedFields).toMatchObject([{ manager: 'me', operation: 'Apply' }])
  })

  it('tells whose fields it would take, and takes them by force', async () => {
    const { client } = await withDeployment()
    const refused = await client.patch(`${DEPLOYMENTS}/a?fieldManager=me`, 'apply', config(2))
    expect(refused.status).toBe(409)
    expect(refused.json).toMatchObject({
      message: 'Apply failed with 1 conflict: conflict with "first" using apps/v1: .spec.replicas',
      details: { causes: [{ reason: 'FieldManagerConflict', field: '.spec.replicas' }] },
    })
    const forced = await client.patch(`${DEPLOYMENTS}/a?fieldManager=me&force=true`, 'apply', config(2))
    expect(forced.json.spec.replicas).toBe(2)
  })

  it('asks who applies', async () => {
    const { client } = fixture()
    const answer = await client.patch(`${DEPLOYMENTS}/a`, 'apply', config(2))
    expect(answer.json.message).toBe(
      'PatchOptions.meta.k8s.io "" is invalid: fieldManager: Required value: is required for apply patch',
    )
  })

  it('cannot create through a subresource', async () => {
    const { client } = fixture()
    const answer = await client.patch(`${DEPLOYMENTS}/a/status?fieldManager=me`, 'apply', config(2))
    expect(answer.json.message).toBe('deployments.apps "a" not found')
  })

  it('does not make an object that was another one', async () => {
    const { client } = fixture()
    const body = { ...configMap('a'), metadata: { name: 'a', uid: 'u' } }
    const answer = await client.patch(`${CONFIGMAPS}/a?fieldManager=me`, 'apply', body)
    expect(answer.status).toBe(409)
    expect(answer.json.message).toBe(
      'Operation cannot be fulfilled on configmaps "a": uid mismatch: the provided object specified uid u, and no existing object was found',
    )
  })
})
