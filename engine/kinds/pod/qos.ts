import { Quantity } from '../../objects/quantity.ts'
import type { PodSpec, Resources } from './types.ts'

export type QosClass = 'Guaranteed' | 'Burstable' | 'BestEffort'

const computed = ['cpu', 'memory'] as const

/** How safe a Pod is where a node runs short: `qos.ComputePodQOS` (1.34). */
export function qosClass(spec: PodSpec): QosClass {
  const { resources } = spec
  const holders: readonly Resources[] =
    resources === undefined
      ? [...(spec.containers ?? []), ...(spec.initContainers ?? [])].map((container) => container.resources ?? {})
      : [resources]
  const requests = new Map<string, Quantity>()
  const limits = new Map<string, Quantity>()
  let guaranteed = true
  for (const holder of holders) {
    collect(requests, holder.requests)
    const limited = collect(limits, holder.limits)
    if (!computed.every((name) => limited.has(name))) guaranteed = false
  }
  if (requests.size === 0 && limits.size === 0) return 'BestEffort'
  const same = [...requests].every(([name, amount]) => limits.get(name)?.equals(amount) ?? false)
  return guaranteed && same && requests.size === limits.size ? 'Guaranteed' : 'Burstable'
}

/** Adds what is more than nothing, and says what that was. */
function collect(total: Map<string, Quantity>, amounts: Resources['requests']): ReadonlySet<string> {
  const found = new Set<string>()
  for (const name of computed) {
    const text = amounts?.[name]
    if (text === undefined) continue
    const amount = Quantity.fromJson(text)
    if (amount.sign() <= 0) continue
    found.add(name)
    total.set(name, total.get(name)?.add(amount) ?? amount)
  }
  return found
}
