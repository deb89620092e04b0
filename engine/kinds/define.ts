import { FieldSet } from '../apply/field-set.ts'
import { fieldElement } from '../apply/path-element.ts'
import { semanticallyEqual } from '../objects/equal.ts'
import type { FieldError } from '../objects/field-error.ts'
import { getIn, removeIn, setIn } from '../objects/paths.ts'
import type { ApiObject, NewObject, TypeSchema } from '../objects/types.ts'
import type { Strategy } from '../storage/strategy.ts'
import {
  kubeFinalizerErrors,
  metadataErrors,
  metadataUpdateErrors,
  type NameErrors,
  subdomainNameErrors,
} from './metadata.ts'
import { ageAndName } from './printers.ts'
import type { GroupVersionKind, Printer, ResourceDefinition, ServedVersion, UpdateSubresource } from './resource.ts'

/** Where schemas are found: `SchemaLookup`. */
export interface Schemas {
  schemaOf(group: string, version: string, kind: string): TypeSchema | undefined
}

/** The door through which only the status is changed. */
export interface StatusDoor {
  /** The status of a new object, with the fields that its type always writes; `{}` if not said. */
  readonly empty?: Readonly<Record<string, unknown>>
  /** Dotted paths that this door puts back, and whose fields nobody comes to own through it; `spec` if not said. */
  readonly keeps?: readonly string[]
  /** After what is kept has been put back. */
  prepareForUpdate?(object: ApiObject, old: ApiObject): ApiObject
  /** What besides the metadata may be wrong; nothing if not said. */
  validateUpdate?(object: ApiObject, old: ApiObject): readonly FieldError[]
  warnings?(object: ApiObject, old: ApiObject): readonly string[]
  /** Whether the main door lets clients write the status as well, as a few kinds do. */
  readonly openForAll?: boolean
}

/**
 * How upstream checks a kind's metadata besides what it asks of all objects. Each check tells what is wrong once more in an answer's causes.
 */
export interface MetadataChecks {
  /** Whether those of a new object are checked; true if not said. */
  readonly onCreate?: boolean
  /** How often those of a changed object are, as those of a new one; 0 if not said. */
  readonly again?: number
  /** Whether they are, as those of a changed one; true if not said. */
  readonly onChange?: boolean
}

type Kept = Omit<Strategy, 'kind' | 'changesGeneration'>
type Passed = Pick<ResourceDefinition, 'warnings' | 'scale' | 'indexes' | 'lifetime' | 'verbs' | 'resetFields'>

/** What is particular to a kind; all functions are pure and see objects of the stored version. */
export interface KindRules extends Kept, Passed {
  /** `apps`; empty for the core group. */
  readonly group: string
  /** The stored version, and the one that is served if no other is said. */
  readonly version: string
  readonly kind: string
  readonly resource: string
  /** True if not said. */
  readonly namespaced?: boolean
  /** A DNS subdomain if not said. */
  readonly nameErrors?: NameErrors
  /** The same where it depends on the object. */
  nameErrorsOf?(object: ApiObject): NameErrors
  readonly metadataChecks?: MetadataChecks
  default?(object: NewObject): NewObject
  /** What besides the metadata may be wrong with a new object. */
  validate?(object: ApiObject): readonly FieldError[]
  /** The same of a changed one, besides metadata; what `validate` says if not said. */
  validateUpdate?(object: ApiObject, old: ApiObject): readonly FieldError[]
  /** True: the generation goes up with any change of `spec`. */
  readonly changesGeneration?: true | ((object: ApiObject, old: ApiObject) => boolean)
  /** With it, the main door leaves the status alone and there is a `status` subresource. */
  readonly status?: StatusDoor
  /** Doors besides `status`. */
  readonly subresources?: Readonly<Record<string, UpdateSubresource>>
  /** Name and age if not said. */
  readonly printer?: Printer
  readonly selectableFields?: ServedVersion['selectableFields']
  /** A warning that every answer of the stored version carries. */
  readonly deprecation?: string
  /** Versions besides the stored one, in order of preference; `storedFirst` is false where the stored one is not the preferred one. */
  readonly otherVersions?: readonly (Omit<ServedVersion, 'schema' | 'gvk' | 'printer'> & {
    readonly version: string
    readonly printer?: Printer
  })[]
  readonly storedFirst?: boolean
}

/** A resource from what is particular to its kind: metadata are always checked, status and generation are kept as upstream's strategies do. */
export function defineKind(schemas: Schemas, rules: KindRules): ResourceDefinition {
  const { group, version, kind, resource, status, otherVersions = [], storedFirst = true } = rules
  const namespaced = rules.namespaced ?? true
  const printer = rules.printer ?? ageAndName
  const gvk = { group, version, kind }
  const stored: ServedVersion = {
    gvk,
    schema: schemaOf(schemas, gvk),
    printer,
    ...(rules.default === undefined ? {} : { default: rules.default }),
    ...(rules.selectableFields === undefined ? {} : { selectableFields: rules.selectableFields }),
    ...(rules.deprecation === undefined ? {} : { deprecation: rules.deprecation }),
  }
  const others = otherVersions.map(({ version: other, ...rest }): ServedVersion => {
    const otherGvk = { group, version: other, kind }
    return { printer, ...rest, gvk: otherGvk, schema: schemaOf(schemas, otherGvk) }
  })
  const versions = storedFirst ? [stored, ...others] : [...others, stored]
  const apiVersions = versions.map((served) => apiVersionOf(served.gvk))
  const { warnings, scale, indexes, lifetime, verbs } = rules
  const resetFields =
    rules.resetFields ?? (status === undefined || status.openForAll ? undefined : resets(apiVersions, ['status']))
  const subresources = {
    ...(status === undefined ? {} : { status: statusDoor(status, apiVersions) }),
    ...rules.subresources,
  }
  return {
    resource: { group, resource },
    namespaced,
    versions,
    storedVersion: gvk,
    strategy: strategyOf(rules, namespaced),
    ...(warnings === undefined ? {} : { warnings }),
    ...(resetFields === undefined ? {} : { resetFields }),
    ...(Object.keys(subresources).length === 0 ? {} : { subresources }),
    ...(scale === undefined ? {} : { scale }),
    ...(indexes === undefined ? {} : { indexes }),
    ...(lifetime === undefined ? {} : { lifetime }),
    ...(verbs === undefined ? {} : { verbs }),
  }
}

/** Fields by apiVersion, from dotted paths: what a door resets. */
export function resets(apiVersions: readonly string[], paths: readonly string[]): Readonly<Record<string, FieldSet>> {
  const set = FieldSet.of(...paths.map((path) => path.split('.').map(fieldElement)))
  return Object.fromEntries(apiVersions.map((apiVersion) => [apiVersion, set]))
}

/** The object with these dotted paths as `old` has them. */
export function keepFields<T>(object: T, old: unknown, paths: readonly string[]): T {
  let kept = object
  for (const path of paths) {
    const steps = path.split('.')
    const before = getIn(old, steps)
    kept = before === undefined ? removeIn(kept, steps) : setIn(kept, steps, before)
  }
  return kept
}

const apiVersionOf = ({ group, version }: GroupVersionKind): string => (group === '' ? version : `${group}/${version}`)

function schemaOf(schemas: Schemas, { group, version, kind }: GroupVersionKind): TypeSchema {
  const schema = schemas.schemaOf(group, version, kind)
  if (schema === undefined) throw new Error(`There is no schema of ${group}/${version} ${kind}.`)
  return schema
}

/** Groups that do not ask core what finalizers may be called. */
const takesAnyFinalizer: ReadonlySet<string> = new Set([
  'node.k8s.io',
  'coordination.k8s.io',
  'admissionregistration.k8s.io',
  'apiregistration.k8s.io',
  'apiextensions.k8s.io',
])
function strategyOf(rules: KindRules, namespaced: boolean): Strategy {
  const { kind, prefix, createOnUpdate, unconditionalUpdate, canonicalize, gracePeriod, garbageCollection } = rules
  const { terminate, mayRemove, changesGeneration, status } = rules
  const { onCreate = true, again = 0, onChange = true } = rules.metadataChecks ?? {}
  const finalizers = takesAnyFinalizer.has(rules.group) ? () => [] : kubeFinalizerErrors
  const asNew = (object: ApiObject): FieldError[] => {
    const nameErrors = rules.nameErrorsOf?.(object) ?? rules.nameErrors ?? subdomainNameErrors
    return [...metadataErrors(object.metadata, { namespaced, nameErrors }), ...finalizers(object)]
  }
  const guardsStatus = status !== undefined && !status.openForAll
  const { prepareForCreate, prepareForUpdate } = rules
  const validateUpdate = rules.validateUpdate ?? rules.validate
  const changed = changesGeneration === true ? specChanged : changesGeneration
  return {
    kind,
    prepareForCreate(object) {
      const fresh = guardsStatus ? { ...object, status: status.empty ?? {} } : object
      return prepareForCreate?.(fresh) ?? fresh
    },
    prepareForUpdate(object, old) {
      const kept = guardsStatus ? keepFields(object, old, ['status']) : object
      return prepareForUpdate?.(kept, old) ?? kept
    },
    validate: (object) => [...(onCreate ? asNew(object) : []), ...(rules.validate?.(object) ?? [])],
    validateUpdate: (object, old) => [
      ...(onChange ? [...metadataUpdateErrors(object, old), ...finalizers(object)] : []),
      ...Array.from({ length: again }, () => asNew(object)).flat(),
      ...(validateUpdate?.(object, old) ?? []),
    ],
    ...(changed === undefined ? {} : { changesGeneration: changed }),
    ...(prefix === undefined ? {} : { prefix }),
    ...(createOnUpdate === undefined ? {} : { createOnUpdate }),
    ...(unconditionalUpdate === undefined ? {} : { unconditionalUpdate }),
    ...(canonicalize === undefined ? {} : { canonicalize }),
    ...(gracePeriod === undefined ? {} : { gracePeriod }),
    ...(garbageCollection === undefined ? {} : { garbageCollection }),
    ...(terminate === undefined ? {} : { terminate }),
    ...(mayRemove === undefined ? {} : { mayRemove }),
  }
}

const specChanged = (object: ApiObject, old: ApiObject): boolean => !semanticallyEqual(object.spec, old.spec)

function statusDoor(status: StatusDoor, apiVersions: readonly string[]): UpdateSubresource {
  const keeps = status.keeps ?? ['spec']
  return {
    verbs: ['get', 'patch', 'update'],
    resetFields: resets(apiVersions, keeps),
    strategy: {
      prepareForUpdate(object, old) {
        const kept = keepFields(object, old, keeps)
        return status.prepareForUpdate?.(kept, old) ?? kept
      },
      validateUpdate: (object, old) => [
        ...metadataUpdateErrors(object, old),
        ...(status.validateUpdate?.(object, old) ?? []),
      ],
    },
    ...(status.warnings === undefined ? {} : { warnings: status.warnings }),
  }
}
