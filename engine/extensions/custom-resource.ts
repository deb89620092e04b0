import type { CustomResource } from '../api/served.ts'
import { FieldSet } from '../apply/field-set.ts'
import { fieldElement } from '../apply/path-element.ts'
import type { Environment } from '../cel/environment.ts'
import { DecodeFailure } from '../decode/exact.ts'
import { metadataErrors, metadataUpdateErrors, subdomainNameErrors } from '../kinds/metadata.ts'
import type { GroupVersionKind, ResourceDefinition, ServedVersion, UpdateSubresource } from '../kinds/resource.ts'
import { deepEqual } from '../objects/equal.ts'
import { type FieldError, invalidValue } from '../objects/field-error.ts'
import { goQuote } from '../objects/go-quote.ts'
import { qualifiedNameErrors } from '../objects/names.ts'
import { getIn, withField } from '../objects/paths.ts'
import { badRequest, methodNotSupported } from '../objects/status-error.ts'
import type { ApiObject, NewObject, TypeSchema } from '../objects/types.ts'
import type { DiscoveryResource } from '../schema/data.ts'
import type { Strategy } from '../storage/strategy.ts'
import { Correlated } from './correlation.ts'
import { applyDefaults } from './defaulting.ts'
import { compareVersions, type Definition, type DefinitionVersion, type ScalePaths } from './definition.ts'
import { EmbeddedObjects } from './embedded.ts'
import { isFields, type JsonSchema } from './json-schema.ts'
import { listTypeErrors } from './list-types.ts'
import type { MetadataReader } from './object-meta.ts'
import { printerOf, selectableText } from './printer.ts'
import { prune } from './pruning.ts'
import { RuleTree } from './rules.ts'
import { typeSchemaOf } from './type-schema.ts'
import { valueErrors } from './value-validation.ts'

/** What making a definition's resource needs from the server. */
export interface Surroundings {
  readonly environment: Environment
  /** The schema of `ObjectMeta`. */
  readonly objectMeta: TypeSchema
  readonly metadata: MetadataReader
}

export interface Made {
  readonly resource: ResourceDefinition
  readonly custom: CustomResource
}

const OPEN: JsonSchema = { type: 'object', 'x-kubernetes-preserve-unknown-fields': true }

const schemaOf = (version: DefinitionVersion): JsonSchema => version.schema?.openAPIV3Schema ?? OPEN

/** How a definition's objects are read, checked, stored and shown: apiextensions' customresource registry and handler (1.34). */
export function customResource(definition: Definition, surroundings: Surroundings): Made {
  const { group, versions, scope } = definition.spec
  const { acceptedNames: names } = definition.status
  const namespaced = scope === 'Namespaced'
  const served = versions
    .filter((version) => version.served)
    .toSorted((one, other) => compareVersions(one.name, other.name))
  const stored = versions.find((version) => version.storage) as DefinitionVersion
  const gvk = (version: DefinitionVersion): GroupVersionKind => ({ group, version: version.name, kind: names.kind })
  const all = [...served, ...(stored.served ? [] : [stored])]
  const scale = stored.subresources?.scale
  const withStatus = all.filter((version) => version.subresources?.status !== undefined)
  const told = new Told()
  const checksOf = (version: DefinitionVersion): Checks => {
    const schema = schemaOf(version)
    const rules = RuleTree.of(schema, true, surroundings.environment)
    return new Checks({ schema, rules, gvk: gvk(version), namespaced, scale: version.subresources?.scale, told })
  }
  const checks = checksOf(stored)
  const resets = resetsOf(group, withStatus, 'spec')
  const parsed = all.map((version) => {
    const parsed = servedVersion(definition, version, gvk(version), gvk(stored), surroundings)
    if (sameRules(version, stored)) return parsed
    const own = checksOf(version)
    return { ...parsed, rules: inVersion(parsed, own, strategyOf(own, version, names.kind), statusDoor(own, resets)) }
  })
  const resource: ResourceDefinition = {
    resource: { group, resource: names.plural },
    namespaced,
    versions: parsed,
    storedVersion: gvk(stored),
    strategy: strategyOf(checks, stored, names.kind),
    warnings: (object, old) => [...finalizerWarnings(object, old), ...told.take()],
    ...(withStatus.length === 0
      ? {}
      : {
          resetFields: resetsOf(group, withStatus, 'status'),
          subresources: { status: statusDoor(checks, resets) },
        }),
    ...(scale === undefined ? {} : { scale: scaleOf(scale) }),
  }
  return { resource, custom: customOf(definition, served, namespaced, surroundings.metadata) }
}

function resetsOf(group: string, versions: readonly DefinitionVersion[], field: string) {
  return Object.fromEntries(versions.map(({ name }) => [`${group}/${name}`, FieldSet.of([fieldElement(field)])]))
}

function sameRules(one: DefinitionVersion, other: DefinitionVersion): boolean {
  return deepEqual(one.schema, other.schema) && deepEqual(one.subresources, other.subresources)
}

/** The rules of a version that is not stored: what is stored is looked at as that version has it. */
function inVersion(
  { convert }: ServedVersion,
  checks: Checks,
  { validate: _, validateUpdate: __, ...main }: Strategy,
  { strategy: status }: UpdateSubresource,
): NonNullable<ServedVersion['rules']> {
  const seen = (object: ApiObject): ApiObject => convert?.fromStored(object) ?? object
  // What comes is of this version but for its name.
  const sent = (object: ApiObject): ApiObject => withApiVersion(object, checks.apiVersion)
  return {
    '': {
      ...main,
      validate: (object) => checks.created(sent(object)),
      validateUpdate: (object, old) => checks.updated(sent(object), seen(old)),
    },
    status: { ...status, validateUpdate: (object, old) => checks.statusUpdated(seen(object), seen(old)) },
  }
}

function servedVersion(
  { spec }: Definition,
  version: DefinitionVersion,
  gvk: GroupVersionKind,
  stored: GroupVersionKind,
  { objectMeta }: Surroundings,
): ServedVersion {
  const schema = schemaOf(version)
  const apiVersion = `${gvk.group}/${gvk.version}`
  const read = new WeakMap<object, ApiObject>()
  const { deprecated, deprecationWarning = `${apiVersion} ${spec.names.kind} is deprecated` } = version
  return {
    gvk,
    ...(deprecated === true ? { deprecation: deprecationWarning } : {}),
    schema: typeSchemaOf(schema, objectMeta),
    default: (object) => applyDefaults(object, schema),
    convert: {
      toStored: (object) => withApiVersion(object, `${stored.group}/${stored.version}`),
      // What was written by an earlier schema is read as this one has it: pruned and with its defaults.
      fromStored(object) {
        const known = read.get(object)
        if (known !== undefined) return known
        const pruned = prune(withApiVersion(object, apiVersion), schema, true).value as ApiObject
        const made = applyDefaults(pruned, schema)
        read.set(object, made)
        return made
      },
    },
    printer: printerOf(version.additionalPrinterColumns),
    ...(version.selectableFields === undefined
      ? {}
      : {
          selectableFields: Object.fromEntries(
            version.selectableFields.map(({ jsonPath }) => [jsonPath.replace(/^\./, ''), selectableText(jsonPath)]),
          ),
        }),
  }
}

function withApiVersion<T extends NewObject>(object: T, apiVersion: string): T {
  return object.apiVersion === apiVersion ? object : { ...object, apiVersion }
}

/** What the last check let pass with a warning. */
class Told {
  #warnings: string[] = []

  begin(): void {
    this.#warnings = []
  }

  add(text: string): void {
    this.#warnings.push(text)
  }

  take(): readonly string[] {
    const taken = this.#warnings
    this.#warnings = []
    return taken
  }
}

interface ChecksOptions {
  readonly schema: JsonSchema
  readonly rules: RuleTree | undefined
  readonly gvk: GroupVersionKind
  readonly namespaced: boolean
  readonly scale: ScalePaths | undefined
  readonly told: Told
}

/** What is checked of objects in one version. */
class Checks {
  readonly apiVersion: string
  readonly told: Told
  readonly #schema: JsonSchema
  readonly #rules: RuleTree | undefined
  readonly #kind: string
  readonly #namespaced: boolean
  readonly #scale: ScalePaths | undefined
  readonly #embedded: EmbeddedObjects

  constructor({ schema, rules, gvk, namespaced, scale, told }: ChecksOptions) {
    this.apiVersion = `${gvk.group}/${gvk.version}`
    this.told = told
    this.#schema = schema
    this.#embedded = new EmbeddedObjects(schema)
    this.#rules = rules
    this.#kind = gvk.kind
    this.#namespaced = namespaced
    this.#scale = scale
  }

  created(object: ApiObject): readonly FieldError[] {
    this.told.begin()
    const types = this.#typeErrors(object)
    const errors =
      types.length > 0
        ? types
        : [
            ...metadataErrors(object.metadata, { namespaced: this.#namespaced, nameErrors: subdomainNameErrors }),
            ...valueErrors(object, this.#schema),
            ...scaleErrors(object, this.#scale, true),
          ]
    const inside = this.#embedded.errors(object)
    return this.#withRules([...errors, ...inside, ...listTypeErrors(object, this.#schema)], object, undefined)
  }

  updated(object: ApiObject, old: ApiObject): readonly FieldError[] {
    this.told.begin()
    const correlated = new Correlated(object, old, this.#schema)
    const types = this.#typeErrors(object)
    const errors =
      types.length > 0
        ? types
        : [
            ...metadataUpdateErrors(object, old),
            ...valueErrors(object, this.#schema, '', correlated),
            ...scaleErrors(object, this.#scale, true),
          ]
    const lists = listTypeErrors(old, this.#schema).length === 0 ? listTypeErrors(object, this.#schema) : []
    return this.#withRules([...errors, ...this.#embedded.errors(object), ...lists], object, old, correlated)
  }

  statusUpdated(object: ApiObject, old: ApiObject): readonly FieldError[] {
    this.told.begin()
    const correlated = new Correlated(object, old, this.#schema)
    const { properties = {} } = this.#schema
    const { status } = properties
    const types = this.#typeErrors(object)
    const errors = types.length > 0 ? types : [...metadataUpdateErrors(object, old)]
    if (types.length === 0) {
      if (Object.hasOwn(object, 'status') && status !== undefined) {
        errors.push(...valueErrors(object.status, status, 'status', correlated.key('status')))
      }
      errors.push(...scaleErrors(object, this.#scale, false))
    }
    const lists = listTypeErrors(old, this.#schema).length === 0 ? listTypeErrors(object, this.#schema) : []
    return this.#withRules([...errors, ...lists], object, old, correlated)
  }

  #typeErrors(object: ApiObject): FieldError[] {
    const { apiVersion } = this
    const kind = this.#kind
    return [
      ...(object.kind === kind ? [] : [invalidValue('kind', object.kind, `must be ${kind}`)]),
      ...(object.apiVersion === apiVersion
        ? []
        : [invalidValue('apiVersion', object.apiVersion, `must be ${apiVersion}`)]),
    ]
  }

  /** Rules are only looked at if the values are what the schema says: upstream's blocking errors. */
  #withRules(
    errors: readonly FieldError[],
    object: ApiObject,
    old: ApiObject | undefined,
    correlated?: Correlated,
  ): readonly FieldError[] {
    if (this.#rules === undefined) return errors
    if (errors.some(({ type }) => blocking.has(type))) {
      return [...errors, invalidValue('<nil>', null, BLOCKED)]
    }
    const warn = (text: string): void => {
      this.told.add(text)
    }
    return [...errors, ...this.#rules.errors(object, old, correlated, warn)]
  }
}

const blocking = new Set<FieldError['type']>([
  'FieldValueNotSupported',
  'FieldValueRequired',
  'FieldValueTooLong',
  'FieldValueTooMany',
  'FieldValueTypeInvalid',
])
const BLOCKED =
  'some validation rules were not checked because the object was invalid; correct the existing errors to complete validation'

function strategyOf(checks: Checks, stored: DefinitionVersion, kind: string): Strategy {
  const guardsStatus = stored.subresources?.status !== undefined
  return {
    kind,
    unconditionalUpdate: false,
    prepareForCreate(object) {
      if (!guardsStatus || !Object.hasOwn(object, 'status')) return object
      const { status: _, ...rest } = object
      return rest as ApiObject
    },
    prepareForUpdate: (object, old) => (guardsStatus ? withStatusOf(object, old) : object),
    validate: (object) => checks.created(object),
    validateUpdate: (object, old) => checks.updated(object, old),
    changesGeneration: (object, old) => !deepEqual(withoutMetadata(object), withoutMetadata(old)),
  }
}

function withoutMetadata({ metadata: _, ...rest }: ApiObject): object {
  return rest
}

function withStatusOf(object: ApiObject, from: ApiObject): ApiObject {
  if (Object.hasOwn(from, 'status')) return withField(object, 'status', from.status) as unknown as ApiObject
  if (!Object.hasOwn(object, 'status')) return object
  const { status: _, ...rest } = object
  return rest as ApiObject
}

function statusDoor(checks: Checks, resetFields: Readonly<Record<string, FieldSet>>): UpdateSubresource {
  return {
    verbs: ['get', 'patch', 'update'],
    resetFields,
    strategy: {
      prepareForUpdate(object, old) {
        const { managedFields: _, ...metadata } = old.metadata
        const { managedFields, resourceVersion } = object.metadata
        const kept = {
          ...old,
          metadata: { ...metadata, resourceVersion, ...(managedFields === undefined ? {} : { managedFields }) },
        }
        return withStatusOf(kept, object)
      },
      validateUpdate: (object, old) => checks.statusUpdated(object, old),
    },
    warnings: () => checks.told.take(),
  }
}

const pathSteps = (path: string): readonly string[] => path.replace(/^\./, '').split('.')

function scaleOf(scale: ScalePaths) {
  const { labelSelectorPath } = scale
  return {
    specReplicasPath: scale.specReplicasPath.replace(/^\./, ''),
    statusReplicasPath: scale.statusReplicasPath.replace(/^\./, ''),
    selector(object: ApiObject): string | undefined {
      if (labelSelectorPath === undefined || labelSelectorPath === '') return undefined
      const value = getIn(object, pathSteps(labelSelectorPath))
      return typeof value === 'string' ? value : undefined
    },
  }
}

const MOST_REPLICAS = 2147483647

function scaleErrors(object: ApiObject, scale: ScalePaths | undefined, withSpec: boolean): FieldError[] {
  if (scale === undefined) return []
  const { specReplicasPath, statusReplicasPath, labelSelectorPath } = scale
  const errors = [
    ...(withSpec ? replicasErrors(object, specReplicasPath) : []),
    ...replicasErrors(object, statusReplicasPath),
  ]
  if (labelSelectorPath !== undefined && labelSelectorPath !== '') {
    const value = access(object, labelSelectorPath)
    const fault =
      value instanceof AccessFault || value === undefined || typeof value === 'string'
        ? value
        : accessFault(labelSelectorPath, value, 'string')
    if (fault instanceof AccessFault) errors.push(invalidValue(labelSelectorPath, '', fault.sentence))
  }
  return errors
}

function replicasErrors(object: ApiObject, path: string): FieldError[] {
  const value = access(object, path)
  if (value instanceof AccessFault) return [invalidValue(path, 0, value.sentence)]
  if (value === undefined) return []
  if (typeof value !== 'number' || !Number.isInteger(value)) {
    return [invalidValue(path, 0, accessFault(path, value, 'int64').sentence)]
  }
  if (value < 0) return [invalidValue(path, value, 'should be a non-negative integer')]
  return value > MOST_REPLICAS ? [invalidValue(path, value, `should be less than or equal to ${MOST_REPLICAS}`)] : []
}

/** Why something on a path is not what it must be, as apimachinery's accessors word it. */
class AccessFault {
  readonly sentence: string
  constructor(sentence: string) {
    this.sentence = sentence
  }
}

function accessFault(path: string, value: unknown, expected: string): AccessFault {
  return new AccessFault(
    `${path} accessor error: ${goValue(value)} is of the type ${goType(value)}, expected ${expected}`,
  )
}

function access(object: ApiObject, path: string): unknown {
  let value: unknown = object
  for (const step of pathSteps(path)) {
    if (value === undefined || value === null) return undefined
    if (!isFields(value)) return accessFault(path, value, 'map[string]interface{}')
    value = value[step]
  }
  return value
}

function goValue(value: unknown): string {
  if (value === null) return '<nil>'
  if (Array.isArray(value)) return `[${value.map(goValue).join(' ')}]`
  if (!isFields(value)) return String(value)
  const fields = Object.keys(value)
    .sort()
    .map((name) => `${name}:${goValue(value[name])}`)
  return `map[${fields.join(' ')}]`
}

function goType(value: unknown): string {
  if (value === null) return '<nil>'
  if (Array.isArray(value)) return '[]interface {}'
  if (typeof value === 'object') return 'map[string]interface {}'
  if (typeof value === 'boolean') return 'bool'
  if (typeof value === 'number') return Number.isInteger(value) ? 'int64' : 'float64'
  return 'string'
}

const standardFinalizers = new Set(['orphan', 'foregroundDeletion', 'kubernetes'])

function finalizerWarnings(object: ApiObject, old: ApiObject | undefined): readonly string[] {
  const before = new Set(old?.metadata.finalizers)
  const added = (object.metadata.finalizers ?? []).filter((finalizer) => !before.has(finalizer)).toSorted()
  return added.flatMap((finalizer) => {
    const start = `metadata.finalizers: ${goQuote(finalizer)}: `
    const wrong = qualifiedNameErrors(finalizer).map((sentence) => start + sentence)
    if (finalizer.includes('/') || standardFinalizers.has(finalizer)) return wrong
    const name = finalizer.includes('.') ? 'finalizer name including a path (/)' : 'finalizer name'
    return [
      ...wrong,
      `${start}prefer a domain-qualified ${name} to avoid accidental conflicts with other finalizer writers`,
    ]
  })
}

function customOf(
  definition: Definition,
  served: readonly DefinitionVersion[],
  namespaced: boolean,
  metadata: MetadataReader,
): CustomResource {
  const { acceptedNames: names } = definition.status
  const schemas = new Map(
    definition.spec.versions.map((version) => {
      const schema = schemaOf(version)
      return [version.name, { schema, embedded: new EmbeddedObjects(schema) }] as const
    }),
  )
  const open = { schema: OPEN, embedded: new EmbeddedObjects(OPEN) }
  const discovery = served.map((version) => [version.name, discoveryOf(definition, version, namespaced)] as const)
  return {
    discovery: Object.fromEntries(discovery),
    listKind: names.listKind ?? `${names.kind}List`,
    decode(body, version) {
      const { schema, embedded } = schemas.get(version) ?? open
      const { object, unknown } = coerced(body, version, () => metadata.coerce(body))
      const pruned = prune(object, schema, true)
      const inside = coerced(body, version, () => embedded.coerce(pruned.value as NewObject, metadata))
      const paths = [...unknown, ...pruned.unknown, ...inside.unknown]
      return {
        object: inside.object,
        strictErrors: paths.map((path) => `unknown field ${goQuote(path)}`),
      }
    },
    admits(verb) {
      const { deletionTimestamp } = definition.metadata
      if (verb !== 'create' || deletionTimestamp === undefined) return
      const of = { group: definition.spec.group, resource: names.plural }
      throw methodNotSupported(of, verb)
    },
  }
}

function coerced<T>(body: NewObject, version: string, coerce: () => T): T {
  try {
    return coerce()
  } catch (error) {
    if (!(error instanceof DecodeFailure)) throw error
    const { kind } = body
    throw badRequest(`${kind} in version ${goQuote(version)} cannot be handled as a ${kind}: ${error.message}`)
  }
}

const VERBS = ['delete', 'deletecollection', 'get', 'list', 'patch', 'create', 'update', 'watch']

function discoveryOf(definition: Definition, version: DefinitionVersion, namespaced: boolean): DiscoveryResource {
  const { acceptedNames: names } = definition.status
  // Empty: those of the document that it stands in.
  const kind = { group: '', version: '', kind: names.kind }
  const { subresources } = version
  const deleting = definition.metadata.deletionTimestamp !== undefined
  const doors = [
    ...(subresources?.status === undefined
      ? []
      : [{ subresource: 'status', responseKind: kind, verbs: ['get', 'patch', 'update'] }]),
    ...(subresources?.scale === undefined
      ? []
      : [
          {
            subresource: 'scale',
            responseKind: { group: 'autoscaling', version: 'v1', kind: 'Scale' },
            verbs: ['get', 'patch', 'update'],
          },
        ]),
  ]
  return {
    resource: names.plural,
    responseKind: kind,
    scope: namespaced ? 'Namespaced' : 'Cluster',
    singularResource: names.singular ?? '',
    verbs: deleting ? ['delete', 'deletecollection', 'get', 'list', 'watch'] : VERBS,
    ...(names.shortNames === undefined ? {} : { shortNames: names.shortNames }),
    ...(names.categories === undefined ? {} : { categories: names.categories }),
    ...(doors.length === 0 ? {} : { subresources: doors }),
  }
}
