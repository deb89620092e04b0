import { describe, expect, it } from 'vitest'
import { notFound } from '../../objects/status-error.ts'
import { DEPLOYMENTS, deployment, fixture, PODS, pod } from '../fixture.testing.ts'
import type { NodeRuntime } from '../runtime.ts'

const AS_TABLE = { accept: 'application/json;as=Table;v=v1;g=meta.k8s.io' }
const utf8 = new TextEncoder()

const runtime: NodeRuntime = {
  async *logs(_, { container, tailLines }) {
    if (container === 'silent') throw notFound({ group: '', resource: 'containers' }, container)
    yield utf8.encode(`${container} says hello\n`)
    yield utf8.encode(`${tailLines ?? 'all'}\n`)
  },
  exec: async (_, container, command) => ({ exitCode: command[0] === 'true' && container === 'main' ? 0 : 1 }),
  attach: async () => ({ failure: 'not now' }),
  portForward: async () => {
    throw new Error('closed')
  },
  proxy: async ({ metadata }, port, { method, path }) => ({
    status: 200,
    headers: { 'content-type': 'text/plain' },
    body: utf8.encode(`${method} ${metadata.name}:${port}${path}`),
  }),
}

describe('scale', () => {
  const scale = `${DEPLOYMENTS}/a/scale`

  async function scaled() {
    const made = fixture()
    await made.client.post(`${DEPLOYMENTS}?fieldManager=first`, deployment('a', { replicas: 2 }))
    return made
  }

  it('is a row of what is wanted and what there is', async () => {
    const { client } = await scaled()
    const { json } = await client.get(scale, AS_TABLE)
    expect(json.columnDefinitions.map(({ name }: { name: string }) => name)).toEqual([
      'Name',
      'Desired',
      'Available',
      'Age',
    ])
    expect(json.rows[0].cells).toEqual(['a', 2, 0, '0s'])
  })

  it('shows the number of replicas as an object of its own', async () => {
    const { client } = await scaled()
    const { json } = await client.get(scale)
    expect(json).toEqual({
      kind: 'Scale',
      apiVersion: 'autoscaling/v1',
      metadata: {
        name: 'a',
        namespace: 'default',
        uid: expect.any(String),
        resourceVersion: '2',
        creationTimestamp: '2026-01-01T00:00:00Z',
      },
      spec: { replicas: 2 },
      status: { replicas: 0, selector: 'app=web' },
    })
  })

  it('is patched and put', async () => {
    const { client } = await scaled()
    const patched = await client.patch(`${scale}?fieldManager=me`, 'merge', { spec: { replicas: 5 } })
    expect(patched.json).toMatchObject({ kind: 'Scale', spec: { replicas: 5 } })
    const live = (await client.get(`${DEPLOYMENTS}/a`)).json
    expect(live).toMatchObject({ spec: { replicas: 5 }, metadata: { generation: 2 } })
    expect(live.metadata.managedFields).toContainEqual(
      expect.objectContaining({ manager: 'me', subresource: 'scale', fieldsV1: { 'f:spec': { 'f:replicas': {} } } }),
    )
    const { json } = await client.put(scale, { ...patched.json, spec: { replicas: 0 } })
    expect(json.spec).toEqual({})
    expect((await client.get(`${DEPLOYMENTS}/a`)).json.spec.replicas).toBe(0)
  })

  it('is applied, with conflicts', async () => {
    const { client } = await scaled()
    const config = { apiVersion: 'autoscaling/v1', kind: 'Scale', metadata: { name: 'a' }, spec: { replicas: 7 } }
    const refused = await client.patch(`${scale}?fieldManager=me`, 'apply', config)
    expect(refused.json.message).toBe(
      'Apply failed with 1 conflict: conflict with "first" using autoscaling/v1: .spec.replicas',
    )
    const forced = await client.patch(`${scale}?fieldManager=me&force=true`, 'apply', config)
    expect(forced.json.spec.replicas).toBe(7)
    expect((await client.get(`${DEPLOYMENTS}/a`)).json.metadata.managedFields).toContainEqual(
      expect.objectContaining({ manager: 'me', operation: 'Apply', apiVersion: 'apps/v1', subresource: 'scale' }),
    )
  })

  it.each([
    [
      'merge',
      { spec: { replicas: -1 } },
      422,
      'Scale.autoscaling "a" is invalid: spec.replicas: Invalid value: -1: must be greater than or equal to 0',
    ],
    [
      'merge',
      { metadata: { resourceVersion: '1' } },
      409,
      'Operation cannot be fulfilled on deployments.apps "a": the object has been modified; please apply your changes to the latest version and try again',
    ],
    ['merge', { metadata: { name: 'b' } }, 400, 'the name of the object (b) does not match the name on the URL (a)'],
  ] as const)('refuses a %s of %j', async (type, body, status, message) => {
    const { client } = await scaled()
    const answer = await client.patch(scale, type, body)
    expect({ status: answer.status, message: answer.json.message }).toEqual({ status, message })
  })

  it('can be tried, and is not there without its object', async () => {
    const { client } = await scaled()
    expect((await client.patch(`${scale}?dryRun=All`, 'merge', { spec: { replicas: 9 } })).json.spec.replicas).toBe(9)
    expect((await client.get(scale)).json.spec.replicas).toBe(2)
    expect((await client.get(`${DEPLOYMENTS}/b/scale`)).json.message).toBe('deployments.apps "b" not found')
  })
})

describe('bindings', () => {
  const binding = (name: string, target: object, metadata: object = {}) => ({
    apiVersion: 'v1',
    kind: 'Binding',
    metadata: { name, ...metadata },
    target,
  })

  it('put a Pod on a node', async () => {
    const { client } = fixture()
    await client.post(PODS, pod('a'))
    const answer = await client.post(
      `${PODS}/a/binding`,
      binding('a', { kind: 'Node', name: 'n1' }, { annotations: { x: 'y' } }),
    )
    expect(answer.status).toBe(201)
    expect(answer.json).toEqual({ kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Success', code: 201 })
    expect((await client.get(`${PODS}/a`)).json).toMatchObject({
      metadata: { annotations: { x: 'y' } },
      spec: { nodeName: 'n1' },
      status: { conditions: [{ type: 'PodScheduled', status: 'True', lastTransitionTime: '2026-01-01T00:00:00Z' }] },
    })
    const again = await client.post('/api/v1/namespaces/default/bindings', binding('a', { name: 'n2' }))
    expect({ status: again.status, message: again.json.message }).toEqual({
      status: 409,
      message: 'Operation cannot be fulfilled on pods/binding "a": pod a is already assigned to node "n1"',
    })
  })

  it.each([
    [binding('b', { name: 'n' }), 400, 'name in URL does not match name in Binding object'],
    [binding('a', {}), 500, 'target.name: Required value'],
    [
      binding('a', { kind: 'Chair', name: 'n' }),
      500,
      'target.kind: Unsupported value: "Chair": supported values: "Node", "<empty>"',
    ],
  ])('refuse %j', async (body, status, message) => {
    const { client } = fixture()
    await client.post(PODS, pod('a'))
    const answer = await client.post(`${PODS}/a/binding`, body)
    expect({ status: answer.status, message: answer.json.message }).toEqual({ status, message })
  })
})

describe('evictions', () => {
  const BUDGETS = '/apis/policy/v1/namespaces/default/poddisruptionbudgets'
  const eviction = { apiVersion: 'policy/v1', kind: 'Eviction', metadata: { name: 'a' } }

  async function running(budget?: object) {
    const made = fixture()
    await made.client.post(PODS, pod('a', { nodeName: 'n1' }, { labels: { app: 'web' } }))
    const conditions = [{ type: 'Ready', status: 'True' }]
    await made.client.patch(`${PODS}/a/status`, 'merge', { status: { phase: 'Running', conditions } })
    if (budget !== undefined) {
      const spec = { minAvailable: 1, selector: { matchLabels: { app: 'web' } } }
      await made.client.post(BUDGETS, {
        apiVersion: 'policy/v1',
        kind: 'PodDisruptionBudget',
        metadata: { name: 'b' },
        spec,
      })
      await made.client.patch(`${BUDGETS}/b/status`, 'merge', { status: budget })
    }
    return made
  }

  it('delete a Pod, which says why it goes', async () => {
    const { client } = await running()
    const answer = await client.post(`${PODS}/a/eviction`, eviction)
    expect({ status: answer.status, told: answer.json.status }).toEqual({ status: 201, told: 'Success' })
    expect((await client.get(`${PODS}/a`)).json).toMatchObject({
      metadata: { deletionGracePeriodSeconds: 30 },
      status: {
        conditions: [
          { type: 'Ready' },
          {
            type: 'DisruptionTarget',
            status: 'True',
            reason: 'EvictionByEvictionAPI',
            message: 'Eviction API: evicting',
          },
        ],
      },
    })
  })

  it('wait for a budget that allows none', async () => {
    const status = {
      observedGeneration: 1,
      disruptionsAllowed: 0,
      desiredHealthy: 1,
      currentHealthy: 1,
      expectedPods: 1,
    }
    const { client } = await running(status)
    const answer = await client.post(`${PODS}/a/eviction`, eviction)
    expect(answer.status).toBe(429)
    expect(answer.json).toMatchObject({
      reason: 'TooManyRequests',
      message: "Cannot evict pod as it would violate the pod's disruption budget.",
      details: {
        causes: [
          { reason: 'DisruptionBudget', message: 'The disruption budget b needs 1 healthy pods and has 1 currently' },
        ],
      },
    })
    expect((await client.get(`${PODS}/a`)).json.metadata.deletionTimestamp).toBeUndefined()
  })

  it('wait for a budget that is not counted yet', async () => {
    const { client } = await running({ observedGeneration: 0 })
    const answer = await client.post(`${PODS}/a/eviction`, eviction)
    expect(answer.headers['Retry-After']).toBe('10')
    expect(answer.json.details.causes[0].message).toBe(
      'The disruption budget b is still being processed by the server.',
    )
  })

  it('take from a budget what it allows', async () => {
    const status = {
      observedGeneration: 1,
      disruptionsAllowed: 1,
      desiredHealthy: 1,
      currentHealthy: 2,
      expectedPods: 2,
    }
    const { client } = await running(status)
    expect((await client.post(`${PODS}/a/eviction?dryRun=All`, eviction)).status).toBe(201)
    expect((await client.get(`${BUDGETS}/b`)).json.status.disruptionsAllowed).toBe(1)
    expect((await client.post(`${PODS}/a/eviction`, eviction)).status).toBe(201)
    expect((await client.get(`${BUDGETS}/b`)).json.status).toMatchObject({
      disruptionsAllowed: 0,
      disruptedPods: { a: '2026-01-01T00:00:00Z' },
      conditions: [{ type: 'DisruptionAllowed', status: 'False', reason: 'InsufficientPods' }],
    })
  })

  it('let a Pod go that is not ready where the budget is met without it', async () => {
    const status = {
      observedGeneration: 1,
      disruptionsAllowed: 0,
      desiredHealthy: 1,
      currentHealthy: 1,
      expectedPods: 2,
    }
    const { client } = await running(status)
    await client.patch(`${PODS}/a/status`, 'merge', { status: { conditions: [{ type: 'Ready', status: 'False' }] } })
    expect((await client.post(`${PODS}/a/eviction`, eviction)).status).toBe(201)
  })

  it('find the Pod that is named', async () => {
    const { client } = await running()
    expect((await client.post(`${PODS}/b/eviction`, eviction)).json.message).toBe(
      'name in URL does not match name in Eviction object',
    )
    const other = { ...eviction, metadata: { name: 'b' } }
    expect((await client.post(`${PODS}/b/eviction`, other)).json.message).toBe('pods "b" not found')
  })
})

describe('logs', () => {
  async function withPods() {
    const made = fixture({ runtime })
    const containers = [
      { name: 'one', image: 'i' },
      { name: 'silent', image: 'i' },
    ]
    await made.client.post(PODS, pod('a', { nodeName: 'n1' }))
    await made.client.post(
      PODS,
      pod('two', { nodeName: 'n1', initContainers: [{ name: 'init', image: 'i' }], containers }),
    )
    await made.client.post(PODS, pod('nowhere'))
    return made
  }

  it('are text', async () => {
    const { client } = await withPods()
    const { headers, text } = await client.get(`${PODS}/a/log?tailLines=2`)
    expect(headers['Content-Type']).toBe('text/plain')
    expect(text).toBe('main says hello\n2\n')
    expect((await client.get(`${PODS}/a/log?follow=true`)).text).toBe('main says hello\nall\n')
    expect((await client.get(`${PODS}/nowhere/log`)).text).toBe('')
  })

  it.each([
    ['b/log', 404, 'pods "b" not found'],
    ['two/log', 400, 'a container name must be specified for pod two, choose one of: [init one silent]'],
    ['two/log?container=three', 400, 'container three is not valid for pod two'],
    ['two/log?container=silent', 404, 'containers "silent" not found'],
    ['two/log?container=silent&follow=true', 404, 'containers "silent" not found'],
    [
      'a/log?tailLines=-1',
      422,
      'PodLogOptions "a" is invalid: tailLines: Invalid value: -1: must be greater than or equal to 0',
    ],
    ['a/log?limitBytes=0', 422, 'PodLogOptions "a" is invalid: limitBytes: Invalid value: 0: must be greater than 0'],
    [
      'a/log?sinceSeconds=1&sinceTime=2026-01-01T00:00:00Z',
      422,
      'PodLogOptions "a" is invalid: : Forbidden: at most one of `sinceTime` or `sinceSeconds` may be specified',
    ],
    ['a/log?sinceTime=noon', 400, 'parsing time "noon" as "2006-01-02T15:04:05Z07:00": cannot parse "noon" as "2006"'],
    ['a/log?tailLines=x', 400, 'strconv.ParseInt: parsing "x": invalid syntax'],
  ])('do not come of %s', async (path, status, message) => {
    const { client } = await withPods()
    const answer = await client.get(`${PODS}/${path}`)
    expect({ status: answer.status, message: answer.json.message }).toEqual({ status, message })
  })
})

describe('connections', () => {
  const upgrade = { headers: { upgrade: 'websocket', connection: 'Upgrade' } }

  async function withPod(options = { runtime }) {
    const made = fixture(options)
    await made.client.post(PODS, pod('a', { nodeName: 'n1' }))
    await made.client.post(PODS, pod('nowhere'))
    return made
  }

  it('run commands where they are meant to run', async () => {
    const { client } = await withPod()
    const answer = await client.raw('POST', `${PODS}/a/exec?command=true&command=x&stdout=1&tty=true`, upgrade)
    expect(answer.kind).toBe('upgrade')
    if (answer.kind !== 'upgrade' || answer.session.kind === 'portforward') throw new Error('no session')
    expect(answer.session.options).toEqual({ stdin: false, stdout: true, stderr: false, tty: true })
    expect(await answer.session.start({} as never)).toEqual({ exitCode: 0 })
    expect((await client.raw('GET', `${PODS}/a/portforward?ports=80`, upgrade)).kind).toBe('upgrade')
    expect((await client.raw('GET', `${PODS}/a/attach?stdin=1`, upgrade)).kind).toBe('upgrade')
  })

  it.each([
    ['GET', 'a/exec', {}, 400, 'Upgrade request required'],
    ['GET', 'b/exec', upgrade, 404, 'pods "b" not found'],
    ['GET', 'nowhere/exec', upgrade, 400, 'pod nowhere does not have a host assigned'],
    ['GET', 'nowhere/portforward', upgrade, 400, 'pod nowhere does not have a host assigned'],
    ['GET', 'a/attach?container=x', upgrade, 400, 'container x is not valid for pod a'],
    ['GET', 'a/exec?dryRun=All', upgrade, 400, 'dryRun is not supported'],
    ['PUT', 'a/exec', upgrade, 405, 'the server does not allow this method on the requested resource'],
  ])('%s %s is not made', async (method, path, options, status, message) => {
    const { client } = await withPod()
    const answer = await client.ask(method, `${PODS}/${path}`, options)
    expect({ status: answer.status, message: answer.json.message }).toEqual({ status, message })
  })

  it('fail where nothing runs', async () => {
    const { client } = await withPod({} as { runtime: NodeRuntime })
    expect((await client.ask('GET', `${PODS}/a/exec`, upgrade)).json.message).toBe(
      'Internal error occurred: error dialing backend: nothing runs on the nodes of this cluster',
    )
  })

  it('are seen by admission', async () => {
    const seen: unknown[] = []
    const plugin = {
      name: 'Spy',
      validate: ({ operation, resource, subresource, name, object }: never) =>
        void seen.push([operation, resource, subresource, name, object]),
    }
    const { client } = fixture({ runtime, guards: () => ({ admission: [plugin] }) })
    await client.ask('GET', `${PODS}/a/exec?command=ls&stdin=1`, upgrade)
    expect(seen).toMatchObject([
      ['CONNECT', { resource: 'pods' }, 'exec', 'a', { kind: 'PodExecOptions', stdin: true, command: ['ls'] }],
    ])
  })
})

describe('proxies', () => {
  async function withService() {
    const made = fixture({ runtime })
    const { client } = made
    await client.post(
      PODS,
      pod('a', { nodeName: 'n1', containers: [{ name: 'c', image: 'i', ports: [{ containerPort: 8080 }] }] }),
    )
    await client.patch(`${PODS}/a/status`, 'merge', { status: { podIP: '10.1.0.1' } })
    await client.post(PODS, pod('b'))
    await client.post('/api/v1/nodes', { apiVersion: 'v1', kind: 'Node', metadata: { name: 'n1' } })
    const services = '/api/v1/namespaces/default/services'
    const service = (name: string) => ({
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name },
      spec: { ports: [{ name: 'http', port: 80 }] },
    })
    await client.post(services, service('web'))
    await client.post(services, service('empty'))
    await client.post('/apis/discovery.k8s.io/v1/namespaces/default/endpointslices', {
      apiVersion: 'discovery.k8s.io/v1',
      kind: 'EndpointSlice',
      metadata: { name: 'web-x', labels: { 'kubernetes.io/service-name': 'web' } },
      addressType: 'IPv4',
      ports: [{ name: 'http', port: 8080 }],
      endpoints: [{ addresses: ['10.1.0.1'], conditions: { ready: true }, targetRef: { kind: 'Pod', name: 'a' } }],
    })
    return made
  }

  it.each([
    ['GET', 'pods/a/proxy', 'GET a:8080/'],
    ['GET', 'pods/a:9/proxy/x/y/?q=1', 'GET a:9/x/y/?q=1'],
    ['POST', 'pods/http:a:9/proxy/x', 'POST a:9/x'],
    ['GET', 'services/web:http/proxy/x', 'GET a:8080/x'],
    ['DELETE', 'services/web:80/proxy/', 'DELETE a:8080/'],
  ])('%s %s', async (method, path, text) => {
    const { client } = await withService()
    expect((await client.ask(method, `/api/v1/namespaces/default/${path}`)).text).toBe(text)
  })

  it.each([
    ['pods/c/proxy', 404, 'pods "c" not found'],
    ['pods/b/proxy', 400, 'address not allowed'],
    ['pods/x:y:a:1/proxy', 400, 'invalid pod request "x:y:a:1"'],
    ['services/none/proxy', 404, 'services "none" not found'],
    ['services/web:81/proxy', 503, 'no service port 81 found for service "web"'],
    ['services/empty:http/proxy', 503, 'no endpoints available for service "empty"'],
    ['services/web:other/proxy', 503, 'no endpoints available for service "web:other"'],
  ])('GET %s', async (path, status, message) => {
    const { client } = await withService()
    const answer = await client.get(`/api/v1/namespaces/default/${path}`)
    expect({ status: answer.status, message: answer.json.message }).toEqual({ status, message })
  })

  it('reach the little that a kubelet says', async () => {
    const { client } = await withService()
    expect((await client.get('/api/v1/nodes/n1/proxy/healthz')).text).toBe('ok')
    const { json } = await client.get('/api/v1/nodes/n1:10250/proxy/pods')
    expect(json.items.map(({ metadata }: { metadata: { name: string } }) => metadata.name)).toEqual(['a'])
    expect((await client.get('/api/v1/nodes/n2/proxy/healthz')).status).toBe(404)
    expect((await client.get('/api/v1/nodes/n1:80/proxy/')).status).toBe(503)
  })
})

describe('what is computed', () => {
  const at = Date.UTC(2026, 0, 1)
  const metrics = {
    node: (name: string) =>
      name === 'n1' ? { cpu: 156_340_000, memory: 2 ** 30, timestamp: at, window: 15 } : undefined,
    pod: (_: string, name: string) =>
      name === 'a'
        ? {
            timestamp: at,
            window: 75.5,
            containers: [
              { name: 'x', cpu: 5, memory: 1024 },
              { name: 'y', cpu: 7, memory: 100 },
            ],
          }
        : undefined,
  }

  async function measured() {
    const made = fixture({ metrics })
    for (const name of ['n1', 'n2']) {
      await made.client.post('/api/v1/nodes', { apiVersion: 'v1', kind: 'Node', metadata: { name, labels: { name } } })
    }
    await made.client.post(PODS, pod('a', {}, { labels: { app: 'web' } }))
    await made.client.post(PODS, pod('b'))
    return made
  }

  const ROOT = '/apis/metrics.k8s.io/v1beta1'

  it('is what nodes and Pods use', async () => {
    const { client } = await measured()
    expect((await client.get(`${ROOT}/nodes`)).json).toEqual({
      kind: 'NodeMetricsList',
      apiVersion: 'metrics.k8s.io/v1beta1',
      metadata: {},
      items: [
        {
          metadata: { name: 'n1', creationTimestamp: '2026-01-01T00:00:00Z', labels: { name: 'n1' } },
          timestamp: '2026-01-01T00:00:00Z',
          window: '15s',
          usage: { cpu: '156340000n', memory: '1048576Ki' },
        },
      ],
    })
    expect((await client.get(`${ROOT}/namespaces/default/pods/a`)).json).toMatchObject({
      kind: 'PodMetrics',
      window: '1m15.5s',
      containers: [
        { name: 'x', usage: { cpu: '5n', memory: '1Ki' } },
        { name: 'y', usage: { cpu: '7n', memory: '100' } },
      ],
    })
    const { rows } = (await client.get(`${ROOT}/pods`, { accept: 'application/json;as=Table;g=meta.k8s.io;v=v1' })).json
    expect(rows[0].cells).toEqual(['a', '12n', '1124', '1m15.5s'])
    expect((await client.get(`${ROOT}/pods?labelSelector=app%3Dother`)).json.items).toEqual([])
    expect((await client.get(`${ROOT}/nodes?fieldSelector=metadata.name%3Dn1`)).json.items).toHaveLength(1)
  })

  it.each([
    [`${ROOT}/nodes/n2`, 'nodes.metrics.k8s.io "n2" not found'],
    [`${ROOT}/nodes/n3`, 'nodes "n3" not found'],
    [`${ROOT}/namespaces/default/pods/b`, 'pods.metrics.k8s.io "default/b" not found'],
    [`${ROOT}/namespaces/default/pods/c`, 'pods "c" not found'],
  ])('has nothing of %s', async (path, message) => {
    const { client } = await measured()
    expect((await client.get(path)).json.message).toBe(message)
  })

  it('cannot be written', async () => {
    const { client } = await measured()
    expect((await client.post(`${ROOT}/nodes`, {})).status).toBe(405)
  })

  it('says that the control plane is well, and not to ask so', async () => {
    const { client } = fixture()
    const { headers, json } = await client.get('/api/v1/componentstatuses')
    expect(headers.Warning).toEqual(['299 - "v1 ComponentStatus is deprecated in v1.19+"'])
    expect(json.items).toHaveLength(3)
    expect((await client.get('/api/v1/componentstatuses/chair')).json.message).toBe(
      'componentstatuses "chair" not found',
    )
  })
})

describe('objects that are only asked', () => {
  it('come back with their answer', async () => {
    const gvk = { group: 'authorization.k8s.io', version: 'v1', kind: 'SelfSubjectAccessReview' }
    const virtual = {
      gvk,
      resource: 'selfsubjectaccessreviews',
      namespaced: false,
      schema: undefined as never,
      create: (object: object, { user }: { user: { username: string } }) => ({
        ...object,
        status: { allowed: user.username !== '' },
      }),
    }
    const { client } = fixture({ guards: () => ({ virtual: [virtual] }) })
    const path = '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews'
    const answer = await client.post(path, { apiVersion: 'authorization.k8s.io/v1', kind: gvk.kind, spec: {} })
    expect(answer.status).toBe(201)
    expect(answer.json).toMatchObject({ kind: gvk.kind, status: { allowed: true } })
    expect((await client.get(path)).status).toBe(405)
    expect((await client.get('/apis/authorization.k8s.io/v1')).json.resources).toHaveLength(1)
  })
})
