import { parseTime } from '../../objects/time.ts'
import type { Pod, Service } from './types.ts'

interface Known {
  readonly service: number
  readonly pods: ReadonlyMap<string, number>
}

/** When what made a Service's endpoints change has happened: endpointslice's `TriggerTimeTracker` (1.34). */
export class TriggerTimes {
  readonly #known = new Map<string, Known>()

  /** Milliseconds since 1970 of the first change since the last call; undefined if nothing has changed. */
  changed(key: string, service: Service, pods: readonly Pod[]): number | undefined {
    const before = this.#known.get(key)
    const created = parseTime(service.metadata.creationTimestamp) ?? 0
    const times = new Map<string, number>()
    let first: number | undefined
    const count = (time: number, known = Number.NEGATIVE_INFINITY) => {
      if (time > known && (first === undefined || time < first)) first = time
    }
    for (const pod of pods) {
      const time = readySince(pod)
      if (time === undefined) continue
      times.set(pod.metadata.name, time)
      count(time, before?.pods.get(pod.metadata.name))
    }
    count(created, before?.service)
    this.#known.set(key, { service: created, pods: times })
    return before === undefined ? created : first
  }

  forget(key: string): void {
    this.#known.delete(key)
  }

  clear(): void {
    this.#known.clear()
  }
}

function readySince({ status }: Pod): number | undefined {
  const ready = status?.conditions?.find(({ type }) => type === 'Ready') as
    | { readonly lastTransitionTime?: string }
    | undefined
  return ready?.lastTransitionTime === undefined ? undefined : parseTime(ready.lastTransitionTime)
}
