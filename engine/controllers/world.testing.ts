import { VirtualClock } from '../clock/virtual-clock.ts'
import { createCluster, type Cluster as WholeCluster } from '../cluster.ts'
import type { ApiObject, GroupResource, NewObject } from '../objects/types.ts'
import type { Cluster, Controller } from './cluster.ts'
import { Writer } from './writer.ts'

/** A whole cluster of all kinds whose time stands until it is stepped, with the controllers that a test asks for. */
export class World {
  readonly clock: VirtualClock
  readonly whole: WholeCluster
  readonly cluster: Cluster
  readonly errors: unknown[] = []
  readonly #writer: Writer
  #controllers: readonly Controller[] = []

  private constructor(clock: VirtualClock, whole: WholeCluster) {
    this.clock = clock
    this.whole = whole
    this.cluster = whole.api
    this.#writer = new Writer(whole.api.backend, 'test')
  }

  /** `controllers` are made and started in this order. */
  static async make(
    controllers: (cluster: Cluster, report: (error: unknown) => void) => readonly Controller[],
    { nodes = 1 }: { readonly nodes?: number } = {},
  ): Promise<World> {
    const clock = new VirtualClock({ start: Date.UTC(2026, 0, 1) })
    const errors: unknown[] = []
    const report = (error: unknown) => void errors.push(error)
    const whole = await createCluster({
      clock,
      seed: 'world',
      nodes,
      host: '127.0.0.1',
      port: 6443,
      report,
    })
    const world = new World(clock, whole)
    world.errors.push(...errors)
    world.#controllers = controllers(world.cluster, (error) => world.errors.push(error))
    for (const controller of world.#controllers) controller.start()
    world.step()
    return world
  }

  /** Of the stored version, without defaults of the API: give every field that matters, or use `whole.api.handle`. */
  create(resource: GroupResource, object: NewObject, namespace: string | undefined = 'default'): ApiObject {
    return this.#writer.create(resource, object, { ...(namespace === undefined ? {} : { namespace }) })
  }

  update(
    resource: GroupResource,
    name: string,
    change: (now: ApiObject) => NewObject,
    {
      namespace = 'default',
      subresource,
    }: { readonly namespace?: string | undefined; readonly subresource?: string } = {},
  ): ApiObject {
    return this.#writer.update(
      { resource, namespace, name, ...(subresource === undefined ? {} : { subresource }) },
      change,
    )
  }

  get(resource: GroupResource, name: string, namespace: string | undefined = 'default'): ApiObject | undefined {
    return this.cluster.backend.store.collection(resource)?.get(namespace, name)
  }

  list(resource: GroupResource, namespace?: string): readonly ApiObject[] {
    return this.cluster.backend.store.collection(resource)?.list({ namespace }).items ?? []
  }

  /** `type reason message` of each event about the object, in the order in which they came. */
  eventsOf(kind: string, name: string): string[] {
    const events = this.list({ group: '', resource: 'events' }) as readonly (ApiObject & {
      readonly involvedObject: { readonly kind: string; readonly name: string }
      readonly type: string
      readonly reason: string
      readonly message: string
    })[]
    return events
      .filter(({ involvedObject }) => involvedObject.kind === kind && involvedObject.name === name)
      .sort((a, b) => Number(a.metadata.resourceVersion) - Number(b.metadata.resourceVersion))
      .map(({ type, reason, message }) => `${type} ${reason} ${message}`)
  }

  /** Time goes on by so many milliseconds, and all that falls due happens. */
  step(milliseconds = 0): void {
    this.clock.stepNow(milliseconds)
  }

  close(): void {
    for (const controller of this.#controllers) controller.stop()
    this.whole.stop()
  }
}
