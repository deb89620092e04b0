import { afterEach, describe, expect, it } from 'vitest'
import type { Container, PodSpec, Resources } from '../../kinds/pod/types.ts'
import type { ApiObject } from '../../objects/types.ts'
import { NodeWorld, type Script } from '../kubelet.testing.ts'
import { PODS } from '../objects.ts'
import type { FullPodStatus } from '../status/types.ts'

const MIB = 1024 * 1024
const patient: Script = { onTerm: { exitCode: 0 } }
const small: Resources = { limits: { cpu: '100m', memory: '32Mi' }, requests: { cpu: '10m', memory: '16Mi' } }
const bigger: Resources = { limits: { cpu: '200m', memory: '32Mi' }, requests: { cpu: '20m', memory: '16Mi' } }
const web = { name: 'web', image: 'nginx', imagePullPolicy: 'IfNotPresent', resources: small }
const completed = (resources: Resources) =>
  `ResizeCompleted Pod resize completed: ${JSON.stringify({ containers: [{ name: 'web', resources }] })}`

let world: NodeWorld
/** What the Pod's status said, one after the other: CPU that is set aside, that it has, and conditions on resizes. */
let told: string[]
afterEach(() => {
  expect(world.world.errors).toEqual([])
  world.close()
  expect(world.world.clock.pending).toBe(0)
})

async function running(script: Script = patient, spec: Partial<Container> = {}): Promise<void> {
  world = await NodeWorld.make({ nginx: script })
  world.create({ containers: [{ ...web, ...spec }] })
  await world.step(5)
  told = []
  world.world.cluster.backend.store
    .collection(PODS)
    ?.subscribe({}, { event: ({ object }) => void told.push(line(object)) })
}

function line({ status }: ApiObject): string {
  const { containerStatuses: [one] = [], conditions = [] } = status as FullPodStatus
  const resizes = conditions.filter(({ type }) => type.startsWith('PodResize'))
  const said = resizes.map(({ type, reason, observedGeneration }) => `${type} ${reason ?? ''}@${observedGeneration}`)
  return [one?.allocatedResources?.cpu, one?.resources?.requests?.cpu, ...said].join(' ')
}

function ask(resources: Resources): void {
  const change = (pod: ApiObject) => {
    const spec = pod.spec as PodSpec
    const containers = (spec.containers ?? []).map((one) => ({ ...one, resources }))
    return { ...pod, spec: { ...spec, containers } }
  }
  world.world.update(PODS, 'web', change, { subresource: 'resize' })
}

const condition = (type: string) => world.status().conditions?.find((one) => one.type === type)

describe('other resources for a Pod that runs', () => {
  it('are set aside at once, and it has them when the runtime is looked at next', async () => {
    await running()
    ask(bigger)
    await world.step(0.1)
    const { lastProbeTime, lastTransitionTime } = condition('PodResizeInProgress') ?? {}
    expect(lastProbeTime).toEqual(expect.any(String))
    expect(lastTransitionTime).toBe(lastProbeTime)
    expect(world.events()).not.toContain(completed(bigger))
    expect(world.nodes.container('web').limits).toEqual({ cpuLimit: 0.2, cpuRequest: 0.02, memoryLimit: 32 * MIB })
    await world.step(1)
    expect(told).toEqual(['10m 10m', '20m 10m PodResizeInProgress @2', '20m 20m'])
    expect(world.events().filter((event) => event.startsWith('Resize'))).toEqual([completed(bigger)])
    expect(world.container('web').restartCount).toBe(0)
  })

  it('may change again on their way', async () => {
    await running()
    ask(bigger)
    await world.step(0.1)
    ask({ ...bigger, requests: { cpu: '30m', memory: '16Mi' } })
    await world.step(1)
    expect(told).toEqual([
      '10m 10m',
      '20m 10m PodResizeInProgress @2',
      '20m 10m PodResizeInProgress @2',
      '30m 20m PodResizeInProgress @3',
      '30m 30m',
    ])
    expect(world.events().filter((event) => event.startsWith('Resize'))).toHaveLength(1)
  })

  it('are not on their way where they are not to be had, and what restarts meanwhile keeps what it had', async () => {
    await running({ after: 20_000, exitCode: 1 })
    ask({ requests: { cpu: '40', memory: '16Mi' }, limits: { cpu: '40', memory: '32Mi' } })
    await world.step(1)
    expect(told).toEqual(['10m 10m', '10m 10m PodResizePending Infeasible@2'])
    await world.step(30)
    expect(world.container('web')).toMatchObject({ restartCount: 1, allocatedResources: { cpu: '10m' } })
    expect(world.nodes.container('web').limits.cpuLimit).toBe(0.1)
    ask(small)
    await world.step(1)
    expect(told.at(-1)).toBe('10m 10m')
    expect(world.events().filter((event) => event.startsWith('Resize'))).toEqual([])
  })

  it('need a restart where the container says so', async () => {
    await running(patient, { resizePolicy: [{ resourceName: 'cpu', restartPolicy: 'RestartContainer' }] })
    const first = world.nodes.container('web')
    ask(bigger)
    await world.step(3)
    expect(told[1]).toBe('20m 10m PodResizeInProgress @2')
    expect(told.at(-1)).toBe('20m 20m')
    expect(world.container('web').restartCount).toBe(1)
    expect(first.limits.cpuLimit).toBe(0.1)
    expect(world.nodes.container('web').limits.cpuLimit).toBe(0.2)
    expect(world.events()).toContain('Killing Container web resize requires restart')
    expect(world.events().at(-1)).toBe(completed(bigger))
  })

  it('need a restart of a sidecar too', async () => {
    world = await NodeWorld.make({ nginx: patient })
    const resizePolicy = [{ resourceName: 'cpu', restartPolicy: 'RestartContainer' }]
    const side = { ...web, name: 'side', restartPolicy: 'Always', resizePolicy }
    world.create({ initContainers: [side], containers: [web] })
    await world.step(6)
    const change = (pod: ApiObject) => {
      const spec = pod.spec as PodSpec
      const initContainers = (spec.initContainers ?? []).map((one) => ({ ...one, resources: bigger }))
      return { ...pod, spec: { ...spec, initContainers } }
    }
    world.world.update(PODS, 'web', change, { subresource: 'resize' })
    await world.step(3)
    expect(world.container('side')).toMatchObject({
      restartCount: 1,
      resources: bigger,
      allocatedResources: { cpu: '20m' },
    })
    expect(world.container('web').restartCount).toBe(0)
    expect(condition('PodResizeInProgress')).toBeUndefined()
    expect(world.events()).toContain('Killing Init container side resize requires restart')
  })

  it('do not take memory away that is in use, until it is no longer', async () => {
    const script = { ...patient, memory: 20 * MIB }
    await running(script)
    const less: Resources = { limits: { cpu: '100m', memory: '16Mi' }, requests: { cpu: '10m', memory: '16Mi' } }
    ask(less)
    await world.step(17)
    const used = `below current usage (${20 * MIB})`
    expect(condition('PodResizeInProgress')).toMatchObject({
      reason: 'Error',
      message: `cannot decrease memory limits: [attempting to set pod memory limit (${16 * MIB}) ${used}, attempting to set container "web" memory limit (${16 * MIB}) ${used}]`,
    })
    expect(world.nodes.container('web').limits.memoryLimit).toBe(32 * MIB)
    script.memory = 4 * MIB
    await world.step(17)
    expect(condition('PodResizeInProgress')).toBeUndefined()
    expect(world.nodes.container('web').limits.memoryLimit).toBe(16 * MIB)
    expect(world.events().at(-1)).toBe(completed(less))
  })

  it('are given up when the Pod ends', async () => {
    await running()
    ask(bigger)
    await world.step(0.1)
    world.delete()
    await world.step(5)
    expect(world.world.get(PODS, 'web')).toBeUndefined()
    expect(world.events().filter((event) => event.startsWith('Resize'))).toEqual([])
  })

  it('are what it runs with when its node comes back', async () => {
    await running()
    ask(bigger)
    await world.step(0.1)
    world.kubelets.nodes.stop('control-plane')
    await world.step(5)
    expect(told.at(-1)).toBe('20m 10m PodResizeInProgress @2')
    world.kubelets.nodes.start('control-plane')
    await world.step(5)
    expect(told.at(-1)).toBe('20m 20m')
    expect(world.nodes.container('web').limits.cpuLimit).toBe(0.2)
    expect(condition('PodResizeInProgress')).toBeUndefined()
  })
})
