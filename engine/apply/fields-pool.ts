import type { Json } from '../objects/types.ts'
import { FieldSet } from './field-set.ts'

interface Pooled {
  readonly text: string
  readonly json: Json
  readonly set: FieldSet
}

/** Sets that are kept ready: the Pods of a ReplicaSet all have the same one, and a cluster has some hundred kinds of writers. */
const defaultSize = 1000

/**
 * Equal sets of fields as one frozen FieldsV1 and one set that is read already. Ten thousand Pods then share their `managedFields`, and a write reads
 * none of them again. Bounded: the set that came first is given up first, and read again when it is asked for.
 */
export class FieldsPool {
  private readonly size: number
  private readonly byText = new Map<string, Pooled>()
  private readonly byJson = new WeakMap<object, Pooled>()
  private readonly bySet = new WeakMap<FieldSet, Pooled>()

  constructor(size = defaultSize) {
    this.size = size
  }

  /** @throws Error with a sentence where it is no FieldsV1. */
  read(json: unknown): FieldSet {
    if (typeof json !== 'object' || json === null) return FieldSet.fromJson(json)
    const known = this.byJson.get(json)
    if (known !== undefined) return known.set
    const text = JSON.stringify(json)
    return this.byText.get(text)?.set ?? FieldSet.fromJson(json)
  }

  write(set: FieldSet): Json {
    const known = this.bySet.get(set)
    if (known !== undefined) return known.json
    const json = set.toJson()
    const text = JSON.stringify(json)
    const pooled = this.byText.get(text) ?? this.keep({ text, json: freeze(json), set })
    return pooled.json
  }

  private keep(pooled: Pooled): Pooled {
    const [oldest] = this.byText.size >= this.size ? this.byText.values() : []
    if (oldest !== undefined) this.giveUp(oldest)
    this.byText.set(pooled.text, pooled)
    this.byJson.set(pooled.json as object, pooled)
    this.bySet.set(pooled.set, pooled)
    return pooled
  }

  private giveUp(pooled: Pooled): void {
    this.byText.delete(pooled.text)
    this.byJson.delete(pooled.json as object)
    this.bySet.delete(pooled.set)
  }
}

function freeze(json: Json): Json {
  if (typeof json === 'object' && json !== null) {
    for (const child of Object.values(json)) freeze(child)
    Object.freeze(json)
  }
  return json
}
