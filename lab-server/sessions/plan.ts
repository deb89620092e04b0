/** How many clusters to start making, and which to give up: numbers in, numbers out. */
import { type ClusterShape, sameShape } from './shape.ts'

export interface Demand {
  shape: ClusterShape
  /** Sessions that wait for a cluster of this shape. */
  waiting: number
  /** Clusters of this shape that wait for a session. */
  warm: number
  creating: number
  /** How many are to be kept warm. */
  target: number
}

export interface Limits {
  /** Clusters in all, those in use included. */
  most: number
  /** Clusters that are made at the same time: more would only make each of them slower. */
  atOnce: number
}

export interface Plan {
  /** Of each cluster to begin now, those that sessions wait for first. */
  begin: ClusterShape[]
  /** Of each warm cluster that nobody needs. */
  surplus: ClusterShape[]
}

/**
 * Sessions come first: the pool is refilled only while nobody waits, and gives way as sessions fill the machine.
 * @param inUse clusters that sessions have
 */
export function plan(demands: Demand[], inUse: number, limits: Limits): Plan {
  let creating = sum(demands, ({ creating }) => creating)
  let total = inUse + creating + sum(demands, ({ warm }) => warm)
  const begin: ClusterShape[] = []
  const begunOf = ({ shape }: Demand) => begin.filter((begun) => sameShape(begun, shape)).length
  const beginUntil = (demand: Demand, wanted: number) => {
    const have = () => demand.warm + demand.creating + begunOf(demand)
    while (have() < wanted && creating < limits.atOnce && total < limits.most) {
      begin.push(demand.shape)
      creating++
      total++
    }
    return have() >= wanted
  }

  const surplus: ClusterShape[] = []
  for (const { shape, warm, waiting, target } of demands) {
    for (let extra = warm - waiting - target; extra > 0; extra--) surplus.push(shape)
  }
  const served = demands.map((demand) => beginUntil(demand, demand.waiting)).every(Boolean)
  if (!served && total >= limits.most) {
    // The machine is full and somebody waits for another shape: a warm cluster makes room.
    const spare = demands.find(({ warm, waiting }) => warm > waiting)
    if (spare && surplus.length === 0) surplus.push(spare.shape)
  }
  if (served) for (const demand of demands) beginUntil(demand, demand.waiting + demand.target)
  return { begin, surplus }
}

const sum = <T>(items: T[], of: (item: T) => number) => items.reduce((total, item) => total + of(item), 0)
