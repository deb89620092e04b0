import type { Json, TypeSchema } from '../objects/types.ts'
import type { CompactSchema } from './compact.ts'
import { definitions } from './data.ts'

type Definitions = ReadonlyMap<string, CompactSchema>

/** Schemas by kind over recorded definitions; each is made when it is first asked for, and shared from then on. */
export class SchemaLookup {
  private readonly definitions: Definitions
  private readonly byName = new Map<string, RecordedType>()
  private kinds: ReadonlyMap<string, string> | undefined

  constructor(recorded: Definitions = definitions) {
    this.definitions = recorded
  }

  schemaOf(group: string, version: string, kind: string): TypeSchema | undefined {
    this.kinds ??= new Map(
      [...this.definitions].flatMap(([name, definition]) =>
        (definition['x-kubernetes-group-version-kind'] ?? []).map((gvk) => [
          key(gvk.group, gvk.version, gvk.kind),
          name,
        ]),
      ),
    )
    const name = this.kinds.get(key(group, version, kind))
    return name === undefined ? undefined : this.named(name)
  }

  /** By short name, such as `core.v1.Container`. */
  named(name: string): TypeSchema | undefined {
    const known = this.byName.get(name)
    if (known !== undefined) return known
    const definition = this.definitions.get(name)
    if (definition === undefined) return undefined
    const made = new RecordedType(definition, definition, (reference) => this.named(reference))
    this.byName.set(name, made)
    return made
  }
}

const key = (group: string, version: string, kind: string): string => `${group}/${version}/${kind}`
type Find = (name: string) => TypeSchema | undefined

class RecordedType implements TypeSchema {
  readonly type: TypeSchema['type']
  readonly listType?: 'atomic' | 'set' | 'map'
  readonly listMapKeys?: readonly string[]
  readonly mapType?: 'atomic' | 'granular'
  readonly patchStrategy?: readonly ('merge' | 'replace' | 'retainKeys')[]
  readonly patchMergeKey?: string
  readonly preserveUnknown?: boolean
  readonly required?: readonly string[]
  readonly default?: Json
  declare readonly items?: TypeSchema
  private readonly structure: CompactSchema
  private readonly find: Find
  private madeFields: ReadonlyMap<string, TypeSchema> | undefined
  private madeRest: TypeSchema | undefined

  /** `structure` is the definition's, `use` has the marks of the place where it is used. */
  constructor(structure: CompactSchema, use: CompactSchema, find: Find) {
    this.structure = structure
    this.find = find
    this.type = typeOf(structure)
    const strategy = use['x-kubernetes-patch-strategy']
    if (strategy !== undefined) this.patchStrategy = strategy.split(',') as ('merge' | 'replace' | 'retainKeys')[]
    if (use['x-kubernetes-patch-merge-key'] !== undefined) this.patchMergeKey = use['x-kubernetes-patch-merge-key']
    if (use['x-kubernetes-list-type'] !== undefined) this.listType = use['x-kubernetes-list-type']
    if (use['x-kubernetes-list-map-keys'] !== undefined) this.listMapKeys = use['x-kubernetes-list-map-keys']
    if (use['x-kubernetes-map-type'] !== undefined) this.mapType = use['x-kubernetes-map-type']
    if (structure.required !== undefined) this.required = structure.required
    if (use.default !== undefined) this.default = use.default
    // An object of which nothing is said (RawExtension, FieldsV1) holds whatever it is given, and is owned as a whole.
    const open =
      this.type === 'object' && structure.properties === undefined && structure.additionalProperties === undefined
    if (open && this.mapType === undefined) this.mapType = 'atomic'
    if (open || structure['x-kubernetes-preserve-unknown-fields'] === true) this.preserveUnknown = true
    const { items } = structure
    if (items !== undefined) {
      // Made when first asked for: definitions refer to themselves.
      let made: TypeSchema | undefined
      Object.defineProperty(this, 'items', {
        get: () => {
          made ??= this.used(items)
          return made
        },
      })
    }
  }

  get properties(): ReadonlyMap<string, TypeSchema> {
    this.madeFields ??= new Map(
      Object.entries(this.structure.properties ?? {}).map(([name, field]) => [name, this.used(field)]),
    )
    return this.madeFields
  }

  field(name: string): TypeSchema | undefined {
    const rest = this.structure.additionalProperties
    if (typeof rest === 'object') this.madeRest ??= this.used(rest)
    return this.properties.get(name) ?? this.madeRest
  }

  private used(use: CompactSchema): TypeSchema {
    const reference = use.ref ?? use.$ref
    if (reference === undefined) return new RecordedType(use, use, this.find)
    const target = this.find(reference)
    if (!(target instanceof RecordedType)) throw new Error(`The recorded schemas do not hold ${reference}.`)
    if (Object.keys(use).length === 1) return target
    return new RecordedType(target.structure, { ...target.structure, ...use }, this.find)
  }
}

function typeOf(schema: CompactSchema): TypeSchema['type'] {
  switch (schema.type) {
    case 'object':
    case 'array':
    case 'string':
    case 'integer':
    case 'number':
    case 'boolean':
      return schema.type
    default:
      return 'any'
  }
}
