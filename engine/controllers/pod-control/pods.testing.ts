import type { Pod } from '../../kinds/pod/status.ts'
import { asPod, statusOf } from '../../kinds/pod/status.ts'
import type { PodTemplateSpec } from '../../kinds/pod/types.ts'
import { deepEqual } from '../../objects/equal.ts'
import { formatTime } from '../../objects/time.ts'
import type { ApiObject, GroupResource, NewObject } from '../../objects/types.ts'
import { targetNode } from '../daemonset/daemon-pod.ts'
import type { World } from '../world.testing.ts'
import { isControlledBy } from './controller-ref.ts'
import { PODS } from './pod-control.ts'

/** `app: web` and what else is given. */
export const labelled = (labels: Readonly<Record<string, string>> = {}) => ({ app: 'web', ...labels })

export function template(image = 'nginx:1.27', labels = labelled()) {
  return {
    metadata: { labels },
    spec: { terminationGracePeriodSeconds: 30, containers: [{ name: 'web', image, resources: {} }] },
  }
}

/** The same template with another image. */
export function withImage(template: PodTemplateSpec, image: string): PodTemplateSpec {
  const containers = template.spec.containers?.map((container) => ({ ...container, image })) ?? []
  return { ...template, spec: { ...template.spec, containers } }
}

/** The hands of a scheduler and kubelets in a world without them. */
export class Kubelet {
  readonly #world: World

  constructor(world: World) {
    this.#world = world
  }

  pods(owner?: ApiObject): Pod[] {
    return this.#world
      .list(PODS, 'default')
      .map(asPod)
      .filter((pod) => owner === undefined || isControlledBy(pod, owner))
  }

  names(owner?: ApiObject): string[] {
    return this.pods(owner).map(({ metadata }) => metadata.name)
  }

  /** Puts a Pod on a node, the one that it is made for, and makes it run, ready or not. */
  run(pod: ApiObject, ready = true): void {
    const { name } = pod.metadata
    if ((asPod(pod).spec.nodeName ?? '') === '') {
      const now = asPod(this.#world.get(PODS, name) ?? pod)
      // Past the rules: only a binding may do so
      this.#world.cluster.backend.store
        .collection(PODS)
        ?.put({ ...now, spec: { ...now.spec, nodeName: targetNode(now) ?? 'worker' } })
    }
    this.set(pod, 'Running', ready)
  }

  set(pod: ApiObject, phase: string, ready = false): void {
    const time = formatTime(this.#world.clock.now())
    this.#world.update(
      PODS,
      pod.metadata.name,
      (now): NewObject => {
        const { conditions = [], ...status } = statusOf(now)
        const before = conditions.find(({ type }) => type === 'Ready')
        const is = ready ? 'True' : 'False'
        const lastTransitionTime = before?.status === is ? before.lastTransitionTime : time
        const others = conditions.filter(({ type }) => type !== 'Ready')
        return {
          ...now,
          status: {
            ...status,
            phase,
            conditions: [...others, { type: 'Ready', status: is, lastProbeTime: null, lastTransitionTime }],
          },
        }
      },
      { subresource: 'status' },
    )
  }

  /** What is being deleted is gone; all that is there is ready. Lets time stand. */
  settle(ready: (pod: Pod) => boolean = () => true): void {
    for (let round = 0; round < 100; round++) {
      this.#world.step()
      const pods = this.pods()
      const ending = pods.filter(({ metadata }) => metadata.deletionTimestamp !== undefined)
      const starting = pods.filter((pod) => !ending.includes(pod) && statusOf(pod).phase === 'Pending' && ready(pod))
      if (ending.length === 0 && starting.length === 0) return
      for (const pod of ending) this.end(pod)
      for (const pod of starting) this.run(pod)
    }
    throw new Error('The world does not come to rest.')
  }

  /** The Pod's containers have ended: it is gone. */
  end({ metadata: { name, namespace } }: ApiObject): void {
    this.#world.cluster.backend.registry(PODS)?.delete(namespace, name, { gracePeriodSeconds: 0 })
  }
}

/** Creates as a user would: with defaults and admission. */
export function submit(world: World, resource: GroupResource, object: NewObject, namespace = 'default'): ApiObject {
  const user = { username: 'kubernetes-admin', groups: ['system:masters', 'system:authenticated'] }
  return world.cluster.backend.submit({ resource, object, namespace, user, manager: 'kubectl' })
}

/** Changes the spec as a user would. */
export function edit<Spec>(world: World, resource: GroupResource, name: string, change: (spec: Spec) => Spec): void {
  world.update(resource, name, (now) => ({ ...now, spec: change(now.spec as Spec) }))
}

/** Each state of an object that a watcher is told, without those that say the same. */
export function watchStates<T>(
  world: World,
  resource: GroupResource,
  name: string,
  show: (object: ApiObject) => T,
): T[] {
  const states: T[] = []
  const event = ({ object }: { readonly object: ApiObject }) => {
    if (object.metadata.name !== name) return
    const shown = show(object)
    if (!deepEqual(shown, states.at(-1))) states.push(shown)
  }
  world.cluster.backend.store.collection(resource)?.subscribe({ initial: true }, { event })
  return states
}
