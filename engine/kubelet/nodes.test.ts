import { afterEach, describe, expect, it } from 'vitest'
import type { LogOptions } from '../api/runtime.ts'
import type { PodSpec } from '../kinds/pod/types.ts'
import type { ApiObject } from '../objects/types.ts'
import { NodeWorld, STEADY } from './kubelet.testing.ts'
import { LEASES, NODES, PODS } from './objects.ts'

let world: NodeWorld
afterEach(() => {
  expect(world.world.errors).toEqual([])
  world.close()
  expect(world.world.clock.pending).toBe(0)
})

const web = { name: 'web', image: 'nginx', imagePullPolicy: 'IfNotPresent', resources: {} }
const patient = { onTerm: { exitCode: 0 } }
const node = () =>
  world.world.get(NODES, 'control-plane', '') as unknown as {
    status: { conditions: { type: string; status: string; reason: string }[]; images?: { names: string[] }[] }
  }
const resources = () =>
  (world.world.get(NODES, 'control-plane', '')?.status ?? {}) as Record<
    'capacity' | 'allocatable',
    Readonly<Record<string, string>>
  >
const changeCapacity = (change: (capacity: Readonly<Record<string, string>>) => object): void => {
  world.world.update(
    NODES,
    'control-plane',
    (now) => ({ ...now, status: { ...(now.status as object), capacity: change(resources().capacity) } }),
    { namespace: '', subresource: 'status' },
  )
}
const ready = () => world.status().conditions?.find(({ type }) => type === 'Ready')?.status
const sayOfPod = (condition: { readonly type: string; readonly status: string; readonly reason?: string }): void => {
  const { conditions = [], ...status } = world.status()
  const said = [...conditions.filter(({ type }) => type !== condition.type), condition]
  world.world.update(PODS, 'web', (now) => ({ ...now, status: { ...status, conditions: said } }), {
    subresource: 'status',
  })
}
const renewed = () => {
  const lease = world.world.get(LEASES, 'control-plane', 'kube-node-lease')
  return (lease?.spec as { readonly renewTime: string } | undefined)?.renewTime ?? ''
}

describe('a node', () => {
  it('renews its lease each ten seconds and tells of its images', async () => {
    world = await NodeWorld.make({ nginx: patient })
    world.create({ containers: [web] })
    await world.step(25)
    expect(renewed()).toBe('2026-01-01T00:00:20.000000Z')
    expect(node().status.images).toEqual([
      { names: ['docker.io/library/nginx@sha256:nginx', 'docker.io/library/nginx:latest'], sizeBytes: 25_165_824 },
    ])
  })

  it('tells within ten seconds that it is cordoned, and that it is no longer', async () => {
    world = await NodeWorld.make({ nginx: patient })
    const cordon = (unschedulable: boolean) =>
      world.world.update(
        NODES,
        'control-plane',
        (now) => ({ ...now, spec: { ...(now.spec as object), unschedulable } }),
        { namespace: '' },
      )
    const told = () =>
      world.world.eventsOf('Node', 'control-plane').filter((event) => /Node(?:Not)?Schedulable/.test(event))
    cordon(true)
    await world.step(11)
    expect(told()).toEqual(['Normal NodeNotSchedulable Node control-plane status is now: NodeNotSchedulable'])
    cordon(false)
    await world.step(11)
    expect(told().at(-1)).toBe('Normal NodeSchedulable Node control-plane status is now: NodeSchedulable')
    await world.step(60)
    expect(told()).toHaveLength(2)
  })

  it('that is stopped tells nothing, and runs its Pods anew once it is back', async () => {
    world = await NodeWorld.make({ nginx: patient })
    world.create({ containers: [web] })
    await world.step(6)
    world.told.length = 0
    world.kubelets.nodes.stop('control-plane')
    const before = renewed()
    await world.step(60)
    expect(world.kubelets.nodes.state('control-plane').running).toBe(false)
    expect(renewed()).toBe(before)
    expect(world.told).toEqual([])
    world.kubelets.nodes.start('control-plane')
    await world.step(6)
    expect(world.told).toEqual(['Running, web Unknown 255', 'Running, web runs after Unknown 255 #1, ready'])
    expect(world.events()).toContain('SandboxChanged Pod sandbox changed, it will be killed and re-created.')
    expect(renewed() > before).toBe(true)
  })

  it('that is back does not start once more what was to end meanwhile', async () => {
    world = await NodeWorld.make({ nginx: patient })
    world.create({ containers: [web] })
    await world.step(6)
    world.kubelets.nodes.stop('control-plane')
    world.delete('web')
    await world.step(60)
    expect(world.world.get(PODS, 'web')?.metadata.deletionTimestamp).toBeDefined()
    world.told.length = 0
    world.kubelets.nodes.start('control-plane')
    await world.step(3)
    expect(world.world.get(PODS, 'web')).toBeUndefined()
    expect(world.told.join()).not.toContain('web runs')
  })

  it('that is cut off runs on, and catches up', async () => {
    world = await NodeWorld.make({ nginx: patient })
    world.create({ containers: [web] })
    world.create({ containers: [web] }, { name: 'other' })
    await world.step(8)
    world.told.length = 0
    world.kubelets.nodes.setCutOff('control-plane', true)
    expect(world.nodes.cutOff.has('control-plane')).toBe(true)
    world.nodes.container('web').kill('SIGKILL')
    world.delete('web')
    await world.step(60)
    expect(world.told).toEqual(['Running, web runs, ready'])
    expect(world.world.get(PODS, 'web')?.metadata.deletionTimestamp).toBeDefined()
    const unreachable = world.door.logs(
      world.world.get(PODS, 'web') as ApiObject,
      logOptions,
      new AbortController().signal,
    )
    await expect(unreachable.next()).rejects.toThrow(
      'Get "https://172.18.0.2:10250/containerLogs/default/web/web": dial tcp 172.18.0.2:10250: i/o timeout',
    )
    world.kubelets.nodes.setCutOff('control-plane', false)
    await world.step(5)
    expect(world.world.get(PODS, 'web')).toBeUndefined()
    expect(world.container('web', 'other').restartCount).toBe(1)
  })

  it('that is shut down in an orderly way ends its Pods before', async () => {
    world = await NodeWorld.make({ nginx: patient })
    world.create({ containers: [web] })
    await world.step(6)
    world.kubelets.nodes.stop('control-plane', { orderly: true })
    await world.step(3)
    expect(world.status()).toMatchObject({
      phase: 'Failed',
      reason: 'Terminated',
      message: 'Pod was terminated in response to imminent node shutdown.',
    })
    expect(node().status.conditions.find(({ type }) => type === 'Ready')).toMatchObject({
      status: 'False',
      reason: 'KubeletNotReady',
    })
    expect(world.kubelets.nodes.state('control-plane').running).toBe(false)
    world.kubelets.nodes.start('control-plane')
    expect(node().status.conditions.find(({ type }) => type === 'Ready')?.status).toBe('True')
  })

  it('that comes back says again what others have taken for over meanwhile', async () => {
    world = await NodeWorld.make({ nginx: patient })
    world.create({ containers: [web] })
    await world.step(6)
    world.kubelets.nodes.setCutOff('control-plane', true)
    sayOfPod({ type: 'Ready', status: 'False', reason: 'NodeNotReady' })
    sayOfPod({ type: 'example.com/own', status: 'True' })
    await world.step(60)
    expect(ready()).toBe('False')
    world.kubelets.nodes.setCutOff('control-plane', false)
    await world.step(11)
    expect(ready()).toBe('True')
    expect(world.status().conditions?.map(({ type }) => type)).toContain('example.com/own')
    expect(world.container('web').restartCount).toBe(0)
  })

  it('does not let others say for long what is not so of its Pods', async () => {
    world = await NodeWorld.make({ nginx: patient })
    world.create({ containers: [web] })
    await world.step(11)
    sayOfPod({ type: 'Ready', status: 'False' })
    await world.step(1)
    expect(ready()).toBe('False')
    await world.step(10)
    expect(ready()).toBe('True')
  })

  it('gives Pods all that it is said to have, what it does not know itself as well', async () => {
    world = await NodeWorld.make({ nginx: patient })
    await world.step(1)
    const { cpu } = resources().capacity
    changeCapacity((capacity) => ({ ...capacity, 'example.com/thing': '5' }))
    await world.step(11)
    expect(resources()).toMatchObject({
      capacity: { cpu, 'example.com/thing': '5' },
      allocatable: { cpu, 'example.com/thing': '5' },
    })
    changeCapacity(({ 'example.com/thing': _, ...capacity }) => capacity)
    await world.step(11)
    expect(resources().allocatable).toEqual(resources().capacity)
    expect(resources().allocatable).not.toHaveProperty(['example.com/thing'])
  })

  it('counts a Pod that is gone from the API no more, though it still ends', async () => {
    world = await NodeWorld.make({ nginx: {} })
    const container = { ...web, ports: [{ containerPort: 80, hostPort: 8080, protocol: 'TCP' as const }] }
    world.create({ containers: [{ ...container, resources: { requests: { cpu: '3' } } }] })
    await world.step(6)
    world.delete('web', 0)
    world.create({ containers: [{ ...container, resources: { requests: { cpu: '3' } } }] }, { name: 'next' })
    await world.step(6)
    expect(world.nodes.containers).toHaveLength(2)
    expect(world.status('next').phase).toBe('Running')
  })

  it('gives what a Pod had to others once nothing of it runs', async () => {
    world = await NodeWorld.make({ nginx: { after: 3000 } })
    const container = { ...web, ports: [{ containerPort: 80, hostPort: 8080, protocol: 'TCP' as const }] }
    world.create({ containers: [container], restartPolicy: 'Never' })
    const { store } = world.world.cluster.backend
    const watching = store.collection(PODS)?.subscribe(
      {},
      {
        event: ({ object }) => {
          const { phase } = object.status as { readonly phase?: string }
          if (object.metadata.name !== 'web' || phase !== 'Succeeded') return
          watching?.()
          world.create({ containers: [container], restartPolicy: 'Never' }, { name: 'next' })
        },
      },
    )
    await world.step(20)
    expect(world.status('next').phase).toBe('Succeeded')
  })

  it.each([
    [
      'OutOfcpu',
      { resources: { requests: { cpu: '5' } } },
      {},
      "Node didn't have enough resource: cpu, requested: 5000, used: 0, capacity: 4000",
    ],
    [
      'NodeAffinity',
      {},
      { nodeSelector: { disk: 'ssd' } },
      "Predicate NodeAffinity failed: node(s) didn't match Pod's node affinity/selector",
    ],
  ])('does not take a Pod: %s', async (reason, container, spec, message) => {
    world = await NodeWorld.make({ nginx: patient })
    world.create({ containers: [{ ...web, ...container }], ...spec })
    await world.step(2)
    expect(world.status()).toMatchObject({ phase: 'Failed', reason, message: `Pod was rejected: ${message}` })
    expect(world.events()).toEqual([`${reason} ${message}`])
    world.delete()
    await world.step(1)
    expect(world.told.at(-1)).toBe('gone')
  })

  it('short of memory evicts who uses more than it asked for', async () => {
    const big = { ...patient, memory: 3 * 1024 ** 3 }
    world = await NodeWorld.make({ nginx: patient, big })
    world.create({ containers: [{ ...web, image: 'big' }] }, { name: 'greedy' })
    world.create(
      { containers: [{ ...web, image: 'big', resources: { requests: { memory: '4Gi' } } }] },
      { name: 'honest' },
    )
    await world.step(9)
    world.kubelets.nodes.press('control-plane', { memory: 2 * 1024 ** 3 - 50 * 1024 ** 2 })
    await world.step(12)
    expect(world.status('greedy')).toMatchObject({
      phase: 'Failed',
      reason: 'Evicted',
      message:
        'The node was low on resource: memory. Threshold quantity: 100Mi, available: 50Mi. Container web was using 3Gi, request is 0, has larger consumption of memory. ',
    })
    expect(world.status('greedy').conditions?.find(({ type }) => type === 'DisruptionTarget')?.reason).toBe(
      'TerminationByKubelet',
    )
    expect(world.status('honest').phase).toBe('Running')
    expect(node().status.conditions.find(({ type }) => type === 'MemoryPressure')).toMatchObject({
      status: 'True',
      reason: 'KubeletHasInsufficientMemory',
    })
    world.kubelets.nodes.press('control-plane', {})
    await world.step(320)
    expect(node().status.conditions.find(({ type }) => type === 'MemoryPressure')?.status).toBe('False')
  })

  it('runs Pods of its own, and shows them to the API whatever is done to them there', async () => {
    const manifest = {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: 'etcd', namespace: 'kube-system', labels: { component: 'etcd' } },
      spec: { containers: [{ ...web, name: 'etcd' }], hostNetwork: true, priorityClassName: 'system-node-critical' },
    }
    world = await NodeWorld.make({ nginx: patient }, { staticPods: () => [manifest] })
    await world.step(6)
    const mirror = () => world.world.get(PODS, 'etcd-control-plane', 'kube-system')
    expect(mirror()?.status).toMatchObject({ phase: 'Running', podIP: '172.18.0.2' })
    expect(mirror()?.metadata).toMatchObject({
      annotations: { 'kubernetes.io/config.source': 'file' },
      ownerReferences: [{ kind: 'Node', name: 'control-plane', controller: true }],
    })
    const made = world.nodes.containers.length
    const { uid } = mirror()?.metadata ?? {}
    world.world.cluster.backend.registry(PODS)?.delete('kube-system', 'etcd-control-plane', {})
    await world.step(6)
    expect(mirror()?.metadata.uid).not.toBe(uid)
    expect(mirror()?.status).toMatchObject({ phase: 'Running' })
    expect(world.nodes.containers.length).toBe(made)
  })

  it('gives a running Pod other resources, as far as it has them', async () => {
    world = await NodeWorld.make({ nginx: patient })
    const requests = { cpu: '1', memory: '64Mi' }
    world.create({ containers: [{ ...web, resources: { requests } }] })
    world.create({ containers: [{ ...web, resources: { requests } }] }, { name: 'other' })
    await world.step(8)
    const ask = async (cpu: string) => {
      const change = (pod: ApiObject) => {
        const spec = pod.spec as PodSpec
        const [first] = spec.containers ?? []
        return { ...pod, spec: { ...spec, containers: [{ ...first, resources: { requests: { ...requests, cpu } } }] } }
      }
      world.world.update(PODS, 'web', change, { subresource: 'resize' })
      await world.step(1)
      const pending = world.status().conditions?.find(({ type }) => type === 'PodResizePending')
      return [world.container('web').allocatedResources?.cpu, pending?.reason, pending?.message]
    }
    expect(await ask('2')).toEqual(['2', undefined, undefined])
    expect(await ask('5')).toEqual([
      '2',
      'Infeasible',
      "Node didn't have enough capacity: cpu, requested: 5000, capacity: 4000",
    ])
    expect(await ask('3500m')).toEqual([
      '2',
      'Deferred',
      "Node didn't have enough resource: cpu, requested: 3500, used: 1000, capacity: 4000",
    ])
    world.delete('other')
    await world.step(5)
    expect(world.container('web')).toMatchObject({ allocatedResources: { cpu: '3500m' }, restartCount: 0 })
    expect(world.events().at(-1)).toBe(
      'ResizeCompleted Pod resize completed: {"containers":[{"name":"web","resources":{"requests":{"cpu":"3500m","memory":"64Mi"}}}]}',
    )
  })

  it('pulls what it has not got, one image after the other', async () => {
    world = await NodeWorld.make({ nginx: patient, other: patient, base: patient }, { preloaded: ['base'] })
    world.create({ containers: [web] })
    world.create({ containers: [{ ...web, image: 'other' }] }, { name: 'second' })
    world.create({ containers: [{ ...web, image: 'base' }] }, { name: 'third' })
    await world.step(8)
    const took = (name: string) =>
      /in ([\d.]+)s \(([\d.]+)s including/.exec(world.events(name).join())?.slice(1).map(Number)
    const [own = 0, all = 0] = took('second') ?? []
    expect(all).toBeGreaterThan(own + 1)
    expect(took('web')?.[0]).toBe(took('web')?.[1])
    expect(world.events('third')[0]).toBe('Pulled Container image "base" already present on machine')
  })

  it('has faults as its profile says', async () => {
    const faults = [
      { at: 'pull', image: 'nginx*', message: 'toomanyrequests: slow down', labels: { app: 'one' } },
      { at: 'start', labels: { app: 'two' }, message: 'no such device' },
    ] as const
    world = await NodeWorld.make({ nginx: patient }, { profile: { ...STEADY, faults } })
    world.create({ containers: [web] }, { name: 'one', labels: { app: 'one' } })
    world.create({ containers: [web] }, { name: 'two', labels: { app: 'two' } })
    world.create({ containers: [web] }, { name: 'three' })
    await world.step(6)
    expect(world.events('one')).toContain('Failed Failed to pull image "nginx": toomanyrequests: slow down')
    expect(world.events('two')).toContain('Failed Error: no such device')
    expect(world.status('three').phase).toBe('Running')
  })
})

const logOptions: LogOptions = { container: 'web', follow: false, previous: false, timestamps: false }

describe('what runs on nodes', () => {
  const logs = async (options: Partial<LogOptions> = {}, name = 'web') => {
    const pod = world.world.get(PODS, name)
    if (pod === undefined) throw new Error(`There is no Pod ${name}.`)
    let text = ''
    for await (const chunk of world.door.logs(pod, { ...logOptions, ...options }, new AbortController().signal)) {
      text += new TextDecoder().decode(chunk)
    }
    return text
  }

  it('has logs, of this run and the one before', async () => {
    world = await NodeWorld.make({
      job: [
        { after: 1000, exitCode: 1, says: 'first\n' },
        { ...patient, says: 'second\n' },
      ],
    })
    world.create({ containers: [{ ...web, image: 'job' }] })
    await world.step(1)
    await expect(logs()).rejects.toThrow('container "web" in pod "web" is waiting to start: ContainerCreating')
    await world.step(2)
    await expect(logs({ previous: true })).rejects.toThrow('previous terminated container "web" in pod "web" not found')
    expect(await logs()).toBe('first\n')
    await world.step(5)
    expect([await logs(), await logs({ previous: true })]).toEqual(['second\n', 'first\n'])
    world.create({ containers: [{ ...web, image: 'job:missing' }] }, { name: 'other' })
    await world.step(3)
    await expect(logs({}, 'other')).rejects.toThrow(
      /container "web" in pod "other" is waiting to start: (image can't be pulled|trying and failing to pull image)/,
    )
  })

  it('runs commands where it runs', async () => {
    world = await NodeWorld.make({ nginx: { ...patient, commands: { date: { exitCode: 0, output: 'today' } } } })
    const pod = world.create({ containers: [web] })
    const options = { stdin: false, stdout: true, stderr: true, tty: false }
    let said = ''
    const io = {
      stdin: (async function* () {})(),
      sizes: (async function* () {})(),
      signal: new AbortController().signal,
      stdout: async (chunk: Uint8Array) => {
        said += new TextDecoder().decode(chunk)
      },
      stderr: async () => {},
    }
    await expect(world.door.exec(pod, 'web', ['date'], options, io)).rejects.toThrow(
      'unable to upgrade connection: container not found ("web")',
    )
    await world.step(5)
    expect(await world.door.exec(pod, 'web', ['date'], options, io)).toEqual({ exitCode: 0 })
    expect(said).toBe('today')
  })

  it('is reached by its ports', async () => {
    world = await NodeWorld.make({ nginx: patient })
    world.create({ containers: [web] })
    await world.step(5)
    const pod = world.world.get(PODS, 'web')
    if (pod === undefined) throw new Error('There is no Pod.')
    const asked = {
      method: 'GET',
      path: '/',
      headers: {},
      body: new Uint8Array(),
      signal: new AbortController().signal,
    }
    await expect(world.door.proxy(pod, 80, asked)).rejects.toThrow(
      /error trying to reach service: dial tcp 10\.244\.0\.\d+:80: connect: connection refused/,
    )
    await expect(world.door.portForward(pod, 80)).rejects.toThrow(
      /failed to connect to localhost:80 inside namespace ".*", IPv4: dial tcp4 127\.0\.0\.1:80: connect: connection refused/,
    )
    world.nodes.ports.set(80, 204)
    expect(await world.door.proxy(pod, 80, asked)).toMatchObject({ status: 204 })
    const forwarded = await world.door.portForward(pod, 80)
    await forwarded.close()
  })

  it('is measured each 15 seconds', async () => {
    world = await NodeWorld.make({ nginx: patient })
    world.create({ containers: [web] })
    await world.step(14)
    expect([world.door.metrics.node('control-plane'), world.door.metrics.pod('default', 'web')]).toEqual([
      undefined,
      undefined,
    ])
    await world.step(20)
    expect(world.door.metrics.pod('default', 'web')).toMatchObject({
      window: 15,
      containers: [{ name: 'web', cpu: 100_000_000, memory: 1_048_576 }],
    })
    expect(world.door.metrics.node('control-plane')).toMatchObject({ window: 15, cpu: 10_000_000, memory: 1_048_576 })
  })
})

it('a restore ends what is no longer there and runs what is', async () => {
  world = await NodeWorld.make({ nginx: patient })
  const { store } = world.world.cluster.backend
  world.create({ containers: [web] })
  await world.step(6)
  const saved = store.snapshot()
  world.create({ containers: [web] }, { name: 'later' })
  world.delete('web', 0)
  await world.step(6)
  store.restore(saved)
  await world.step(8)
  expect(world.world.get(PODS, 'later')).toBeUndefined()
  expect(world.status().phase).toBe('Running')
  const left = world.nodes.containers.at(-1)
  expect(left?.name).toBe('web')
})
