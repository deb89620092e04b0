import { Canonicalizer } from '../decode/canonical.ts'
import { decodeExactly } from '../decode/exact.ts'
import { GoTypes, type StructType } from '../decode/go-types.ts'
import { nodeOf } from '../decode/json-node.ts'
import type { NewObject } from '../objects/types.ts'

/** Reads the metadata of objects whose other fields no Go type describes: apiextensions' `objectmeta` coercion (1.34). */
export class MetadataReader {
  readonly #type: StructType
  readonly #canonicalizer = new Canonicalizer()

  constructor(types = new GoTypes()) {
    this.#type = types.named('meta.v1.ObjectMeta') as StructType
  }

  /** The object with canonical metadata and the paths of what was unknown in them. @throws DecodeFailure where types are wrong. */
  coerce(object: NewObject): { readonly object: NewObject; readonly unknown: readonly string[] } {
    const { metadata } = object
    if (metadata === undefined) return { object: { ...object, metadata: {} }, unknown: [] }
    const { value, strictErrors } = decodeExactly(nodeOf(metadata), this.#type)
    const canonical = this.#canonicalizer.canonical(value ?? {}, this.#type)
    const { creationTimestamp, ...rest } = canonical
    const known = creationTimestamp === null || creationTimestamp === undefined ? rest : canonical
    const unknown = strictErrors.flatMap((text) => {
      const path = /^unknown field "(.*)"$/.exec(text)?.[1]
      return path === undefined ? [] : [`metadata.${path}`]
    })
    return { object: { ...object, metadata: known as NewObject['metadata'] }, unknown }
  }
}
