import { invalidEach } from '../../objects/field-checks.ts'
import {
  duplicateValue,
  type FieldError,
  forbiddenField,
  invalidValue,
  notSupported,
  requiredValue,
} from '../../objects/field-error.ts'
import { isV4, parseCidr } from '../../objects/ip.ts'
import { cidrWarnings, legacyCidrErrors } from '../../objects/ip-errors.ts'
import { labelValueErrors, qualifiedNameErrors } from '../../objects/names.ts'
import { removeIn } from '../../objects/paths.ts'
import type { ApiObject, NewObject } from '../../objects/types.ts'
import { defineKind, keepFields, resets, type Schemas } from '../define.ts'
import type { ResourceDefinition } from '../resource.ts'
import { quantityErrors, sortedResources } from '../resource-names.ts'
import { goFields } from './go-fields.ts'
import { nodePrinter } from './node-printer.ts'
import { roundedAt } from './rounded.ts'

type Amounts = Readonly<Record<string, string>>

interface Spec {
  readonly podCIDR?: string
  readonly podCIDRs?: readonly string[]
  readonly providerID?: string
  readonly externalID?: string
  readonly unschedulable?: boolean
  readonly taints?: readonly Taint[]
  readonly configSource?: unknown
}

export interface Taint {
  readonly key: string
  readonly value?: string
  readonly effect: string
  readonly timeAdded?: string
}

interface Status {
  readonly capacity?: Amounts
  readonly allocatable?: Amounts
  readonly addresses?: readonly { readonly type: string; readonly address: string }[]
  readonly nodeInfo?: { readonly swap?: { readonly capacity?: number } }
}

const specOf = ({ spec }: NewObject): Spec => (spec ?? {}) as Spec
const statusOf = ({ status }: NewObject): Status => (status ?? {}) as Status

/** core/v1 Node (1.34). A new one may come with a status: kubelets register so. */
export function nodes(schemas: Schemas): ResourceDefinition {
  return defineKind(schemas, {
    group: '',
    version: 'v1',
    kind: 'Node',
    resource: 'nodes',
    metadataChecks: { again: 1 },
    prefix: '/registry/minions',
    namespaced: false,
    default: defaultNode,
    prepareForCreate: withoutConfig,
    prepareForUpdate: (node, old) => keepFields(withoutConfig(node), old, ['status']),
    resetFields: resets(['v1'], ['status']),
    validate: nodeErrors,
    validateUpdate: (node, old) => [...nodeErrors(node), ...nodeChangeErrors(node, old)],
    warnings: nodeWarnings,
    status: {
      openForAll: true,
      prepareForUpdate: withoutConfig,
      validateUpdate: nodeChangeErrors,
    },
    printer: nodePrinter,
    selectableFields: { 'spec.unschedulable': (node) => String(specOf(node).unschedulable ?? false) },
  })
}

/** `podCIDR` is the first of `podCIDRs`; what can be used is all that there is, if nothing else is said. */
function defaultNode(given: NewObject): NewObject {
  const node = roundedAt(given, 'status.capacity', 'status.allocatable')
  const { podCIDR = '', podCIDRs = [] } = specOf(node)
  const { allocatable, capacity } = statusOf(node)
  const networks = podCIDR !== '' && podCIDRs[0] !== podCIDR ? [podCIDR] : podCIDRs
  const [first] = networks
  const inStep = first === undefined || (podCIDR === first && networks === podCIDRs)
  const addressed = inStep ? node : { ...node, spec: { ...specOf(node), podCIDR: first, podCIDRs: networks } }
  if (allocatable !== undefined || capacity === undefined) return addressed
  return { ...addressed, status: { ...statusOf(node), allocatable: capacity } }
}

/** Configuration of kubelets by the API server is gone from Kubernetes. */
function withoutConfig(node: ApiObject): ApiObject {
  return removeIn(removeIn(node, ['spec', 'configSource']), ['status', 'config'])
}

function nodeErrors(node: ApiObject): FieldError[] {
  const { podCIDRs = [], taints = [] } = specOf(node)
  const swap = statusOf(node).nodeInfo?.swap?.capacity
  return [
    ...taintErrors(taints),
    ...resourceErrors(node),
    ...(swap === undefined || swap > 0
      ? []
      : [invalidValue('metadata.nodeSwapStatus.capacity', swap, 'must be greater than zero')]),
    ...podNetworkErrors(podCIDRs),
  ]
}

const EFFECTS = ['NoSchedule', 'PreferNoSchedule', 'NoExecute']

/** Upstream names the taints as if they were metadata. */
function taintErrors(taints: readonly Taint[]): FieldError[] {
  const seen = new Set<string>()
  return taints.flatMap((taint, index) => {
    const { key, value = '', effect } = taint
    const at = `metadata.taints[${index}]`
    const valueErrors = labelValueErrors(value)
    const errors = [
      ...invalidEach(`${at}.key`, key, qualifiedNameErrors(key)),
      ...(valueErrors.length === 0 ? [] : [invalidValue(`${at}.value`, value, valueErrors.join(';'))]),
      ...(effect === '' || EFFECTS.includes(effect) ? [] : [notSupported(`${at}.effect`, effect, EFFECTS)]),
      ...(effect === '' ? [requiredValue(`${at}.effect`)] : []),
    ]
    const pair = `${effect} ${key}`
    if (seen.has(pair)) {
      const shown = goFields({ Key: key, Value: value, Effect: effect, TimeAdded: taint.timeAdded })
      const twice = duplicateValue(at, shown)
      errors.push({ ...twice, body: `${twice.body}: taints must be unique by key and effect pair` })
    }
    seen.add(pair)
    return errors
  })
}

function resourceErrors(node: ApiObject): FieldError[] {
  const { capacity, allocatable } = statusOf(node)
  const of = (part: string, amounts: Amounts | undefined): FieldError[] =>
    sortedResources(amounts).flatMap(([name, text]) => quantityErrors(`status.${part}.${name}`, name, text))
  return [...of('capacity', capacity), ...of('allocatable', allocatable)]
}

function podNetworkErrors(networks: readonly string[]): FieldError[] {
  const field = 'spec.podCIDRs'
  const errors = networks.flatMap((network, index) => legacyCidrErrors(`${field}[${index}]`, network))
  if (networks.length < 2) return errors
  const parsed = networks.map((network) => parseCidr(network))
  const broken = networks.find((_, index) => parsed[index] === undefined)
  if (broken !== undefined) {
    const why = `invalid PodCIDRs. failed to check with dual stack with error:invalid CIDR address: ${broken}`
    errors.push({ type: 'InternalError', field, body: `Internal error: ${why}` })
  }
  const families = new Set(parsed.map((network) => network !== undefined && isV4(network.network)))
  if (broken !== undefined || families.size < 2 || networks.length > 2) {
    errors.push(invalidValue(field, networks, 'may specify no more than one CIDR for each IP family'))
  }
  return errors
}

function nodeChangeErrors(node: ApiObject, old: ApiObject): FieldError[] {
  const now = specOf(node)
  const before = specOf(old)
  const changed = (field: string): FieldError =>
    forbiddenField(`spec.${field}s`, `node updates may not change ${field} except from "" to valid`)
  const networks = now.podCIDRs ?? []
  const known = before.podCIDRs ?? []
  const moved =
    known.length > 0 && known.length !== networks.length
      ? [changed('podCIDR')]
      : known.flatMap((network, index) => (network === networks[index] ? [] : [changed('podCIDR')]))
  const provider = before.providerID ?? ''
  return [
    ...resourceErrors(node),
    ...addressErrors(statusOf(node).addresses ?? []),
    ...moved,
    ...(provider === '' || provider === now.providerID
      ? []
      : [forbiddenField('spec.providerID', 'node updates may not change providerID except from "" to valid')]),
    ...taintErrors(now.taints ?? []),
    ...((now.externalID ?? '') === (before.externalID ?? '')
      ? []
      : [forbiddenField('spec.externalID', 'may not be updated')]),
  ]
}

function addressErrors(addresses: NonNullable<Status['addresses']>): FieldError[] {
  const seen = new Set<string>()
  return addresses.flatMap(({ type, address }, index) => {
    const pair = `${type} ${address}`
    const twice = seen.has(pair)
    seen.add(pair)
    return twice ? [duplicateValue(`status.addresses[${index}]`, { Type: type, Address: address })] : []
  })
}

function nodeWarnings(node: ApiObject): string[] {
  const { podCIDRs = [], externalID = '', configSource } = specOf(node)
  return [
    ...(configSource === undefined ? [] : ['spec.configSource: the feature is removed']),
    ...(externalID === '' ? [] : ['spec.externalID: this field is deprecated, and is unused by Kubernetes']),
    ...podCIDRs.flatMap((network, index) => cidrWarnings(`spec.podCIDRs[${index}]`, network)),
  ]
}
