import { afterEach, describe, expect, it } from 'vitest'
import type { NewObject } from '../objects/types.ts'
import { appControllers } from './apps.ts'
import type { Controller } from './cluster.ts'
import { DAEMON_SETS } from './daemonset/types.ts'
import { DEPLOYMENTS } from './deployment/types.ts'
import { CONTROLLER_REVISIONS } from './history/history.ts'
import { PODS } from './pod-control/pod-control.ts'
import { Kubelet, submit, template } from './pod-control/pods.testing.ts'
import { REPLICA_SETS, REPLICATION_CONTROLLERS } from './replicaset/replica-controller.ts'
import { CLAIMS } from './statefulset/claims.ts'
import { STATEFUL_SETS } from './statefulset/types.ts'
import { World } from './world.testing.ts'

const NAMESPACES = { group: '', resource: 'namespaces' }
const MADE = [PODS, REPLICA_SETS, CONTROLLER_REVISIONS, CLAIMS]
const claim = {
  metadata: { name: 'data' },
  spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } },
}

let world: World
let controllers: readonly Controller[]

async function make(): Promise<Kubelet> {
  world = await World.make((cluster, report) => {
    controllers = appControllers(cluster, report)
    return controllers
  })
  return new Kubelet(world)
}
afterEach(() => world.close())

/** One of each kind, with Pods of its own. */
function workloads(namespace: string): void {
  const one = (kind: string, extra: object = {}, apiVersion = 'apps/v1'): NewObject => {
    const labels = { app: kind.toLowerCase() }
    const selector = apiVersion === 'v1' ? labels : { matchLabels: labels }
    const spec = { selector, template: template('nginx:1.27', labels as never), ...extra }
    return { apiVersion, kind, metadata: { name: labels.app }, spec }
  }
  const claims = { serviceName: 'db', volumeClaimTemplates: [claim] }
  submit(world, DEPLOYMENTS, one('Deployment', { replicas: 2 }), namespace)
  submit(world, STATEFUL_SETS, one('StatefulSet', { replicas: 2, ...claims }), namespace)
  submit(world, DAEMON_SETS, one('DaemonSet'), namespace)
  submit(world, REPLICATION_CONTROLLERS, one('ReplicationController', { replicas: 2 }, 'v1'), namespace)
  world.step()
}

const present = (namespace: string): string[] =>
  MADE.flatMap((resource) => world.list(resource, namespace).map(({ kind, metadata }) => `${kind} ${metadata.name}`))

describe('the controllers of workloads', () => {
  it('go silently where a namespace ends', async () => {
    await make()
    world.create(NAMESPACES, { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'team' } }, undefined)
    world.step()
    workloads('team')
    expect(present('team').length).toBeGreaterThan(8)
    world.cluster.backend.registry(NAMESPACES)?.delete(undefined, 'team')
    world.step(120_000)
    expect(present('team')).toEqual([])
    expect(world.get(NAMESPACES, 'team', '')).toBeUndefined()
    expect(world.errors).toEqual([])
  })

  it('take with a workload all that they have made for it, but its claims', async () => {
    const kubelet = await make()
    workloads('default')
    kubelet.settle()
    for (const resource of [DEPLOYMENTS, STATEFUL_SETS, DAEMON_SETS, REPLICATION_CONTROLLERS]) {
      for (const { metadata } of world.list(resource, 'default')) {
        const options = { propagationPolicy: 'Background' }
        world.cluster.backend.registry(resource)?.delete('default', metadata.name, options)
      }
    }
    kubelet.settle()
    world.step(1000)
    expect(present('default')).toEqual([
      'PersistentVolumeClaim data-statefulset-0',
      'PersistentVolumeClaim data-statefulset-1',
    ])
    expect(world.errors).toEqual([])
  })

  it('make up for what has happened while they were stopped', async () => {
    const kubelet = await make()
    workloads('default')
    kubelet.settle()
    const before = kubelet.names().length
    for (const controller of controllers) controller.stop()
    const [gone = ''] = kubelet.names()
    kubelet.end(world.get(PODS, gone) ?? expect.unreachable())
    world.update(DEPLOYMENTS, 'deployment', (now) => ({ ...now, spec: { ...(now.spec as object), replicas: 4 } }))
    world.step(10_000)
    expect(kubelet.names()).toHaveLength(before - 1)
    for (const controller of controllers) controller.start()
    for (const controller of controllers) controller.start()
    kubelet.settle()
    expect(kubelet.names()).toHaveLength(before + 2)
  })

  it('do the same each time from the same seed', async () => {
    const run = async () => {
      const kubelet = await make()
      workloads('default')
      kubelet.settle()
      const all = present('default')
      world.close()
      return all
    }
    expect(await run()).toEqual(await run())
  })
})
