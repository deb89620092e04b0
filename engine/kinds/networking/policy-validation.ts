import { invalidEach } from '../../objects/field-checks.ts'
import {
  type FieldError,
  forbiddenField,
  invalidValue,
  notSupported,
  requiredValue,
} from '../../objects/field-error.ts'
import type { IntOrString } from '../../objects/int-or-string.ts'
import { contains, isV4, parseCidr } from '../../objects/ip.ts'
import { cidrWarnings, legacyCidrErrors } from '../../objects/ip-errors.ts'
import { labelSelectorErrors } from '../../objects/label-errors.ts'
import type { LabelSelectorObject } from '../../objects/label-selector.ts'
import { portNameErrors, portNumberErrors } from '../../objects/names.ts'
import type { ApiObject } from '../../objects/types.ts'

export interface PolicyPort {
  readonly protocol?: string
  readonly port?: IntOrString
  readonly endPort?: number
}

export interface IpBlock {
  readonly cidr: string
  readonly except?: readonly string[]
}

export interface PolicyPeer {
  readonly podSelector?: LabelSelectorObject
  readonly namespaceSelector?: LabelSelectorObject
  readonly ipBlock?: IpBlock
}

export interface PolicyRule {
  readonly ports?: readonly PolicyPort[]
  readonly from?: readonly PolicyPeer[]
  readonly to?: readonly PolicyPeer[]
}

export interface NetworkPolicySpec {
  readonly podSelector?: LabelSelectorObject
  readonly ingress?: readonly PolicyRule[]
  readonly egress?: readonly PolicyRule[]
  readonly policyTypes?: readonly string[]
}

const PROTOCOLS = ['TCP', 'UDP', 'SCTP']
const TYPES = ['Ingress', 'Egress']

const specOf = (policy: ApiObject): NetworkPolicySpec => (policy.spec ?? {}) as NetworkPolicySpec

/** Networks in `allowed`, which an older version of the object has, are let pass. */
export function networkPolicyErrors(policy: ApiObject, allowed: ReadonlySet<string> = new Set()): FieldError[] {
  const { podSelector, policyTypes = [] } = specOf(policy)
  const errors = labelSelectorErrors(podSelector, 'spec.podSelector')
  for (const [rule, at, peers, side] of rulesOf(policy)) {
    errors.push(
      ...(rule.ports ?? []).flatMap((port, index) => portErrors(port, `${at}.ports[${index}]`)),
      ...peers.flatMap((peer, index) => peerErrors(peer, `${at}.${side}[${index}]`, allowed)),
    )
  }
  const field = 'spec.policyTypes'
  if (policyTypes.length > TYPES.length) {
    return [...errors, invalidValue(field, policyTypes, 'may not specify more than two policyTypes')]
  }
  policyTypes.forEach((type, index) => {
    if (!TYPES.includes(type)) errors.push(notSupported(`${field}[${index}]`, type, TYPES))
  })
  return errors
}

export function networksOf(policy: ApiObject): ReadonlySet<string> {
  const blocks = [...rulesOf(policy)].flatMap(([, , peers]) => peers.flatMap(({ ipBlock }) => ipBlock ?? []))
  return new Set(blocks.flatMap(({ cidr, except = [] }) => [cidr, ...except]))
}

export function networkPolicyWarnings(policy: ApiObject): string[] {
  return [...rulesOf(policy)].flatMap(([, at, peers, side]) =>
    peers.flatMap(({ ipBlock }, index) => {
      if (ipBlock === undefined) return []
      const field = `${at}.${side}[${index}].ipBlock`
      return [
        ...cidrWarnings(`${field}.cidr`, ipBlock.cidr),
        ...(ipBlock.except ?? []).flatMap((except, place) => cidrWarnings(`${field}.except[${place}]`, except)),
      ]
    }),
  )
}

/** Rules of both directions: each with its path and its peers. */
function* rulesOf(policy: ApiObject): Generator<[PolicyRule, string, readonly PolicyPeer[], 'from' | 'to']> {
  const { ingress = [], egress = [] } = specOf(policy)
  for (const [index, rule] of ingress.entries()) yield [rule, `spec.ingress[${index}]`, rule.from ?? [], 'from']
  for (const [index, rule] of egress.entries()) yield [rule, `spec.egress[${index}]`, rule.to ?? [], 'to']
}

function portErrors({ protocol, port, endPort }: PolicyPort, field: string): FieldError[] {
  const errors: FieldError[] = []
  if (protocol !== undefined && !PROTOCOLS.includes(protocol)) {
    errors.push(notSupported(`${field}.protocol`, protocol, PROTOCOLS))
  }
  const end = `${field}.endPort`
  if (port === undefined) {
    if (endPort !== undefined) {
      errors.push(invalidValue(end, endPort, 'may not be specified when `port` is not specified'))
    }
  } else if (typeof port === 'number') {
    errors.push(...invalidEach(`${field}.port`, port, portNumberErrors(port)))
    if (endPort === undefined) return errors
    // Upstream shows the port where it means its end.
    if (endPort < port) errors.push(invalidValue(end, port, 'must be greater than or equal to `port`'))
    errors.push(...invalidEach(end, endPort, portNumberErrors(endPort)))
  } else {
    if (endPort !== undefined) {
      errors.push(invalidValue(end, endPort, 'may not be specified when `port` is non-numeric'))
    }
    errors.push(...invalidEach(`${field}.port`, port, portNameErrors(port)))
  }
  return errors
}

function peerErrors(peer: PolicyPeer, field: string, allowed: ReadonlySet<string>): FieldError[] {
  const { podSelector, namespaceSelector, ipBlock } = peer
  const errors = [
    ...labelSelectorErrors(podSelector, `${field}.podSelector`),
    ...labelSelectorErrors(namespaceSelector, `${field}.namespaceSelector`),
    ...(ipBlock === undefined ? [] : ipBlockErrors(ipBlock, `${field}.ipBlock`, allowed)),
  ]
  const peers = [podSelector, namespaceSelector, ipBlock].filter((one) => one !== undefined).length
  if (peers === 0) errors.push(requiredValue(field, 'must specify a peer'))
  else if (peers > 1 && ipBlock !== undefined) {
    errors.push(forbiddenField(field, 'may not specify both ipBlock and another peer'))
  }
  return errors
}

function ipBlockErrors({ cidr, except = [] }: IpBlock, field: string, allowed: ReadonlySet<string>): FieldError[] {
  if (cidr === '') return [requiredValue(`${field}.cidr`)]
  const legacy = (at: string, text: string): FieldError[] => (allowed.has(text) ? [] : legacyCidrErrors(at, text))
  const errors = legacy(`${field}.cidr`, cidr)
  const block = parseCidr(cidr)
  if (block === undefined) return errors
  except.forEach((text, index) => {
    const at = `${field}.except[${index}]`
    errors.push(...legacy(at, text))
    const excepted = parseCidr(text)
    if (excepted === undefined) return
    const sameFamily = isV4(block.network) === isV4(excepted.network)
    if (!sameFamily || !contains(block, excepted.network) || block.prefix >= excepted.prefix) {
      errors.push(invalidValue(at, text, 'must be a strict subset of `cidr`'))
    }
  })
  return errors
}
