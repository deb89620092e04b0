import { invalidEach } from '../../../objects/field-checks.ts'
import {
  duplicateValue,
  type FieldError,
  forbiddenField,
  invalidValue,
  requiredValue,
} from '../../../objects/field-error.ts'
import { legacyIpErrors } from '../../../objects/ip-errors.ts'
import { labelErrors } from '../../../objects/label-errors.ts'
import {
  dns1123SubdomainErrors,
  dns1123SubdomainWithUnderscoreErrors,
  outOfRange,
  qualifiedNameErrors,
} from '../../../objects/names.ts'
import type { ObjectMeta } from '../../../objects/types.ts'
import type { DnsConfig, PodResourceClaim, PodSpec } from '../types.ts'
import { upstreamJson } from '../upstream-json.ts'
import { dnsLabel, dnsSubdomain, presentOneOf } from './checks.ts'
import { containersErrors, ephemeralContainersErrors, initContainersErrors } from './container.ts'
import { containerResourcesErrors, podResourcesErrors } from './resources.ts'
import { affinityErrors, type Leniency, spreadErrors, tolerationErrors } from './scheduling.ts'
import { hostUsersErrors, podSecurityErrors } from './security.ts'
import { checkVolumes } from './volumes.ts'
import { hostProcessErrors, osErrors } from './windows.ts'

const greatestInt32 = 2147483647
const restartPolicies = ['Always', 'OnFailure', 'Never']
const dnsPolicies = ['ClusterFirstWithHostNet', 'ClusterFirst', 'Default', 'None']

export interface SpecRules {
  /** The metadata of the Pod that the spec is of; absent for templates. */
  readonly pod?: Partial<ObjectMeta>
  readonly lenient?: Leniency
}

/** `ValidatePodSpec` (core/v1, 1.34). */
export function podSpecErrors(spec: PodSpec, field: string, { pod, lenient = {} }: SpecRules = {}): FieldError[] {
  const { volumes, errors } = checkVolumes(spec.volumes, pod?.name ?? '', `${field}.volumes`)
  const claims = new Set((spec.resourceClaims ?? []).map(({ name }) => name).filter((name) => name !== ''))
  const around = { spec, volumes, claims }
  const grace = spec.terminationGracePeriodSeconds
  return [
    ...(grace === undefined ? [requiredValue(`${field}.terminationGracePeriodSeconds`)] : []),
    ...errors,
    ...resourceClaimsErrors(spec.resourceClaims, pod, `${field}.resourceClaims`),
    ...containersErrors(around, `${field}.containers`),
    ...initContainersErrors(around, `${field}.initContainers`),
    ...ephemeralContainersErrors(around, `${field}.ephemeralContainers`),
    ...podResourcesErrors(spec, claims, field),
    ...hostNetworkErrors(spec, pod !== undefined, `${field}.containers`),
    ...presentOneOf(`${field}.restartPolicy`, spec.restartPolicy, restartPolicies),
    ...presentOneOf(`${field}.dnsPolicy`, spec.dnsPolicy, dnsPolicies),
    ...labelErrors(spec.nodeSelector, `${field}.nodeSelector`),
    ...podSecurityErrors(spec, `${field}.securityContext`),
    ...affinityErrors(spec.affinity, `${field}.affinity`, lenient),
    ...dnsErrors(spec.dnsConfig, spec.dnsPolicy, `${field}.dnsConfig`),
    ...(spec.readinessGates ?? []).flatMap(({ conditionType }, index) =>
      invalidEach(`${field}.readinessGates[${index}].conditionType`, conditionType, qualifiedNameErrors(conditionType)),
    ),
    ...gateErrors(spec.schedulingGates, `${field}.schedulingGates`),
    ...spreadErrors(spec.topologySpreadConstraints, `${field}.topologySpreadConstraints`, lenient),
    ...hostProcessErrors(spec, field),
    ...hostUsersErrors(spec, field),
    ...nameErrors(spec, field),
    ...tolerationErrors(spec.tolerations, `${field}.tolerations`),
    ...aliasErrors(spec.hostAliases, `${field}.hostAliases`),
    ...classErrors(spec, field),
    ...(spec.overhead === undefined
      ? []
      : containerResourcesErrors({ limits: spec.overhead }, new Set(), `${field}.overhead`)),
    ...osErrors(spec, field),
  ]
}

function nameErrors(spec: PodSpec, field: string): FieldError[] {
  const { serviceAccountName = '', nodeName = '', activeDeadlineSeconds: seconds, hostname = '', subdomain = '' } = spec
  const errors: FieldError[] = []
  if (serviceAccountName !== '') errors.push(...dnsSubdomain(`${field}.serviceAccountName`, serviceAccountName))
  if (nodeName !== '') errors.push(...dnsSubdomain(`${field}.nodeName`, nodeName))
  if (seconds !== undefined && (seconds < 1 || seconds > greatestInt32)) {
    errors.push(invalidValue(`${field}.activeDeadlineSeconds`, seconds, outOfRange(1, greatestInt32)))
  }
  if (hostname !== '') errors.push(...dnsLabel(`${field}.hostname`, hostname))
  if (subdomain !== '') errors.push(...dnsLabel(`${field}.subdomain`, subdomain))
  return errors
}

function classErrors(spec: PodSpec, field: string): FieldError[] {
  const { priorityClassName = '', runtimeClassName, preemptionPolicy } = spec
  return [
    ...(priorityClassName === '' ? [] : dnsSubdomain(`${field}.priorityClassName`, priorityClassName)),
    ...(runtimeClassName === undefined ? [] : dnsSubdomain(`${field}.runtimeClassName`, runtimeClassName)),
    ...(preemptionPolicy === undefined
      ? []
      : presentOneOf(`${field}.preemptionPolicy`, preemptionPolicy, ['PreemptLowerPriority', 'Never'])),
  ]
}

/** On the host's network a port has the host's number; templates need not say it. */
function hostNetworkErrors(spec: PodSpec, isPod: boolean, field: string): FieldError[] {
  if (spec.hostNetwork !== true) return []
  return (spec.containers ?? []).flatMap(({ ports }, index) =>
    (ports ?? []).flatMap(({ hostPort = 0, containerPort }, place) =>
      (isPod || hostPort !== 0) && hostPort !== containerPort
        ? [
            invalidValue(
              `${field}[${index}].ports[${place}].hostPort`,
              hostPort,
              'must match `containerPort` when `hostNetwork` is true',
            ),
          ]
        : [],
    ),
  )
}

function resourceClaimsErrors(
  claims: readonly PodResourceClaim[] = [],
  pod: Partial<ObjectMeta> | undefined,
  field: string,
): FieldError[] {
  const names = new Set<string>()
  const isMirror = pod?.annotations?.['kubernetes.io/config.mirror'] !== undefined
  return claims.flatMap((claim, index) => {
    if (isMirror) return [forbiddenField('', 'static pods do not support resource claims')]
    const at = `${field}[${index}]`
    const { name, resourceClaimName, resourceClaimTemplateName } = claim
    const shown = upstreamJson('PodResourceClaim', claim)
    const errors: FieldError[] = []
    if (name === '') errors.push(requiredValue(`${at}.name`))
    else if (names.has(name)) errors.push(duplicateValue(`${at}.name`, name))
    else errors.push(...dnsLabel(`${at}.name`, name))
    names.add(name)
    if (resourceClaimName !== undefined && resourceClaimTemplateName !== undefined) {
      const why = 'at most one of `resourceClaimName` or `resourceClaimTemplateName` may be specified'
      errors.push(invalidValue(at, shown, why))
    }
    if (resourceClaimName === undefined && resourceClaimTemplateName === undefined) {
      const why = 'must specify one of: `resourceClaimName`, `resourceClaimTemplateName`'
      errors.push(invalidValue(at, shown, why))
    }
    if (resourceClaimName !== undefined) errors.push(...dnsSubdomain(`${at}.resourceClaimName`, resourceClaimName))
    if (resourceClaimTemplateName !== undefined) {
      errors.push(...dnsSubdomain(`${at}.resourceClaimTemplateName`, resourceClaimTemplateName))
    }
    return errors
  })
}

const mostNameservers = 3
const mostSearches = 32
const mostSearchCharacters = 2048

function dnsErrors(config: DnsConfig | undefined, policy: string | undefined, field: string): FieldError[] {
  if (policy === 'None') {
    if (config === undefined) return [requiredValue(field, 'must provide `dnsConfig` when `dnsPolicy` is None')]
    if ((config.nameservers?.length ?? 0) === 0) {
      const why = 'must provide at least one DNS nameserver when `dnsPolicy` is None'
      return [requiredValue(`${field}.nameservers`, why)]
    }
  }
  if (config === undefined) return []
  const { nameservers = [], searches = [], options = [] } = config
  const errors: FieldError[] = []
  if (nameservers.length > mostNameservers) {
    const why = `must not have more than ${mostNameservers} nameservers`
    errors.push(invalidValue(`${field}.nameservers`, nameservers, why))
  }
  errors.push(...nameservers.flatMap((server, index) => legacyIpErrors(`${field}.nameservers[${index}]`, server)))
  if (searches.length > mostSearches) {
    const why = `must not have more than ${mostSearches} search paths`
    errors.push(invalidValue(`${field}.searches`, searches, why))
  }
  if (searches.join(' ').length > mostSearchCharacters) {
    const why = `must not have more than ${mostSearchCharacters} characters (including spaces) in the search list`
    errors.push(invalidValue(`${field}.searches`, searches, why))
  }
  for (const [index, search] of searches.entries()) {
    if (search === '.') continue
    const name = search.endsWith('.') ? search.slice(0, -1) : search
    errors.push(...invalidEach(`${field}.searches[${index}]`, name, dns1123SubdomainWithUnderscoreErrors(name)))
  }
  for (const [index, { name = '' }] of options.entries()) {
    if (name === '') errors.push(requiredValue(`${field}.options[${index}]`, 'must not be empty'))
  }
  return errors
}

function gateErrors(gates: PodSpec['schedulingGates'], field: string): FieldError[] {
  const seen = new Set<string>()
  return (gates ?? []).flatMap(({ name }, index) => {
    const at = `${field}[${index}]`
    const errors = invalidEach(at, name, qualifiedNameErrors(name))
    if (seen.has(name)) errors.push(duplicateValue(at, name))
    seen.add(name)
    return errors
  })
}

function aliasErrors(aliases: PodSpec['hostAliases'], field: string): FieldError[] {
  return (aliases ?? []).flatMap(({ ip, hostnames }, index) => [
    ...legacyIpErrors(`${field}[${index}].ip`, ip),
    ...(hostnames ?? []).flatMap((name, place) =>
      invalidEach(`${field}[${index}].hostnames[${place}]`, name, dns1123SubdomainErrors(name)),
    ),
  ])
}
