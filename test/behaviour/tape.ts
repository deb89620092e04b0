import { kinds } from './kinds.ts'
import type { Json, WatchEvent } from './side.ts'

/** What happened in a scenario, as it came: kept whole, so that it can be read again by other rules. */
export interface Tape {
  readonly scenario: string
  readonly namespace: string
  readonly nodes: readonly string[]
  readonly events: readonly (WatchEvent & { readonly at: number })[]
  readonly notes: readonly { readonly name: string; readonly value: Json }[]
  /** Why it went wrong. */
  readonly failure?: string
  /** It needs what this side does not have. */
  readonly skipped?: string
  /** Milliseconds of the cluster's time. */
  readonly took: number
}

/** The objects of a namespace as a watch has told of them, and all that it told. */
export class Recorder {
  readonly events: (WatchEvent & { readonly at: number })[] = []
  readonly #namespace: string
  readonly #withNodes: boolean
  readonly #now: () => number
  readonly #objects = new Map<string, Json>()
  readonly #versions = new Map<string, number>()
  #recording = true

  constructor(namespace: string, withNodes: boolean, now: () => number) {
    this.#namespace = namespace
    this.#withNodes = withNodes
    this.#now = now
  }

  hear(event: WatchEvent): void {
    const { type, object } = event
    if (!this.#concerns(object)) return
    const key = keyOf(object.kind, object.metadata.name)
    this.#versions.set(key, Number(object.metadata.resourceVersion))
    if (type === 'DELETED') this.#objects.delete(key)
    else this.#objects.set(key, object)
    const told = object.kind !== 'Node' || this.#withNodes
    if (this.#recording && told) this.events.push({ type, object: without(object), at: this.#now() })
  }

  /** What happens from now on belongs to the clearing away. */
  end(): void {
    this.#recording = false
  }

  /** Whether objects of the kind are told of. */
  records(kind: string | undefined): boolean {
    return kind !== undefined && kinds[kind]?.watched === true
  }

  get(kind: string, name: string): Json | undefined {
    return this.#objects.get(keyOf(kind, name))
  }

  list(kind: string): Json[] {
    return [...this.#objects.values()].filter((object) => object.kind === kind)
  }

  /** Whether this version of the object, or a newer one, was told. */
  knows(kind: string, name: string, version: string): boolean {
    return (this.#versions.get(keyOf(kind, name)) ?? 0) >= Number(version)
  }

  #concerns({ kind, metadata, spec, involvedObject }: Json): boolean {
    switch (kind) {
      case 'Namespace':
        return metadata.name === this.#namespace
      case 'Node':
        return true
      case 'PersistentVolume':
        return spec?.claimRef?.namespace === this.#namespace || metadata.name.startsWith(`${this.#namespace}-`)
      case 'Event':
        return metadata.namespace === this.#namespace || (this.#withNodes && involvedObject?.kind === 'Node')
      default:
        return metadata.namespace === this.#namespace
    }
  }
}

const keyOf = (kind: string, name: string) => `${kind}/${name}`

/** Who wrote which field is compared elsewhere, and makes up most of an object. */
function without(object: Json): Json {
  const { managedFields: _, ...metadata } = object.metadata
  return { ...object, metadata }
}
