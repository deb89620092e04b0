import { describe, expect, it } from 'vitest'
import { CONFIGMAPS, configMap, DEPLOYMENTS, deployment, fixture } from './fixture.testing.ts'

describe('creates', () => {
  it('answers with the object as it is stored, and who wrote what', async () => {
    const { client } = fixture()
    const { status, json, headers } = await client.post(CONFIGMAPS, configMap('a', { x: 'y' }), {
      headers: { 'user-agent': 'kubectl/v1.34.0 (linux/amd64)' },
    })
    expect(status).toBe(201)
    expect(headers['Content-Type']).toBe('application/json')
    expect(json).toMatchObject({
      kind: 'ConfigMap',
      apiVersion: 'v1',
      metadata: { name: 'a', namespace: 'default', resourceVersion: '2', creationTimestamp: '2026-01-01T00:00:00Z' },
      data: { x: 'y' },
    })
    expect(json.metadata.managedFields).toEqual([
      {
        manager: 'kubectl',
        operation: 'Update',
        apiVersion: 'v1',
        time: '2026-01-01T00:00:00Z',
        fieldsType: 'FieldsV1',
        fieldsV1: { 'f:data': { '.': {}, 'f:x': {} } },
      },
    ])
  })

  const refusals: [string, string, unknown, number, string][] = [
    ['a taken name', CONFIGMAPS, configMap('taken'), 409, 'configmaps "taken" already exists'],
    [
      'another namespace',
      CONFIGMAPS,
      configMap('a', {}, { namespace: 'other' }),
      400,
      'the namespace of the provided object does not match the namespace sent on the request',
    ],
    [
      'another version',
      CONFIGMAPS,
      { ...configMap('a'), apiVersion: 'apps/v1' },
      400,
      'ConfigMap in version "v1" cannot be handled as a ConfigMap: no kind "ConfigMap" is registered for version "apps/v1" in scheme "pkg/runtime/scheme.go:110"',
    ],
    [
      'no name at all',
      CONFIGMAPS,
      { ...configMap('a'), metadata: {} },
      422,
      'ConfigMap "" is invalid: metadata.name: Required value: name or generateName is required',
    ],
    [
      'an unknown dry run',
      `${CONFIGMAPS}?dryRun=Some`,
      configMap('a'),
      422,
      'CreateOptions.meta.k8s.io "" is invalid: dryRun: Unsupported value: ["Some"]: supported values: "All"',
    ],
    [
      'an unknown field validation',
      `${CONFIGMAPS}?fieldValidation=Sharp`,
      configMap('a'),
      422,
      'CreateOptions.meta.k8s.io "" is invalid: fieldValidation: Unsupported value: "Sharp": supported values: "", "Ignore", "Strict", "Warn"',
    ],
    [
      'a manager that cannot be printed',
      `${CONFIGMAPS}?fieldManager=a%0Ab`,
      configMap('a'),
      422,
      'CreateOptions.meta.k8s.io "" is invalid: fieldManager: Invalid value: "a\\nb": invalid character U+000A (at position 1)',
    ],
    [
      'a version on what is new',
      CONFIGMAPS,
      configMap('a', {}, { resourceVersion: '5' }),
      500,
      'resourceVersion should not be set on objects to be created',
    ],
  ]
  it.each(refusals)('refuses %s', async (_, path, body, status, message) => {
    const { client } = fixture()
    await client.post(CONFIGMAPS, configMap('taken'))
    const answer = await client.post(path, body)
    expect({ status: answer.status, message: answer.json.message }).toEqual({ status, message })
  })

  it('keeps nothing of a dry run', async () => {
    const { client } = fixture()
    const answer = await client.post(`${CONFIGMAPS}?dryRun=All`, configMap('a'))
    expect(answer.status).toBe(201)
    expect(answer.json.metadata.uid).toBeDefined()
    expect(answer.json.metadata.resourceVersion).toBeUndefined()
    expect((await client.get(`${CONFIGMAPS}/a`)).status).toBe(404)
  })

  it('fills in a generated name', async () => {
    const { client } = fixture()
    const answer = await client.post(CONFIGMAPS, { ...configMap('a'), metadata: { generateName: 'web-' } })
    expect(answer.json.metadata.name).toMatch(/^web-[bcdfghjklmnpqrstvwxz2456789]{5}$/)
  })

  it('warns of unknown fields, refuses them, or ignores them, as asked', async () => {
    const { client } = fixture()
    const body = { ...configMap('a'), dat: {} }
    expect((await client.post(`${CONFIGMAPS}?dryRun=All`, body)).headers.Warning).toEqual([
      '299 - "unknown field \\"dat\\""',
    ])
    expect((await client.post(`${CONFIGMAPS}?dryRun=All&fieldValidation=Ignore`, body)).headers.Warning).toBeUndefined()
    const strict = await client.post(`${CONFIGMAPS}?fieldValidation=Strict`, body)
    expect(strict.status).toBe(400)
    expect(strict.json.message).toBe(
      'ConfigMap in version "v1" cannot be handled as a ConfigMap: strict decoding error: unknown field "dat"',
    )
  })

  it('says what a kind warns of', async () => {
    const { client } = fixture()
    const answer = await client.post(DEPLOYMENTS, deployment('a', {}, { annotations: { old: '' } }))
    expect(answer.headers.Warning).toEqual(['299 - "annotation \\"old\\" is old"'])
  })

  it('takes an owner that is named twice as one, and says so', async () => {
    const { client } = fixture()
    const owner = { apiVersion: 'v1', kind: 'Pod', name: 'p', uid: 'u' }
    const answer = await client.post(CONFIGMAPS, configMap('a', {}, { ownerReferences: [owner, owner] }))
    expect(answer.json.metadata.ownerReferences).toEqual([owner])
    expect(answer.headers.Warning).toEqual([
      '299 - ".metadata.ownerReferences contains duplicate entries; API server dedups owner references in 1.20+, and may reject such requests as early as 1.24; please fix your requests; duplicate UID(s) observed: u"',
    ])
  })
})

describe('updates', () => {
  it('stores what is sent, keeps what only the server says, and counts generations', async () => {
    const { client, clock } = fixture()
    const created = (await client.post(DEPLOYMENTS, deployment('a'))).json
    clock.stepNow(1000)
    const { json, status } = await client.put(`${DEPLOYMENTS}/a?fieldManager=me`, deployment('a', { replicas: 3 }))
    expect(status).toBe(200)
    expect(json.metadata).toMatchObject({ uid: created.metadata.uid, generation: 2, resourceVersion: '3' })
    expect(json.metadata.managedFields.map(({ manager }: { manager: string }) => manager)).toEqual(['unknown', 'me'])
  })

  it('leaves the version alone where nothing changes', async () => {
    const { client, clock } = fixture()
    await client.post(DEPLOYMENTS, deployment('a'))
    clock.stepNow(60_000)
    expect((await client.put(`${DEPLOYMENTS}/a`, deployment('a'))).json.metadata.resourceVersion).toBe('2')
  })

  it.each([
    ['another name', 'a', deployment('b'), 400, 'the name of the object (b) does not match the name on the URL (a)'],
    [
      'no name',
      'a',
      { ...deployment('a'), metadata: {} },
      400,
      'the name of the object (a based on URL) was undeterminable: name must be provided',
    ],
    ['what is not there', 'x', deployment('x'), 404, 'deployments.apps "x" not found'],
    [
      'an old version',
      'a',
      deployment('a', {}, { resourceVersion: '1' }),
      409,
      'Operation cannot be fulfilled on deployments.apps "a": the object has been modified; please apply your changes to the latest version and try again',
    ],
    [
      'another uid',
      'a',
      deployment('a', {}, { uid: 'u' }),
      409,
      'Operation cannot be fulfilled on deployments.apps "a": StorageError: invalid object, Code: 4, Key: /registry/deployments/default/a, ResourceVersion: 0, AdditionalErrorMsg: Precondition failed: UID in precondition: u, UID in object meta: UID',
    ],
  ])('refuses %s', async (_, name, body, status, message) => {
    const { client } = fixture()
    const { uid } = (await client.post(DEPLOYMENTS, deployment('a'))).json.metadata
    const answer = await client.put(`${DEPLOYMENTS}/${name}`, body)
    expect({ status: answer.status, message: answer.json.message.replace(uid, 'UID') }).toEqual({ status, message })
  })

  it('creates by update where the kind allows it', async () => {
    const { client } = fixture()
    const path = '/apis/coordination.k8s.io/v1/namespaces/default/leases'
    const lease = { apiVersion: 'coordination.k8s.io/v1', kind: 'Lease', metadata: { name: 'a' }, spec: {} }
    expect((await client.put(`${path}/a`, lease)).status).toBe(201)
    const again = await client.put(`${path}/a`, lease)
    expect(again.status).toBe(422)
    expect(again.json.message).toBe(
      'leases.coordination.k8s.io "a" is invalid: metadata.resourceVersion: Invalid value: 0: must be specified for an update',
    )
  })

  it('writes the status through its own door only', async () => {
    const { client } = fixture()
    await client.post(DEPLOYMENTS, { ...deployment('a'), status: { replicas: 7 } })
    const main = await client.put(`${DEPLOYMENTS}/a`, { ...deployment('a'), status: { replicas: 7 } })
    expect(main.json.status).toEqual({})
    const door = await client.put(`${DEPLOYMENTS}/a/status`, {
      ...deployment('a', { replicas: 9 }),
      status: { replicas: 7 },
    })
    expect(door.json).toMatchObject({ spec: { replicas: 1 }, status: { replicas: 7 }, metadata: { generation: 1 } })
    expect(door.json.metadata.managedFields.at(-1)).toMatchObject({
      subresource: 'status',
      fieldsV1: { 'f:status': { 'f:replicas': {} } },
    })
  })

  it('is served in each version of a kind', async () => {
    const { client } = fixture()
    const old = {
      apiVersion: 'autoscaling/v1',
      kind: 'HorizontalPodAutoscaler',
      metadata: { name: 'a' },
      spec: {
        scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'web' },
        maxReplicas: 3,
        targetCPUUtilizationPercentage: 70,
      },
    }
    const path = (version: string) => `/apis/autoscaling/${version}/namespaces/default/horizontalpodautoscalers`
    expect((await client.post(path('v1'), old)).json).toMatchObject({ apiVersion: 'autoscaling/v1', spec: old.spec })
    const { json } = await client.get(`${path('v2')}/a`)
    expect(json).toMatchObject({
      apiVersion: 'autoscaling/v2',
      spec: { metrics: [{ type: 'Resource', resource: { name: 'cpu', target: { averageUtilization: 70 } } }] },
    })
    const patched = await client.patch(`${path('v2')}/a`, 'merge', { spec: { maxReplicas: 5 } })
    expect(patched.json.spec.maxReplicas).toBe(5)
    expect((await client.get(`${path('v1')}/a`)).json.spec).toMatchObject({
      maxReplicas: 5,
      targetCPUUtilizationPercentage: 70,
    })
    expect((await client.get(path('v1'))).json).toMatchObject({
      kind: 'HorizontalPodAutoscalerList',
      apiVersion: 'autoscaling/v1',
    })
  })
})
