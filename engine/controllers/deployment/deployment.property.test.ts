import { expect, it } from 'vitest'
import { Random } from '../../clock/random.ts'
import type { DeploymentSpec } from '../../kinds/apps/types.ts'
import { isAvailable, isEnding, isReady } from '../../kinds/pod/status.ts'
import { appControllers } from '../apps.ts'
import { PODS } from '../pod-control/pod-control.ts'
import { Kubelet, labelled, submit, template, withImage } from '../pod-control/pods.testing.ts'
import { REPLICA_SETS } from '../replicaset/replica-controller.ts'
import { World } from '../world.testing.ts'
import { maxSurge, maxUnavailable } from './sizes.ts'
import { DEPLOYMENTS, type Deployment, type ReplicaSet, sizeOf, sum } from './types.ts'

const STEPS = 60

class Run {
  readonly world: World
  readonly kubelet: Kubelet
  readonly random: Random

  constructor(world: World, random: Random) {
    this.world = world
    this.kubelet = new Kubelet(world)
    this.random = random
  }

  get deployment(): Deployment {
    return this.world.get(DEPLOYMENTS, 'web') as Deployment
  }

  get sets(): ReplicaSet[] {
    return this.world.list(REPLICA_SETS, 'default') as ReplicaSet[]
  }

  get alive() {
    return this.kubelet.pods().filter((pod) => !isEnding(pod))
  }

  edit(change: (spec: DeploymentSpec) => DeploymentSpec): void {
    this.world.update(DEPLOYMENTS, 'web', (now) => ({ ...now, spec: change((now as Deployment).spec) }))
  }

  create(): void {
    const { random } = this
    const maxUnavailable = random.pick([0, 1, 2, '25%', '50%'])
    const maxSurge = maxUnavailable === 0 ? random.pick([1, 2, '40%']) : random.pick([0, 1, 3, '25%', '100%'])
    submit(this.world, DEPLOYMENTS, {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name: 'web' },
      spec: {
        replicas: 1 + random.below(8),
        selector: { matchLabels: labelled() },
        minReadySeconds: random.pick([0, 0, 5]),
        strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge, maxUnavailable } },
        template: template(),
      },
    })
  }

  /** Something that happens in a cluster; what takes Pods that are available away is told apart. */
  happen(): 'kept' | 'disturbed' | 'scaled' {
    const { random, kubelet, world } = this
    const pods = this.alive
    switch (random.below(8)) {
      case 0:
        this.edit((spec) => ({ ...spec, template: withImage(spec.template, `nginx:${random.below(4)}`) }))
        return 'kept'
      case 1:
      case 2: {
        const waiting = pods.filter((pod) => !isReady(pod))
        if (waiting.length > 0) kubelet.run(random.pick(waiting))
        return 'kept'
      }
      case 3: {
        const ending = kubelet.pods().filter(isEnding)
        if (ending.length > 0) kubelet.end(random.pick(ending))
        return 'kept'
      }
      case 4:
        if (pods.length > 0) kubelet.run(random.pick(pods), random.chance(0.5))
        return 'disturbed'
      case 5:
        if (pods.length > 0) world.cluster.backend.registry(PODS)?.delete('default', random.pick(pods).metadata.name)
        return 'disturbed'
      case 6:
        this.edit((spec) => ({ ...spec, replicas: random.below(9) }))
        return 'scaled'
      default:
        world.step(random.below(4000))
        return 'kept'
    }
  }

  available(): number {
    const { minReadySeconds = 0 } = this.deployment.spec
    return this.alive.filter((pod) => isAvailable(pod, minReadySeconds, this.world.clock.now())).length
  }
}

it.each([1, 2, 3, 4, 5, 6, 7, 8])('keeps to its bounds whatever happens, and comes to rest (seed %i)', async (seed) => {
  const world = await World.make(appControllers)
  const run = new Run(world, new Random(seed))
  run.create()
  world.step()
  let before = run.available()
  for (let step = 0; step < STEPS; step++) {
    const kind = run.happen()
    if (kind === 'disturbed') before = Math.min(before, run.available())
    world.step()
    const { deployment } = run
    expect(sum(run.sets, sizeOf)).toBeLessThanOrEqual(sizeOf(deployment) + maxSurge(deployment))
    expect(run.alive.length).toBeLessThanOrEqual(sizeOf(deployment) + maxSurge(deployment))
    // It takes none away where there are not more than enough: others may, and what they took is not counted
    const least = sizeOf(deployment) - maxUnavailable(deployment)
    // Nor is what a user's other size takes away
    if (kind !== 'scaled') expect(run.available()).toBeGreaterThanOrEqual(Math.min(before, least))
    before = run.available()
  }
  run.kubelet.settle()
  for (const pod of run.alive) run.kubelet.run(pod)
  // What becomes available late is made up for step by step
  for (let round = 0; round < 20; round++) {
    world.step(5000)
    run.kubelet.settle()
  }
  const { deployment, alive } = run
  expect(alive).toHaveLength(sizeOf(deployment))
  expect(new Set(alive.map(({ spec }) => spec.containers?.[0]?.image))).toEqual(
    new Set(alive.length === 0 ? [] : [deployment.spec.template.spec.containers?.[0]?.image]),
  )
  const { observedGeneration, replicas = 0, updatedReplicas = 0, availableReplicas = 0 } = deployment.status ?? {}
  expect(observedGeneration).toBe(deployment.metadata.generation)
  expect([replicas, updatedReplicas, availableReplicas]).toEqual(Array(3).fill(sizeOf(deployment)))
  expect(world.errors).toEqual([])
  world.close()
})
