import { CONTROLLER_MANAGER } from '../../controllers/cluster.ts'
import { Writer } from '../../controllers/writer.ts'
import { deepEqual } from '../../objects/equal.ts'
import type { ApiObject } from '../../objects/types.ts'
import type { Collection } from '../../storage/collection.ts'
import { follow } from '../../storage/follow.ts'
import type { Backend } from '../plugin.ts'
import { add, only, resourceList, sameAmounts, toJson } from '../resource-list.ts'
import { evaluatorOf } from './evaluators.ts'
import { hardOf, quotaSpecOf, quotasOf, usageOf, usedOf } from './usage.ts'

const QUOTAS = { group: '', resource: 'resourcequotas' }

/**
 * Keeps `status` of ResourceQuotas true (upstream's resource quota controller, 1.34): at once when a quota is new or changes its limits, and as
 * soon as the clock runs on after something that it counts was written. What is returned ends it.
 */
export function keepQuotaUsage(backend: Backend): () => void {
  const controller = new QuotaController(backend)
  return () => controller.close()
}

class QuotaController {
  readonly #backend: Backend
  readonly #quotas: Collection
  readonly #writer: Writer
  readonly #ends: (() => void)[] = []
  readonly #followed = new Set<Collection>()
  readonly #stale = new Set<string>()
  #cancel = () => {}

  constructor(backend: Backend) {
    const quotas = backend.store.collection(QUOTAS)
    if (quotas === undefined) throw new Error('ResourceQuotas are not served.')
    this.#backend = backend
    this.#quotas = quotas
    this.#writer = new Writer(backend, CONTROLLER_MANAGER)
    this.#ends.push(
      follow(
        quotas,
        ({ type, object }) => {
          if (type !== 'DELETED') this.#quotaSet(object)
        },
        { closed: () => this.#stale.clear() },
      ),
    )
  }

  close(): void {
    this.#cancel()
    for (const end of this.#ends) end()
  }

  #quotaSet(quota: ApiObject): void {
    const { namespace = '' } = quota.metadata
    this.#followAll()
    if (sameAmounts(resourceList(quotaSpecOf(quota).hard), hardOf(quota)) && quota.status !== undefined) {
      this.#mark(namespace)
    } else this.#sync(quota)
  }

  /** Only once there is a quota does anything else have to be followed. Custom resources may have come since the last time. */
  #followAll(): void {
    for (const collection of this.#backend.store.collections) {
      if (collection === this.#quotas || !collection.namespaced || this.#followed.has(collection)) continue
      if (evaluatorOf(collection.resource) === undefined) continue
      this.#followed.add(collection)
      this.#ends.push(follow(collection, ({ object: { metadata } }) => this.#mark(metadata.namespace ?? '')))
    }
  }

  #mark(namespace: string): void {
    if (this.#stale.has(namespace) || quotasOf(this.#backend.store, namespace).length === 0) return
    if (this.#stale.size === 0) this.#cancel = this.#backend.clock.after(0, () => this.#syncStale())
    this.#stale.add(namespace)
  }

  #syncStale(): void {
    const namespaces = [...this.#stale]
    this.#stale.clear()
    for (const namespace of namespaces) {
      for (const quota of quotasOf(this.#backend.store, namespace)) this.#sync(quota)
    }
  }

  #sync(quota: ApiObject): void {
    const { store, clock } = this.#backend
    const spec = quotaSpecOf(quota)
    const hard = resourceList(spec.hard)
    const counted = usageOf(store, quota.metadata.namespace ?? '', spec, clock.now())
    // What nobody counts keeps the amount that was said of it before.
    const used = only(new Map([...usedOf(quota), ...counted]), hard.keys())
    const status = { hard: toJson(add(new Map(), hard)), ...(used.size === 0 ? {} : { used: toJson(used) }) }
    const before = quota.status as { hard?: unknown; used?: unknown } | undefined
    const same = before?.hard !== undefined && deepEqual(status.hard, before.hard) && sameAmounts(used, usedOf(quota))
    if (!same) this.#writer.put(QUOTAS, quota, { ...quota, status }, 'status')
  }
}
