/** How many clusters to start making, and which to give up: numbers in, numbers out. */

export interface Shape {
  workers: number
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
  /** Workers of each cluster to begin now, those that sessions wait for first. */
  begin: number[]
  /** Workers of each warm cluster that nobody needs. */
  surplus: number[]
}

/**
 * Sessions come first: the pool is refilled only while nobody waits, and gives way as sessions fill the machine.
 * @param inUse clusters that sessions have
 */
export function plan(shapes: Shape[], inUse: number, limits: Limits): Plan {
  let creating = sum(shapes, (shape) => shape.creating)
  let total = inUse + creating + sum(shapes, (shape) => shape.warm)
  const begin: number[] = []
  const begunOf = (shape: Shape) => begin.filter((workers) => workers === shape.workers).length
  const beginUntil = (shape: Shape, wanted: number) => {
    const have = () => shape.warm + shape.creating + begunOf(shape)
    while (have() < wanted && creating < limits.atOnce && total < limits.most) {
      begin.push(shape.workers)
      creating++
      total++
    }
    return have() >= wanted
  }

  const surplus: number[] = []
  for (const shape of shapes) {
    for (let extra = shape.warm - shape.waiting - shape.target; extra > 0; extra--) surplus.push(shape.workers)
  }
  const served = shapes.map((shape) => beginUntil(shape, shape.waiting)).every(Boolean)
  if (!served && total >= limits.most) {
    // The machine is full and somebody waits for another shape: a warm cluster makes room.
    const spare = shapes.find((shape) => shape.warm > shape.waiting)
    if (spare && surplus.length === 0) surplus.push(spare.workers)
  }
  if (served) for (const shape of shapes) beginUntil(shape, shape.waiting + shape.target)
  return { begin, surplus }
}

const sum = <T>(items: T[], of: (item: T) => number) => items.reduce((total, item) => total + of(item), 0)
