import recorded from '../protobuf/data/types.json' with { type: 'json' }

/** How Go sees a type of the API, as far as its JSON and protobuf forms depend on it. `name` is how Go's error texts call it. */
export type GoType =
  | {
      readonly kind: 'string' | 'bool' | 'int32' | 'int64' | 'uint32' | 'float64' | 'bytes' | SpecialKind
      readonly name: string
    }
  | { readonly kind: 'pointer' | 'list'; readonly name: string; readonly of: GoType }
  | { readonly kind: 'map'; readonly name: string; readonly of: GoType }
  | StructType

/** Types whose JSON is of their own making. */
export type SpecialKind =
  | 'time'
  | 'microTime'
  | 'duration'
  | 'quantity'
  | 'intOrString'
  | 'raw'
  | 'schemaOrBool'
  | 'schemaOrArray'
  | 'schemaOrStringArray'

export interface StructType {
  readonly kind: 'struct'
  /** `v1.Container`. */
  readonly name: string
  /** `Container`. */
  readonly short: string
  /** It has apiVersion and kind. */
  readonly object: boolean
  /** All fields of its JSON, those of embedded structs in their place. */
  readonly fields: readonly GoField[]
  readonly byName: ReadonlyMap<string, GoField>
  /** Its protobuf message: fields by number; embedded structs are messages of their own. */
  readonly byNumber: ReadonlyMap<number, GoField | StructType>
}

export interface GoField {
  readonly name: string
  /** 0 where protobuf does not carry it. */
  readonly number: number
  readonly type: GoType
  /** Go's tags: `omitempty` leaves out zero values except structs, `omitzero` those too. */
  readonly empty: 'kept' | 'omitempty' | 'omitzero'
}

interface RecordedPackage {
  readonly group?: string
  readonly types: Readonly<Record<string, string>>
}

const specials: Readonly<Record<string, SpecialKind>> = {
  'meta.v1.Time': 'time',
  'meta.v1.MicroTime': 'microTime',
  'meta.v1.Duration': 'duration',
  'meta.v1.FieldsV1': 'raw',
  'resource.Quantity': 'quantity',
  'intstr.IntOrString': 'intOrString',
  'runtime.RawExtension': 'raw',
  'apiextensions.v1.JSON': 'raw',
  'apiextensions.v1.JSONSchemaPropsOrBool': 'schemaOrBool',
  'apiextensions.v1.JSONSchemaPropsOrArray': 'schemaOrArray',
  'apiextensions.v1.JSONSchemaPropsOrStringArray': 'schemaOrStringArray',
}
const letters = {
  s: { kind: 'string', name: 'string' },
  b: { kind: 'bool', name: 'bool' },
  i: { kind: 'int32', name: 'int32' },
  l: { kind: 'int64', name: 'int64' },
  u: { kind: 'uint32', name: 'uint32' },
  d: { kind: 'float64', name: 'float64' },
  B: { kind: 'bytes', name: '[]uint8' },
} as const satisfies Readonly<Record<string, GoType>>

/** The recorded types; each is read when it is first asked for. */
export class GoTypes {
  private readonly packages = recorded as Readonly<Record<string, RecordedPackage>>
  private readonly known = new Map<string, GoType>()

  /** The struct of a kind; undefined if there is none. `DeleteOptions` is one of every group. */
  kind(group: string, version: string, kind: string): StructType | undefined {
    const first = group === '' ? 'core' : group.split('.', 1)[0]
    const of = this.packages[`${first}.${version}`]
    if (of === undefined || of.group !== group) return undefined
    const inGroup = Object.hasOwn(of.types, kind)
    if (!inGroup && kind !== 'DeleteOptions') return undefined
    const type = this.named(inGroup ? `${first}.${version}.${kind}` : 'meta.v1.DeleteOptions')
    return type.kind === 'struct' && type.object ? type : undefined
  }

  /** By full name, such as `core.v1.Container`. */
  named(full: string): GoType {
    const known = this.known.get(full)
    if (known !== undefined) return known
    const dot = full.lastIndexOf('.')
    const folder = full.slice(0, dot)
    const short = full.slice(dot + 1)
    const name = `${folder.slice(folder.lastIndexOf('.') + 1)}.${short}`
    const special = specials[full]
    const text = this.packages[folder]?.types[short]
    const made =
      special !== undefined ? { kind: special, name } : text === undefined ? undefined : this.make(text, folder, name)
    if (made === undefined) throw new Error(`The recorded types do not hold ${full}.`)
    this.known.set(full, made)
    return made
  }

  private make(text: string, folder: string, name: string): GoType {
    if (text !== '' && !text.startsWith('^') && !text.includes(' ')) return { ...this.read(text, folder), name }
    return new LazyStruct(name, text, (reference) => this.read(reference, folder))
  }

  private read(text: string, folder: string): GoType {
    const letter = letters[text as keyof typeof letters]
    if (letter !== undefined) return letter
    const rest = text.slice(1)
    switch (text[0]) {
      case '*': {
        const of = this.read(rest, folder)
        return { kind: 'pointer', name: `*${of.name}`, of }
      }
      case '[': {
        const of = this.read(rest, folder)
        return { kind: 'list', name: `[]${of.name}`, of }
      }
      case '{': {
        const comma = rest.indexOf(',')
        const of = this.read(rest.slice(comma + 1), folder)
        return { kind: 'map', name: `map[${this.read(rest.slice(0, comma), folder).name}]${of.name}`, of }
      }
      default:
        return this.named(text.includes('.') ? text : `${folder}.${text}`)
    }
  }
}

/** Reads its fields when they are first asked for: types refer to themselves. */
class LazyStruct implements StructType {
  readonly kind = 'struct'
  readonly name: string
  readonly short: string
  readonly object: boolean
  private readonly text: string
  private readonly read: (reference: string) => GoType
  private made: Pick<StructType, 'fields' | 'byName' | 'byNumber'> | undefined

  constructor(name: string, text: string, read: (reference: string) => GoType) {
    this.name = name
    this.short = name.slice(name.indexOf('.') + 1)
    this.object = text.startsWith('^')
    this.text = text
    this.read = read
  }

  get fields(): readonly GoField[] {
    return this.parts.fields
  }

  get byName(): ReadonlyMap<string, GoField> {
    return this.parts.byName
  }

  get byNumber(): ReadonlyMap<number, GoField | StructType> {
    return this.parts.byNumber
  }

  private get parts(): Pick<StructType, 'fields' | 'byName' | 'byNumber'> {
    this.made ??= this.readFields()
    return this.made
  }

  private readFields(): Pick<StructType, 'fields' | 'byName' | 'byNumber'> {
    const fields: GoField[] = []
    const byNumber = new Map<number, GoField | StructType>()
    for (const line of this.text === '' ? [] : this.text.split('|')) {
      if (line === '^') {
        for (const name of ['kind', 'apiVersion']) fields.push({ name, number: 0, type: letters.s, empty: 'omitempty' })
        continue
      }
      const [name = '', number = '', text = ''] = line.split(' ')
      if (name.startsWith('~')) {
        const type = this.read(number)
        const embedded = type.kind === 'pointer' ? type.of : type
        if (embedded.kind !== 'struct') throw new Error(`${this.name} embeds ${type.name}, which is no struct.`)
        fields.push(...embedded.fields)
        if (name !== '~0') byNumber.set(Number(name.slice(1)), embedded)
        continue
      }
      const empty = text.endsWith('!') ? 'omitzero' : text.endsWith('?') ? 'omitempty' : 'kept'
      const field: GoField = {
        name,
        number: Number(number),
        type: this.read(empty === 'kept' ? text : text.slice(0, -1)),
        empty,
      }
      fields.push(field)
      if (field.number > 0) byNumber.set(field.number, field)
    }
    return { fields, byName: new Map(fields.map((field) => [field.name, field])), byNumber }
  }
}
