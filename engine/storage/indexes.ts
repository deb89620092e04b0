import type { ApiObject } from '../objects/types.ts'

/** What an object is found by: a Pod by its node, a dependent by its owners. */
export type IndexFunction = (object: ApiObject) => string | readonly string[] | undefined

export type IndexFunctions = Readonly<Record<string, IndexFunction>>

/** By the uid of each owner: what garbage collection asks. */
export const byOwner: IndexFunction = (object) => object.metadata.ownerReferences?.map((owner) => owner.uid)

/** Those that no controller owns, by namespace: what a controller may adopt. */
export const byLackOfController: IndexFunction = ({ metadata }) =>
  metadata.ownerReferences?.some(({ controller }) => controller === true) ? undefined : metadata.namespace

/** Keys by the values of index functions. */
export class Indexes {
  readonly #functions: IndexFunctions
  readonly #keys = new Map<string, Map<string, Set<string>>>()

  constructor(functions: IndexFunctions) {
    this.#functions = functions
    this.clear()
  }

  has(index: string): boolean {
    return this.#keys.has(index)
  }

  /** The keys of the objects with this value, in no order. Throws for an index that does not exist. */
  keys(index: string, value: string): ReadonlySet<string> {
    const values = this.#keys.get(index)
    if (values === undefined) throw new Error(`There is no index ${index}.`)
    return values.get(value) ?? NONE
  }

  change(key: string, previous: ApiObject | undefined, object: ApiObject | undefined): void {
    for (const [index, values] of this.#keys) {
      const compute = this.#functions[index] as IndexFunction
      const before = previous === undefined ? undefined : compute(previous)
      const after = object === undefined ? undefined : compute(object)
      if (before === after) continue
      for (const value of list(before)) {
        const keys = values.get(value)
        keys?.delete(key)
        if (keys?.size === 0) values.delete(value)
      }
      for (const value of list(after)) {
        const keys = values.get(value)
        if (keys === undefined) values.set(value, new Set([key]))
        else keys.add(key)
      }
    }
  }

  clear(): void {
    for (const index of Object.keys(this.#functions)) this.#keys.set(index, new Map())
  }
}

const NONE: ReadonlySet<string> = new Set()

function list(values: string | readonly string[] | undefined): readonly string[] {
  if (values === undefined) return []
  return typeof values === 'string' ? [values] : values
}
