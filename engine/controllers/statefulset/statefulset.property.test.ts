import { expect, it } from 'vitest'
import { Random } from '../../clock/random.ts'
import type { StatefulSetSpec } from '../../kinds/apps/types.ts'
import { isEnding, isReady, type Pod } from '../../kinds/pod/status.ts'
import { appControllers } from '../apps.ts'
import { PODS } from '../pod-control/pod-control.ts'
import { Kubelet, labelled, submit, template, withImage } from '../pod-control/pods.testing.ts'
import { World } from '../world.testing.ts'
import { ordinalOf, STATEFUL_SETS, type StatefulSet, sizeOf } from './types.ts'

const STEPS = 80

it.each([1, 2, 3, 4, 5, 6])('keeps its order whatever happens, and comes to rest (seed %i)', async (seed) => {
  const world = await World.make(appControllers)
  const kubelet = new Kubelet(world)
  const random = new Random(seed)
  const get = () => world.get(STATEFUL_SETS, 'db') as StatefulSet
  const edit = (change: (spec: StatefulSetSpec) => StatefulSetSpec) =>
    world.update(STATEFUL_SETS, 'db', (now) => ({ ...now, spec: change((now as StatefulSet).spec) }))
  const readyBelow = (ordinal: number) =>
    kubelet.pods().filter((pod) => ordinalOf(pod) < ordinal && isReady(pod) && !isEnding(pod)).length
  submit(world, STATEFUL_SETS, {
    apiVersion: 'apps/v1',
    kind: 'StatefulSet',
    metadata: { name: 'db' },
    spec: { replicas: 3, serviceName: 'db', selector: { matchLabels: labelled() }, template: template() },
  })
  const wrong: string[] = []
  let own = true
  world.cluster.backend.store.collection(PODS)?.subscribe(
    {},
    {
      event({ type, object }) {
        const ordinal = ordinalOf(object as Pod)
        if (type === 'ADDED' && readyBelow(ordinal) !== ordinal) wrong.push(`db-${ordinal} came too soon`)
        const isOnes = type === 'MODIFIED' && isEnding(object) && own
        if (isOnes && kubelet.pods().filter(isEnding).length > 1 + disturbed) wrong.push(`db-${ordinal} went too soon`)
      },
    },
  )
  let disturbed = 0
  const happen = (): void => {
    const pods = kubelet.pods()
    const alive = pods.filter((pod) => !isEnding(pod))
    switch (random.below(7)) {
      case 0:
        edit((spec) => ({ ...spec, template: withImage(spec.template, `nginx:${random.below(3)}`) }))
        break
      case 1:
        edit((spec) => ({ ...spec, replicas: random.below(5) }))
        break
      case 2:
        edit((spec) => ({
          ...spec,
          updateStrategy: { type: 'RollingUpdate', rollingUpdate: { partition: random.below(3) } },
        }))
        break
      case 3:
        if (alive.length > 0) kubelet.run(random.pick(alive), random.chance(0.7))
        break
      case 4: {
        if (alive.length === 0) break
        disturbed++
        own = false
        world.cluster.backend.registry(PODS)?.delete('default', random.pick(alive).metadata.name)
        own = true
        break
      }
      default:
        for (const pod of pods) {
          if (isEnding(pod)) kubelet.end(pod)
          else if (pod.status?.phase === 'Pending') kubelet.run(pod)
        }
        disturbed = 0
    }
  }
  for (let step = 0; step < STEPS; step++) {
    happen()
    world.step()
    const ordinals = kubelet.pods().map(ordinalOf)
    expect(new Set(ordinals).size).toBe(ordinals.length)
  }
  edit((spec) => ({ ...spec, updateStrategy: { type: 'RollingUpdate', rollingUpdate: { partition: 0 } } }))
  for (let round = 0; round < 10; round++) {
    for (const pod of kubelet.pods()) if (!isEnding(pod)) kubelet.run(pod)
    kubelet.settle()
  }
  const set = get()
  expect(wrong).toEqual([])
  expect(kubelet.names()).toEqual(Array.from({ length: sizeOf(set) }, (_, ordinal) => `db-${ordinal}`))
  for (const { spec } of kubelet.pods()) {
    expect(spec.containers?.[0]?.image).toBe(set.spec.template.spec.containers?.[0]?.image)
  }
  const { replicas, readyReplicas = 0, updatedReplicas = 0, currentRevision, updateRevision } = set.status ?? {}
  expect([replicas, readyReplicas, updatedReplicas]).toEqual(Array(3).fill(sizeOf(set)))
  expect(currentRevision).toBe(updateRevision)
  expect(world.errors).toEqual([])
  world.close()
})
