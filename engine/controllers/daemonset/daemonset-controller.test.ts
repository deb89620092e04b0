import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { DaemonSetSpec } from '../../kinds/apps/types.ts'
import { isEnding, type Pod } from '../../kinds/pod/status.ts'
import type { ApiObject } from '../../objects/types.ts'
import { appControllers } from '../apps.ts'
import { CONTROLLER_REVISIONS, type ControllerRevision } from '../history/history.ts'
import { Kubelet, labelled, submit, template, withImage } from '../pod-control/pods.testing.ts'
import { World } from '../world.testing.ts'
import { targetNode } from './daemon-pod.ts'
import { DAEMON_SETS, type DaemonSet, NODES, type Node } from './types.ts'

let world: World
let kubelet: Kubelet
/** Nodes without a taint. */
let workers: string[]

beforeEach(async () => {
  world = await World.make(appControllers, { nodes: 4 })
  kubelet = new Kubelet(world)
  workers = world
    .list(NODES)
    .flatMap(({ metadata, spec }) => ((spec as Node['spec'])?.taints?.length ? [] : [metadata.name]))
})
afterEach(() => {
  world.close()
  expect(world.errors).toEqual([])
})

function taint(node: string, taints: readonly { key: string; effect: string }[]): void {
  world.update(NODES, node, (now) => ({ ...now, spec: { ...(now as Node).spec, taints } }), { namespace: '' })
}

function label(node: string, labels: Readonly<Record<string, string>>): void {
  const change = (now: ApiObject) => ({
    ...now,
    metadata: { ...now.metadata, labels: { ...now.metadata.labels, ...labels } },
  })
  world.update(NODES, node, change, { namespace: '' })
  world.step()
}

function make(spec: Partial<DaemonSetSpec> = {}): DaemonSet {
  const made = submit(world, DAEMON_SETS, {
    apiVersion: 'apps/v1',
    kind: 'DaemonSet',
    metadata: { name: 'agent' },
    spec: { selector: { matchLabels: labelled() }, template: template(), ...spec },
  })
  world.step()
  return made as DaemonSet
}

const get = (): DaemonSet => world.get(DAEMON_SETS, 'agent') as DaemonSet
const revisions = (): ControllerRevision[] => world.list(CONTROLLER_REVISIONS, 'default') as ControllerRevision[]
const events = (): string[] => world.eventsOf('DaemonSet', 'agent')
const alive = (): Pod[] => kubelet.pods().filter((pod) => !isEnding(pod))
const nodesOf = (pods: readonly Pod[]): (string | undefined)[] => pods.map(targetNode).sort()
const imageOf = ({ spec }: Pod): string => spec.containers?.[0]?.image ?? ''
const images = (): string[] => alive().map(imageOf).sort()

function change(spec: (now: DaemonSetSpec) => DaemonSetSpec): void {
  world.update(DAEMON_SETS, 'agent', (now) => ({ ...now, spec: spec((now as DaemonSet).spec) }))
  world.step()
}
const setImage = (image: string) => change((spec) => ({ ...spec, template: withImage(spec.template, image) }))

describe('a daemon', () => {
  it('has a Pod for each node that is fit, bound to it by affinity and with its tolerations', () => {
    const set = make()
    expect(nodesOf(alive())).toEqual(workers.toSorted())
    const [pod] = alive()
    const hash = revisions()[0]?.metadata.labels?.['controller-revision-hash']
    expect(pod).toMatchObject({
      metadata: {
        generateName: 'agent-',
        labels: { app: 'web', 'controller-revision-hash': hash, 'pod-template-generation': '1' },
        ownerReferences: [{ kind: 'DaemonSet', name: 'agent', uid: set.metadata.uid, controller: true }],
      },
      spec: {
        affinity: {
          nodeAffinity: {
            requiredDuringSchedulingIgnoredDuringExecution: {
              nodeSelectorTerms: [
                { matchFields: [{ key: 'metadata.name', operator: 'In', values: [targetNode(pod as Pod)] }] },
              ],
            },
          },
        },
      },
    })
    expect(pod?.spec.tolerations?.map(({ key, effect }) => `${key} ${effect}`)).toEqual([
      'node.kubernetes.io/not-ready NoExecute',
      'node.kubernetes.io/unreachable NoExecute',
      'node.kubernetes.io/disk-pressure NoSchedule',
      'node.kubernetes.io/memory-pressure NoSchedule',
      'node.kubernetes.io/pid-pressure NoSchedule',
      'node.kubernetes.io/unschedulable NoSchedule',
    ])
    expect(events()).toHaveLength(workers.length)
    expect(events()[0]).toMatch(/^Normal SuccessfulCreate Created pod: agent-[a-z0-9]{5}$/)
  })

  it('tells how many there are to be, and how many there are', () => {
    make({ minReadySeconds: 10 })
    const desired = workers.length
    expect(get().status).toEqual({
      currentNumberScheduled: desired,
      numberMisscheduled: 0,
      desiredNumberScheduled: desired,
      numberReady: 0,
      observedGeneration: 1,
      updatedNumberScheduled: desired,
      numberUnavailable: desired,
    })
    kubelet.settle()
    expect(get().status).toMatchObject({ numberReady: desired, numberUnavailable: desired })
    world.step(10_000)
    expect(get().status).toMatchObject({ numberReady: desired, numberAvailable: desired })
    expect(get().status?.numberUnavailable).toBeUndefined()
  })

  it('goes where its node selector says, and follows labels and taints', () => {
    make({ template: { ...template(), spec: { ...template().spec, nodeSelector: { disk: 'ssd' } } } })
    expect(alive()).toEqual([])
    const [first = '', second = ''] = workers
    label(first, { disk: 'ssd' })
    label(second, { disk: 'ssd' })
    kubelet.settle()
    expect(nodesOf(alive())).toEqual([first, second].sort())
    label(first, { disk: 'hdd' })
    expect(nodesOf(alive())).toEqual([second])
    // It may stay, but is not counted as one that is to be there
    taint(second, [{ key: 'reserved', effect: 'NoSchedule' }])
    world.step()
    kubelet.settle()
    expect(nodesOf(alive())).toEqual([second])
    taint(second, [{ key: 'reserved', effect: 'NoExecute' }])
    world.step()
    expect(alive()).toEqual([])
  })

  it('comes to a node that is new', () => {
    make()
    const node = world.list(NODES).find(({ metadata }) => metadata.name === workers[0]) as Node
    const { apiVersion, kind, spec = {}, status } = node
    const { uid: _, resourceVersion: __, ...metadata } = node.metadata
    world.create(
      NODES,
      {
        apiVersion,
        kind,
        spec: { ...spec, podCIDR: '10.244.99.0/24', podCIDRs: ['10.244.99.0/24'] },
        status,
        metadata: { ...metadata, name: 'new' },
      },
      undefined,
    )
    world.step()
    expect(nodesOf(alive())).toContain('new')
  })

  it('is made anew where it has failed, later each time', () => {
    make()
    kubelet.settle()
    const [node = ''] = workers
    const there = () => alive().find((pod) => targetNode(pod) === node) as Pod
    const fail = () => {
      kubelet.set(there(), 'Failed')
      world.step()
    }
    const first = there().metadata.name
    fail()
    kubelet.settle()
    const second = there().metadata.name
    expect(second).not.toBe(first)
    expect(events()).toContain(
      `Warning FailedDaemonPod Found failed daemon pod default/${first} on node ${node}, will try to kill it`,
    )
    fail()
    expect(there().metadata.name).toBe(second)
    world.step(1000)
    kubelet.settle()
    const third = there().metadata.name
    expect(third).not.toBe(second)
    fail()
    world.step(1000)
    expect(there().metadata.name).toBe(third)
    world.step(1000)
    expect(there()?.metadata.name).not.toBe(third)
  })

  it('has one Pod on a node, the oldest', () => {
    make()
    kubelet.settle()
    const [one] = alive() as [Pod]
    world.step(5000)
    const twin = {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: 'twin', labels: one.metadata.labels ?? {} },
      spec: { ...template().spec, nodeName: one.spec.nodeName },
    }
    submit(world, { group: '', resource: 'pods' }, twin)
    kubelet.settle()
    expect(alive().map(({ metadata }) => metadata.name)).not.toContain('twin')
    expect(nodesOf(alive())).toEqual(workers.toSorted())
  })
})

describe('an update', () => {
  it('replaces one Pod after the other if nothing else is said', () => {
    make()
    kubelet.settle()
    setImage('nginx:1.28')
    const missing: number[] = []
    for (let round = 0; round < 20; round++) {
      missing.push(workers.length - alive().filter((pod) => pod.status?.phase === 'Running').length)
      const [ending] = kubelet.pods().filter(isEnding)
      if (ending !== undefined) kubelet.end(ending)
      world.step()
      for (const pod of alive()) if (pod.status?.phase === 'Pending') kubelet.run(pod)
      world.step()
    }
    expect(Math.max(...missing)).toBe(1)
    expect(images()).toEqual(workers.map(() => 'nginx:1.28'))
    expect(get().status).toMatchObject({ updatedNumberScheduled: workers.length, observedGeneration: 2 })
  })

  it('lets as many be missing as it is told', () => {
    make({ updateStrategy: { type: 'RollingUpdate', rollingUpdate: { maxUnavailable: 2 } } })
    kubelet.settle()
    setImage('nginx:1.28')
    expect(kubelet.pods().filter(isEnding)).toHaveLength(2)
  })

  it('replaces those that do not work at once', () => {
    make()
    kubelet.settle((pod) => targetNode(pod) === workers[0])
    setImage('nginx:1.28')
    world.step()
    const updated = alive().filter((pod) => imageOf(pod) === 'nginx:1.28')
    expect(nodesOf(updated)).toEqual(workers.slice(1).toSorted())
  })

  it('by surge makes the new Pod beside the old one first', () => {
    make({ updateStrategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: 1, maxUnavailable: 0 } } })
    kubelet.settle()
    setImage('nginx:1.28')
    expect(alive()).toHaveLength(workers.length + 1)
    expect(kubelet.pods().filter(isEnding)).toEqual([])
    const [fresh] = alive().filter((pod) => imageOf(pod) === 'nginx:1.28') as [Pod]
    kubelet.run(fresh)
    world.step()
    const ending = kubelet.pods().filter(isEnding)
    expect(ending.map(targetNode)).toEqual([targetNode(fresh)])
    kubelet.settle()
    expect(images()).toEqual(workers.map(() => 'nginx:1.28'))
    expect(nodesOf(alive())).toEqual(workers.toSorted())
  })

  it('on deletion is only of those that somebody deletes', () => {
    make({ updateStrategy: { type: 'OnDelete' } })
    kubelet.settle()
    setImage('nginx:1.28')
    kubelet.settle()
    expect(images()).toEqual(workers.map(() => 'nginx:1.27'))
    kubelet.end(alive()[0] as Pod)
    kubelet.settle()
    expect(images().filter((image) => image === 'nginx:1.28')).toHaveLength(1)
  })

  it('is remembered, and going back takes the old revision with a new number', () => {
    make({ revisionHistoryLimit: 1 })
    for (const image of ['nginx:1', 'nginx:2', 'nginx:1']) {
      kubelet.settle()
      setImage(image)
    }
    kubelet.settle()
    const shown = revisions().map(
      ({ revision, data }) => `${revision} ${data.spec.template.spec.containers?.[0]?.image}`,
    )
    expect(shown.sort()).toEqual(['3 nginx:2', '4 nginx:1'])
    expect(images()).toEqual(workers.map(() => 'nginx:1'))
  })
})

it('goes on after a restore', () => {
  make()
  kubelet.settle()
  setImage('nginx:1.28')
  const snapshot = world.whole.api.snapshot()
  kubelet.settle()
  world.whole.api.restore(snapshot)
  kubelet.settle()
  expect(images()).toEqual(workers.map(() => 'nginx:1.28'))
})
