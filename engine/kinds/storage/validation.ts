import { deepEqual, semanticallyEqual } from '../../objects/equal.ts'
import { immutable, invalidEach, qualifiedName } from '../../objects/field-checks.ts'
import {
  duplicateValue,
  type FieldError,
  forbiddenField,
  invalidValue,
  notSupported,
  requiredValue,
  tooLongValue,
} from '../../objects/field-error.ts'
import { dns1123SubdomainErrors } from '../../objects/names.ts'
import type { ApiObject } from '../../objects/types.ts'
import { deprecatedNodeLabel } from '../deprecated-node-labels.ts'

type Parameters = Readonly<Record<string, string>>

export interface TopologyTerm {
  readonly matchLabelExpressions?: readonly { readonly key: string; readonly values: readonly string[] | null }[]
}

/** Entries. */
const MOST_PARAMETERS = 512
/** Bytes, together. */
export const LONGEST_PARAMETERS = 256 * 1024
const RECLAIM_POLICIES = ['Delete', 'Retain']
const BINDING_MODES = ['Immediate', 'WaitForFirstConsumer']

const encoder = new TextEncoder()

/** Bytes of all keys and values. */
export function bytesOf(map: Parameters): number {
  return Object.entries(map).reduce((sum, pair) => sum + encoder.encode(pair.join('')).length, 0)
}

export function storageClassErrors(object: ApiObject): FieldError[] {
  const policy = object.reclaimPolicy as string | undefined
  const mode = object.volumeBindingMode as string | undefined
  return [
    ...provisionerErrors((object.provisioner ?? '') as string, 'provisioner'),
    ...parameterErrors((object.parameters ?? {}) as Parameters, true),
    ...(policy === undefined || policy === '' || RECLAIM_POLICIES.includes(policy)
      ? []
      : [notSupported('reclaimPolicy', policy, RECLAIM_POLICIES)]),
    ...(mode === undefined
      ? [requiredValue('volumeBindingMode')]
      : BINDING_MODES.includes(mode)
        ? []
        : [notSupported('volumeBindingMode', mode, BINDING_MODES)]),
    ...topologyErrors((object.allowedTopologies ?? []) as readonly TopologyTerm[], 'allowedTopologies'),
  ]
}

export function storageClassChangeErrors(object: ApiObject, old: ApiObject): FieldError[] {
  const mode = object.volumeBindingMode
  return [
    ...['parameters', 'provisioner', 'reclaimPolicy'].flatMap((field) => unchanged(object, old, field)),
    ...immutable('volumeBindingMode', mode, old.volumeBindingMode),
  ]
}

export function attributesClassErrors(object: ApiObject): FieldError[] {
  return [
    ...provisionerErrors((object.driverName ?? '') as string, 'driverName'),
    ...parameterErrors((object.parameters ?? {}) as Parameters, false),
  ]
}

/** Upstream checks the class itself once more after the change. */
export function attributesClassChangeErrors(object: ApiObject, old: ApiObject): FieldError[] {
  return [
    ...['driverName', 'parameters'].flatMap((field) => unchanged(object, old, field)),
    ...attributesClassErrors(object),
  ]
}

function unchanged(object: ApiObject, old: ApiObject, field: string): FieldError[] {
  if (semanticallyEqual(object[field], old[field])) return []
  return [forbiddenField(field, `updates to ${field} are forbidden.`)]
}

function provisionerErrors(provisioner: string, field: string): FieldError[] {
  return provisioner === '' ? [requiredValue(field)] : qualifiedName(field, provisioner.toLowerCase())
}

function parameterErrors(parameters: Parameters, allowEmpty: boolean): FieldError[] {
  const field = 'parameters'
  const keys = Object.keys(parameters)
  if (keys.length > MOST_PARAMETERS) return [tooLongValue(field, MOST_PARAMETERS)]
  const errors = keys.includes('') ? [invalidValue(field, '', 'field can not be empty.')] : []
  if (bytesOf(parameters) > LONGEST_PARAMETERS) errors.push(tooLongValue(field, LONGEST_PARAMETERS))
  if (!allowEmpty && keys.length === 0) {
    errors.push(requiredValue(field, 'must contain at least one key/value pair'))
  }
  return errors
}

function topologyErrors(terms: readonly TopologyTerm[], field: string): FieldError[] {
  const seen: Record<string, readonly string[]>[] = []
  return terms.flatMap((term, index) => {
    const at = `${field}[${index}].matchLabelExpressions`
    const errors: FieldError[] = []
    const sets: Record<string, readonly string[]> = {}
    for (const [place, { key, values }] of (term.matchLabelExpressions ?? []).entries()) {
      errors.push(...topologyValueErrors(values ?? [], `${at}[${place}].values`))
      errors.push(...qualifiedName(`${at}[${place}].key`, key))
      if (Object.hasOwn(sets, key)) errors.push(duplicateValue(`${at}[${place}].key`, key))
      sets[key] = [...new Set(values ?? [])].sort()
    }
    // An empty term equals as well the places that upstream keeps free for those to come.
    const free = Object.keys(sets).length === 0 ? terms.length : 0
    const twins = free + seen.filter((other) => deepEqual(other, sets)).length
    for (let twin = 0; twin < twins; twin++) errors.push(duplicateValue(at, ''))
    seen.push(sets)
    return errors
  })
}

function topologyValueErrors(values: readonly string[], field: string): FieldError[] {
  if (values.length === 0) return [requiredValue(field)]
  return values.flatMap((value, index) =>
    values.indexOf(value) < index ? [duplicateValue(`${field}[${index}]`, value)] : [],
  )
}

export function storageClassWarnings(object: ApiObject): string[] {
  const terms = (object.allowedTopologies ?? []) as readonly TopologyTerm[]
  return terms.flatMap((term, index) =>
    (term.matchLabelExpressions ?? []).flatMap(({ key }, place) => {
      const message = deprecatedNodeLabel(key)
      if (message === undefined) return []
      return [`allowedTopologies[${index}].matchLabelExpressions[${place}].key: ${message}`]
    }),
  )
}

/** Bytes. */
const LONGEST_DRIVER_NAME = 63

export function csiDriverNameErrors(name: string, field: string): FieldError[] {
  return [
    ...(name === '' ? [requiredValue(field)] : []),
    ...(name.length > LONGEST_DRIVER_NAME ? [tooLongValue(field, LONGEST_DRIVER_NAME)] : []),
    ...invalidEach(field, name, dns1123SubdomainErrors(name.toLowerCase())),
  ]
}
