/** Manifests that are posted to both sides. */

export type Manifest = Record<string, unknown>

export interface Case {
  /** `Pod: a negative grace period`. */
  readonly name: string
  readonly manifest: Manifest
  /** Upstream reports what is wrong in the order of a Go map, which is none. */
  readonly unordered: boolean
  /** Put in place of what was created; what each answers is compared too. */
  readonly updates: readonly { readonly name: string; readonly manifest: Manifest }[]
}

/** A change of a manifest: maps are merged, everything else replaces; `undefined` removes. */
export type Change = { readonly [key: string]: unknown }

/**
 * Cases of a kind, each a change of one manifest. `create` are the ways to create it; `update` are changes of the manifest as it
 * is, each made on an object of its own.
 */
export function cases(
  base: Manifest,
  {
    create = {},
    update = {},
    unordered = [],
    title = base.kind as string,
  }: {
    create?: Record<string, Change>
    update?: Record<string, Change>
    /** Names of cases. */
    unordered?: readonly string[]
    title?: string
  },
): Case[] {
  return [
    ...Object.entries(create).map(([name, change]) => ({
      name: `${title}: ${name}`,
      unordered: unordered.includes(name),
      manifest: merge(base, change) as Manifest,
      updates: [],
    })),
    ...(Object.keys(update).length === 0
      ? []
      : [
          {
            name: `${title}: changes`,
            unordered: false,
            manifest: base,
            updates: Object.entries(update).map(([name, change]) => ({
              name,
              manifest: merge(base, change) as Manifest,
            })),
          },
        ]),
  ]
}

export function merge(base: unknown, change: unknown): unknown {
  if (!isMap(base) || !isMap(change)) return change
  const result: Record<string, unknown> = { ...base }
  for (const [key, value] of Object.entries(change)) {
    if (value === undefined) delete result[key]
    else result[key] = key in result ? merge(result[key], value) : value
  }
  return result
}

const isMap = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** A list of `count` values made from their index. */
export const many = <Value>(count: number, make: (index: number) => Value): Value[] =>
  Array.from({ length: count }, (_, index) => make(index))
