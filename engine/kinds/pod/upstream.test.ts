import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import type { AdmissionAttributes, Backend } from '../../admission/plugin.ts'
import { BodyDecoder } from '../../decode/decoder.ts'
import type { FieldError } from '../../objects/field-error.ts'
import { invalid } from '../../objects/status-error.ts'
import type { ApiObject, NewObject } from '../../objects/types.ts'
import { SchemaLookup } from '../../schema/lookup.ts'
import { resources as apps } from '../apps/index.ts'
import { resources as batch } from '../batch/index.ts'
import { metadataErrors, metadataUpdateErrors, pathSegmentNameErrors } from '../metadata.ts'
import type { ResourceDefinition } from '../resource.ts'
import { resources as pods } from './index.ts'
import { appArmorNotice } from './plugins.ts'

/** Writes of all kinds that run Pods, with what upstream's own strategies (1.34.4) made of them; uids and times are put in. */
interface Recorded {
  readonly op: 'create' | 'update'
  readonly door?: string
  readonly object: NewObject
  readonly old?: ApiObject
  readonly want: { readonly message?: string; readonly object?: unknown; readonly warnings?: readonly string[] }
}

/** Objects, with what upstream's own printers made of them at a time. */
interface Printed {
  readonly now: number
  readonly object: ApiObject
  readonly columns: readonly (readonly [name: string, type: string, format: string, priority: number])[]
  readonly cells: readonly unknown[]
  readonly conditions: readonly unknown[]
}

const linesOf = (file: string) =>
  readFileSync(new URL(file, import.meta.url), 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line))
const recorded: readonly Recorded[] = linesOf('upstream-workloads.jsonl')
const tables: readonly Printed[] = linesOf('upstream-tables.jsonl')

const schemas = new SchemaLookup()
const definitions = [...pods(schemas), ...apps(schemas), ...batch(schemas)]
const decoder = new BodyDecoder()
const creationTimestamp = '2026-01-01T00:00:00Z'

function outcome(write: Recorded): Recorded['want'] {
  const definition = definitions.find(({ storedVersion }) => storedVersion.kind === write.object.kind)
  if (definition === undefined) throw new Error(`No kind ${write.object.kind}.`)
  const canonical = decoder.canonical(JSON.parse(JSON.stringify(write.object)), definition.storedVersion)
  const object = definition.versions[0]?.default?.(canonical) ?? canonical
  return write.old === undefined ? created(definition, object) : updated(definition, object as ApiObject, write)
}

function created(definition: ResourceDefinition, object: NewObject): Recorded['want'] {
  const { strategy } = definition
  const generation = strategy.changesGeneration === undefined ? {} : { generation: 1 }
  const begun = { ...object, metadata: { ...object.metadata, ...generation, creationTimestamp } } as ApiObject
  const prepared = strategy.prepareForCreate?.(begun) ?? begun
  const warnings = definition.warnings?.(prepared, undefined) ?? []
  return told(definition, prepared, strategy.validate?.(prepared) ?? [], [...notices(object), ...warnings])
}

/** What a plug-in says of a Pod before the strategy gets it. */
function notices(object: NewObject): string[] {
  const texts: string[] = []
  const resource = { group: '', resource: `${object.kind.toLowerCase()}s` }
  const attributes = {
    operation: 'CREATE',
    resource,
    subresource: '',
    object,
    warn: (text: string) => texts.push(text),
  }
  appArmorNotice.mutate?.(attributes as unknown as AdmissionAttributes, {} as Backend)
  return texts
}

function updated(definition: ResourceDefinition, object: ApiObject, { old, door }: Recorded): Recorded['want'] {
  const { strategy, subresources } = definition
  const before = old as ApiObject
  const used = door === undefined ? undefined : subresources?.[door]
  const doorStrategy = used?.strategy ?? strategy
  const prepared = doorStrategy.prepareForUpdate?.(object, before) ?? object
  const counts = door === undefined && (strategy.changesGeneration?.(prepared, before) ?? false)
  const generation = (before.metadata.generation ?? 0) + 1
  const counted = counts ? { ...prepared, metadata: { ...prepared.metadata, generation } } : prepared
  const errors = [
    ...metadataErrors(counted.metadata, { namespaced: true, nameErrors: pathSegmentNameErrors }),
    ...metadataUpdateErrors(counted, before),
    ...(doorStrategy.validateUpdate?.(counted, before) ?? []),
  ]
  const warnings = door === undefined ? definition.warnings?.(counted, before) : used?.warnings?.(counted, before)
  return told(definition, counted, errors, warnings)
}

function told(
  { storedVersion }: ResourceDefinition,
  object: ApiObject,
  errors: readonly FieldError[],
  warnings: readonly string[] = [],
): Recorded['want'] {
  if (errors.length > 0) return { message: invalid(storedVersion, object.metadata.name, errors).message }
  return { object, ...(warnings.length === 0 ? {} : { warnings }) }
}

/** Upstream goes through maps in random order: sentences are compared as a set. */
const sentences = (message: string | undefined): string[] => (message ?? '').split(/, (?=[a-zA-Z.]+[[.:])|: \[/).sort()

describe('what upstream makes of Pods and of what runs them', () => {
  it.each(recorded.map((write, index) => [`${index + 1}: ${write.op} of a ${write.object.kind}`, write] as const))(
    '%s',
    (_, write) => {
      const found = outcome(write)
      const { message, ...rest } = write.want
      if (message === undefined) expect(found).toEqual(rest)
      else expect(sentences(found.message)).toEqual(sentences(message))
    },
  )
})

describe('what kubectl shows of them', () => {
  it.each(tables.map((table, index) => [`${index + 1}: a ${table.object.kind}`, table] as const))('%s', (_, table) => {
    const definition = definitions.find(({ storedVersion }) => storedVersion.kind === table.object.kind)
    const printer = definition?.versions[0]?.printer
    const object = decoder.canonical(JSON.parse(JSON.stringify(table.object)), {
      ...(definition as ResourceDefinition).storedVersion,
    }) as ApiObject
    const defaulted = (definition?.versions[0]?.default?.(object) ?? object) as ApiObject
    expect(printer?.columns.map(({ name, type, format, priority }) => [name, type, format, priority])).toEqual(
      table.columns,
    )
    expect(printer?.cells(defaulted, table.now)).toEqual(table.cells)
    expect(printer?.conditions?.(defaulted) ?? []).toEqual(table.conditions)
  })
})
