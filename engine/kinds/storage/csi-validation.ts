import { immutable, invalidEach, nonNegative, qualifiedName } from '../../objects/field-checks.ts'
import {
  duplicateValue,
  type FieldError,
  invalidValue,
  notSupported,
  requiredValue,
} from '../../objects/field-error.ts'
import { labelSelectorErrors } from '../../objects/label-errors.ts'
import type { LabelSelectorObject } from '../../objects/label-selector.ts'
import { dns1123SubdomainErrors } from '../../objects/names.ts'
import { Quantity } from '../../objects/quantity.ts'
import type { ApiObject } from '../../objects/types.ts'
import { deprecatedNodeLabel } from '../deprecated-node-labels.ts'
import { csiDriverNameErrors } from './validation.ts'

export interface CsiDriverSpec {
  readonly attachRequired?: boolean
  readonly podInfoOnMount?: boolean
  readonly storageCapacity?: boolean
  readonly fsGroupPolicy?: string
  readonly volumeLifecycleModes?: readonly string[]
  readonly requiresRepublish?: boolean
  readonly seLinuxMount?: boolean
  readonly tokenRequests?: readonly { readonly audience: string; readonly expirationSeconds?: number }[]
  readonly nodeAllocatableUpdatePeriodSeconds?: number
}

export interface CsiNodeDriver {
  readonly name: string
  readonly nodeID: string
  readonly topologyKeys?: readonly string[] | null
  readonly allocatable?: { readonly count?: number }
}

const GROUP_POLICIES = ['File', 'None', 'ReadWriteOnceWithFSType']
const MODES = ['Persistent', 'Ephemeral']
/** Seconds. */
const SHORTEST_TOKEN = 600
/** Seconds. */
const LONGEST_TOKEN = 2 ** 32
/** Seconds. */
const SHORTEST_UPDATE_PERIOD = 10
/** Bytes. */
const LONGEST_NODE_ID = 256

const specOf = (object: ApiObject): CsiDriverSpec => (object.spec ?? {}) as CsiDriverSpec

export function csiDriverErrors(object: ApiObject): FieldError[] {
  const spec = specOf(object)
  const required = (field: string, value: unknown): FieldError[] => (value === undefined ? [requiredValue(field)] : [])
  const period = spec.nodeAllocatableUpdatePeriodSeconds
  return [
    // Upstream's name for it.
    ...required('spec.attachedRequired', spec.attachRequired),
    ...required('spec.podInfoOnMount', spec.podInfoOnMount),
    ...required('spec.storageCapacity', spec.storageCapacity),
    ...(spec.fsGroupPolicy === undefined || GROUP_POLICIES.includes(spec.fsGroupPolicy)
      ? []
      : [notSupported('spec.fsGroupPolicy', spec.fsGroupPolicy, GROUP_POLICIES)]),
    ...tokenErrors(spec.tokenRequests ?? []),
    ...(spec.volumeLifecycleModes ?? [])
      .filter((mode) => !MODES.includes(mode))
      .map((mode) => notSupported('spec.volumeLifecycleModes', mode, MODES)),
    ...required('spec.seLinuxMount', spec.seLinuxMount),
    ...(period !== undefined && period < SHORTEST_UPDATE_PERIOD
      ? [invalidValue('spec.nodeAllocatableUpdatePeriodSeconds', period, 'must be greater than or equal to 10 seconds')]
      : []),
  ]
}

function tokenErrors(requests: NonNullable<CsiDriverSpec['tokenRequests']>): FieldError[] {
  const audiences = new Set<string>()
  return requests.flatMap(({ audience, expirationSeconds: seconds }, index) => {
    const at = `spec.tokenRequests[${index}]`
    if (audiences.has(audience)) return [duplicateValue(`${at}.audience`, audience)]
    audiences.add(audience)
    const wrong = (why: string): FieldError[] => [invalidValue(`${at}.expirationSeconds`, seconds, why)]
    if (seconds === undefined) return []
    if (seconds < SHORTEST_TOKEN) return wrong('may not specify a duration less than 10 minutes')
    return seconds > LONGEST_TOKEN ? wrong('may not specify a duration larger than 2^32 seconds') : []
  })
}

export function csiDriverChangeErrors(object: ApiObject, old: ApiObject): FieldError[] {
  const now = specOf(object)
  const before = specOf(old)
  return [
    ...csiDriverErrors(object),
    ...immutable('spec.attachedRequired', now.attachRequired, before.attachRequired),
    ...immutable('spec.volumeLifecycleModes', now.volumeLifecycleModes, before.volumeLifecycleModes),
  ]
}

const driversOf = (object: ApiObject): readonly CsiNodeDriver[] =>
  ((object.spec ?? {}) as { readonly drivers?: readonly CsiNodeDriver[] | null }).drivers ?? []

export function csiNodeErrors(object: ApiObject): FieldError[] {
  const names = new Set<string>()
  return driversOf(object).flatMap((driver, index) => {
    const at = `spec.drivers[${index}]`
    const { name, nodeID, allocatable } = driver
    const errors = csiDriverNameErrors(name, `${at}.name`)
    if (nodeID === '') errors.push(requiredValue(`${at}.nodeID`))
    if (nodeID.length > LONGEST_NODE_ID) {
      errors.push(invalidValue(`${at}.nodeID`, nodeID, `must be ${LONGEST_NODE_ID} characters or less`))
    }
    errors.push(...nonNegative(`${at}.allocatable.count`, allocatable?.count))
    if (names.has(name)) errors.push(duplicateValue(`${at}.name`, name))
    names.add(name)
    return [...errors, ...topologyKeyErrors(driver.topologyKeys ?? [], at)]
  })
}

function topologyKeyErrors(keys: readonly string[], field: string): FieldError[] {
  return keys.flatMap((key, index) => [
    ...(key === '' ? [requiredValue(field)] : []),
    ...(keys.indexOf(key) < index ? [duplicateValue(field, key)] : []),
    ...qualifiedName(field, key),
  ])
}

/** Upstream checks the node itself once more after the change. */
export function csiNodeChangeErrors(object: ApiObject, old: ApiObject): FieldError[] {
  const errors = csiNodeErrors(object)
  for (const before of driversOf(old)) {
    for (const now of driversOf(object)) {
      if (now.name === before.name) errors.push(...immutable('spec.drivers', now, before, internalDriver(now)))
    }
  }
  return errors
}

/** Upstream prints its internal type. */
function internalDriver({ name, nodeID, topologyKeys, allocatable }: CsiNodeDriver): object {
  return {
    Name: name,
    NodeID: nodeID,
    TopologyKeys: topologyKeys ?? null,
    Allocatable: allocatable === undefined ? null : { Count: allocatable.count ?? null },
  }
}

export function storageCapacityErrors(object: ApiObject): FieldError[] {
  const className = (object.storageClassName ?? '') as string
  const capacity = object.capacity as string | undefined
  return [
    ...labelSelectorErrors(object.nodeTopology as LabelSelectorObject | undefined, 'nodeTopology'),
    ...invalidEach('storageClassName', className, dns1123SubdomainErrors(className)),
    ...(capacity !== undefined && Quantity.parse(capacity).sign() < 0
      ? [invalidValue('capacity', capacity, 'must be greater than or equal to 0')]
      : []),
  ]
}

export function storageCapacityChangeErrors(object: ApiObject, old: ApiObject): FieldError[] {
  return ['nodeTopology', 'storageClassName'].flatMap((field) => immutable(field, object[field], old[field]))
}

export function storageCapacityWarnings(object: ApiObject): string[] {
  const { matchExpressions = [], matchLabels = {} } = (object.nodeTopology ?? {}) as LabelSelectorObject
  return [
    ...matchExpressions.flatMap(({ key }, index) => {
      const message = deprecatedNodeLabel(key)
      return message === undefined ? [] : [`nodeTopology.matchExpressions[${index}].key: ${key} is ${message}`]
    }),
    ...Object.keys(matchLabels).flatMap((key) => {
      const message = deprecatedNodeLabel(key)
      return message === undefined ? [] : [`nodeTopology.matchLabels.${key}: ${message}`]
    }),
  ]
}
