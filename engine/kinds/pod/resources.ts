import { Quantity } from '../../objects/quantity.ts'
import type { Container, PodSpec, Quantities } from './types.ts'

/** Amounts of what containers ask for together, as component-helpers' `resource` package computes them. */
export type Amounts = ReadonlyMap<string, Quantity>

export const isHugePages = (name: string): boolean => name.startsWith('hugepages-')
export const isNative = (name: string): boolean => !name.includes('/') || name.includes('kubernetes.io/')
/** Whether more may be promised than there is: not of huge pages and devices. */
export const isOvercommitAllowed = (name: string): boolean => isNative(name) && !isHugePages(name)
export const isPodLevelResource = (name: string): boolean => name === 'cpu' || name === 'memory' || isHugePages(name)
export const restartsAlways = ({ restartPolicy }: Container): boolean => restartPolicy === 'Always'

export function amountsOf(quantities: Quantities | undefined): Map<string, Quantity> {
  return new Map(Object.entries(quantities ?? {}).map(([name, text]) => [name, Quantity.fromJson(text)]))
}

/** What all containers need at the time when they need most: sidecars run beside the init containers after them. */
export function aggregate(spec: PodSpec, which: 'requests' | 'limits'): Amounts {
  const total = new Map<string, Quantity>()
  for (const container of spec.containers ?? []) addAll(total, amountsOf(container.resources[which]))
  const sidecars = new Map<string, Quantity>()
  const most = new Map<string, Quantity>()
  for (const container of spec.initContainers ?? []) {
    const needed = amountsOf(container.resources[which])
    if (restartsAlways(container)) {
      addAll(total, needed)
      addAll(sidecars, needed)
      raiseTo(most, sidecars)
    } else {
      addAll(needed, sidecars)
      raiseTo(most, needed)
    }
  }
  raiseTo(total, most)
  return total
}

function addAll(total: Map<string, Quantity>, more: Amounts): void {
  for (const [name, amount] of more) total.set(name, total.get(name)?.add(amount) ?? amount)
}

function raiseTo(total: Map<string, Quantity>, least: Amounts): void {
  for (const [name, amount] of least) {
    const known = total.get(name)
    if (known === undefined || known.compare(amount) < 0) total.set(name, amount)
  }
}
