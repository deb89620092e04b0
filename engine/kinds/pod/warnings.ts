import { deepEqual } from '../../objects/equal.ts'
import { goQuote } from '../../objects/go-quote.ts'
import { ipWarnings } from '../../objects/ip-errors.ts'
import { labelValueErrors } from '../../objects/names.ts'
import { Quantity } from '../../objects/quantity.ts'
import type { Labels } from '../../objects/requirement.ts'
import { deprecatedNodeLabel } from '../deprecated-node-labels.ts'
import { allContainers, join } from './containers.ts'
import { pathWarnings } from './path-warnings.ts'
import type {
  ClaimSpec,
  ContainerPort,
  EnvVar,
  NodeSelectorTerm,
  PodAffinityTerm,
  PodSpec,
  Quantities,
  SeccompProfile,
  Volume,
} from './types.ts'
import { appArmorOfContainer, seccompOfContainer, seccompOfPod } from './validation/annotations.ts'
import { appArmorErrors } from './validation/security.ts'

const required = 'requiredDuringSchedulingIgnoredDuringExecution'
const preferred = 'preferredDuringSchedulingIgnoredDuringExecution'

/** `warningsForPodSpecAndMeta` (1.34): what a Pod, or a template at `field`, is taken with a warning about. */
export function podWarnings(spec: PodSpec, annotations: Labels, field: string): string[] {
  const at = (path: string): string => join(field, path)
  return [
    ...nodeLabelWarnings(spec, at),
    ...spreadWarnings(spec, at),
    ...annotationWarnings(annotations, at),
    ...(spec.volumes ?? []).flatMap((volume, index) => volumeWarnings(volume, at(`spec.volumes[${index}]`))),
    ...pathWarnings(spec.volumes ?? []),
    ...duplicateWarnings(
      (spec.hostAliases ?? []).map(({ ip }) => ip),
      'ip',
      at('spec.hostAliases'),
    ),
    ...duplicateWarnings(
      (spec.imagePullSecrets ?? []).map(({ name = '' }) => name),
      'name',
      at('spec.imagePullSecrets'),
    ),
    ...(spec.imagePullSecrets ?? []).flatMap(({ name = '' }, index) =>
      name === '' ? [`${at(`spec.imagePullSecrets[${index}].name`)}: invalid empty name ""`] : [],
    ),
    ...fractionWarnings(spec.overhead, at('spec.overhead')),
    ...seccompWarnings(spec, annotations, at),
    ...allContainers(spec, at('spec')).flatMap(({ container, at: path }) => [
      ...profileWarnings(container, spec, annotations, field),
      ...fractionWarnings(container.resources?.limits, `${path}.resources.limits`, 'memory'),
      ...fractionWarnings(container.resources?.requests, `${path}.resources.requests`, 'memory'),
      ...fractionWarnings(container.resources?.limits, `${path}.resources.limits`, 'ephemeral-storage'),
      ...fractionWarnings(container.resources?.requests, `${path}.resources.requests`, 'ephemeral-storage'),
      ...hiddenVariables(container.env ?? [], `${path}.env`),
    ]),
    ...portWarnings(spec, at('spec')),
    ...((spec.terminationGracePeriodSeconds ?? 0) < 0
      ? [
          `${at('spec.terminationGracePeriodSeconds')}: must be >= 0; negative values are invalid and will be treated as 1`,
        ]
      : []),
    ...affinityWarnings(spec, at),
    ...(spec.dnsConfig?.nameservers ?? []).flatMap((server, index) =>
      ipWarnings(at(`spec.dnsConfig.nameservers[${index}]`), server),
    ),
    ...(spec.hostAliases ?? []).flatMap(({ ip }, index) => ipWarnings(at(`spec.hostAliases[${index}].ip`), ip)),
  ]
}

type At = (path: string) => string

function nodeLabelWarnings({ nodeSelector = {}, affinity }: PodSpec, at: At): string[] {
  const node = affinity?.nodeAffinity
  const terms = node?.[required]?.nodeSelectorTerms ?? []
  const start = 'spec.affinity.nodeAffinity'
  return [
    ...Object.keys(nodeSelector)
      .sort()
      .flatMap((key) => {
        const why = deprecatedNodeLabel(key)
        return why === undefined ? [] : [`${at(`spec.nodeSelector[${key}]`)}: ${why}`]
      }),
    ...terms.flatMap((term, index) =>
      nodeTermWarnings(term, at(`${start}.${required}.nodeSelectorTerms[${index}]`), false),
    ),
    ...(node?.[preferred] ?? []).flatMap(({ preference }, index) =>
      nodeTermWarnings(preference, at(`${start}.${preferred}[${index}].preference`), true),
    ),
  ]
}

/** `GetWarningsForNodeSelectorTerm`. */
export function nodeTermWarnings(term: NodeSelectorTerm, field: string, checksValues: boolean): string[] {
  return (term.matchExpressions ?? []).flatMap(({ key, values = [] }, index) => {
    const at = `${field}.matchExpressions[${index}]`
    const why = deprecatedNodeLabel(key)
    return [
      ...(why === undefined ? [] : [`${at}.key: ${key} is ${why}`]),
      ...(checksValues
        ? values.flatMap((value, place) =>
            labelValueErrors(value).map((wrong) => `${at}.values[${place}]: ${value} is invalid, ${wrong}`),
          )
        : []),
    ]
  })
}

function spreadWarnings({ topologySpreadConstraints = [] }: PodSpec, at: At): string[] {
  return topologySpreadConstraints.flatMap(({ topologyKey, labelSelector }, index) => {
    const field = at(`spec.topologySpreadConstraints[${index}]`)
    const why = deprecatedNodeLabel(topologyKey)
    return [
      ...(why === undefined ? [] : [`${field}.topologyKey: ${topologyKey} is ${why}`]),
      ...(labelSelector === undefined ? [`${field}.labelSelector: ${nullSelector}`] : []),
    ]
  })
}

const nullSelector = 'a null labelSelector results in matching no pod'

function affinityWarnings({ affinity }: PodSpec, at: At): string[] {
  return (['podAffinity', 'podAntiAffinity'] as const).flatMap((kind) => {
    const terms = affinity?.[kind]
    const warn = (term: PodAffinityTerm, path: string): string[] =>
      term.labelSelector === undefined ? [`${at(`spec.affinity.${kind}.${path}.labelSelector`)}: ${nullSelector}`] : []
    return [
      ...(terms?.[required] ?? []).flatMap((term, index) => warn(term, `${required}[${index}]`)),
      ...(terms?.[preferred] ?? []).flatMap(({ podAffinityTerm }, index) =>
        warn(podAffinityTerm, `${preferred}[${index}].podAffinityTerm`),
      ),
    ]
  })
}

const useSysctls = 'non-functional in v1.11+; use the "sysctls" field instead'
const deprecatedAnnotations = {
  'scheduler.alpha.kubernetes.io/critical-pod': 'non-functional in v1.16+; use the "priorityClassName" field instead',
  'security.alpha.kubernetes.io/sysctls': useSysctls,
  'security.alpha.kubernetes.io/unsafe-sysctls': useSysctls,
}

function annotationWarnings(annotations: Labels, at: At): string[] {
  return Object.entries(deprecatedAnnotations).flatMap(([key, why]) =>
    annotations[key] === undefined ? [] : [`${at(`metadata.annotations[${key}]`)}: ${why}`],
  )
}

/** Volumes that do nothing any more, with the names that upstream gives them. */
const deprecatedVolumes: readonly (readonly [keyof Volume, name: string, why: string])[] = [
  ['photonPersistentDisk', 'photonPersistentDisk', 'deprecated in v1.11, non-functional in v1.16+'],
  ['gitRepo', 'gitRepo', 'deprecated in v1.11, and disabled by default in v1.33+'],
  ['scaleIO', 'scaleIO', 'deprecated in v1.16, non-functional in v1.22+'],
  ['flocker', 'flocker', 'deprecated in v1.22, non-functional in v1.25+'],
  ['storageos', 'storageOS', 'deprecated in v1.22, non-functional in v1.25+'],
  ['quobyte', 'quobyte', 'deprecated in v1.22, non-functional in v1.25+'],
  ['glusterfs', 'glusterfs', 'deprecated in v1.25, non-functional in v1.26+'],
  ['cephfs', 'cephfs', 'deprecated in v1.28, non-functional in v1.31+'],
  ['rbd', 'rbd', 'deprecated in v1.28, non-functional in v1.31+'],
]

function volumeWarnings(volume: Volume, field: string): string[] {
  const deprecated = deprecatedVolumes
    .filter(([source]) => volume[source] !== undefined)
    .map(([, name, why]) => `${field}.${name}: ${why}`)
  const claim = volume.ephemeral?.volumeClaimTemplate
  return claim === undefined
    ? deprecated
    : [...deprecated, ...claimWarnings(claim.spec, `${field}.ephemeral.volumeClaimTemplate.spec`)]
}

/** `GetWarningsForPersistentVolumeClaimSpec`. */
export function claimWarnings({ resources }: ClaimSpec, field: string): string[] {
  return [
    ...fractionWarnings(resources?.requests, `${field}.resources.requests`, 'storage'),
    ...fractionWarnings(resources?.limits, `${field}.resources.limits`, 'storage'),
  ]
}

function fractionWarnings(quantities: Quantities | undefined, field: string, only?: string): string[] {
  return (only === undefined ? ['memory', 'ephemeral-storage'] : [only]).flatMap((name) => {
    const text = quantities?.[name]
    if (text === undefined) return []
    const quantity = Quantity.fromJson(text)
    if (quantity.milliValue() % 1000 === 0) return []
    const value = goQuote(quantity.toString())
    return [`${field}[${name}]: fractional byte value ${value} is invalid, must be an integer`]
  })
}

function duplicateWarnings(values: readonly string[], part: string, field: string): string[] {
  const seen = new Set<string>()
  return values.flatMap((value, index) => {
    if (seen.has(value)) return [`${field}[${index}].${part}: duplicate ${part} ${goQuote(value)}`]
    seen.add(value)
    return []
  })
}

const useSeccomp = 'non-functional in v1.27+; use the "seccompProfile" field instead'

function seccompWarnings({ securityContext }: PodSpec, annotations: Labels, at: At): string[] {
  if (securityContext?.seccompProfile !== undefined || annotations[seccompOfPod] === undefined) return []
  return [`${at(`metadata.annotations[${seccompOfPod}]`)}: ${useSeccomp}`]
}

type Containers = ReturnType<typeof allContainers>

function profileWarnings(
  { name, securityContext }: Containers[number]['container'],
  spec: PodSpec,
  annotations: Labels,
  field: string,
): string[] {
  const warnings: string[] = []
  const seccomp = seccompOfContainer + name
  if (securityContext?.seccompProfile === undefined && annotations[seccomp] !== undefined) {
    warnings.push(`${join(field, `metadata.annotations[${seccomp}]`)}: ${useSeccomp}`)
  }
  const appArmor = appArmorOfContainer + name
  const annotation = annotations[appArmor]
  // A Pod's own annotation becomes its field, and is warned about there.
  if (field === '' || securityContext?.appArmorProfile !== undefined || annotation === undefined) return warnings
  const ofPod = spec.securityContext?.appArmorProfile
  if (ofPod !== undefined && deepEqual(ofPod, appArmorProfileOf(annotation))) return warnings
  const why = 'deprecated since v1.30; use the "appArmorProfile" field instead'
  return [...warnings, `${join(field, `metadata.annotations[${appArmor}]`)}: ${why}`]
}

/** The field that says what an annotation says. */
export function appArmorProfileOf(annotation: string): SeccompProfile | undefined {
  if (annotation === 'unconfined') return { type: 'Unconfined' }
  if (annotation === 'runtime/default') return { type: 'RuntimeDefault' }
  if (!annotation.startsWith('localhost/')) return undefined
  const localhostProfile = annotation.slice('localhost/'.length)
  return localhostProfile === '' ? undefined : { type: 'Localhost', localhostProfile }
}

function hiddenVariables(variables: readonly EnvVar[], field: string): string[] {
  const seen = new Set<string>()
  return variables.flatMap(({ name, value = '', valueFrom }, index) => {
    if (!seen.has(name)) {
      seen.add(name)
      return []
    }
    const reference = `$(${name})`
    const extends_ = valueFrom === undefined && value !== reference && value.includes(reference)
    if (extends_) return []
    const what = `hides previous definition of ${goQuote(name)}, which may be dropped when using apply`
    return [`${field}[${index}]: ${what}`]
  })
}

function portWarnings(spec: PodSpec, field: string): string[] {
  const warnings: string[] = []
  const ports = allContainers(spec, field).flatMap(({ container, at }) =>
    (container.ports ?? []).map((port, index) => ({ port, at: `${at}.ports[${index}]` })),
  )
  for (const [index, { port, at }] of ports.entries()) {
    const { hostIP = '', hostPort = 0 } = port
    if (hostIP !== '' && hostPort === 0) warnings.push(`${at}: hostIP set without hostPort: ${goPort(port)}`)
    for (const other of ports.slice(0, index)) {
      const how = clash(port, other.port)
      if (how !== undefined) warnings.push(`${at}: ${how} port definition with ${other.at}`)
    }
  }
  const names = new Map<string, string>()
  for (const { port, at } of ports) {
    const { name = '' } = port
    if (name === '') continue
    const other = names.get(name)
    if (other === undefined) names.set(name, at)
    else {
      const use = `services and probes that select ports by name will use ${other}`
      warnings.push(`${at}: duplicate port name ${goQuote(name)} with ${other}, ${use}`)
    }
  }
  return warnings
}

function clash(one: ContainerPort, other: ContainerPort): string | undefined {
  if (one.containerPort !== other.containerPort || one.protocol !== other.protocol) return undefined
  const [ip = '', otherIp = ''] = [one.hostIP, other.hostIP]
  const [host = 0, otherHost = 0] = [one.hostPort, other.hostPort]
  if (ip === otherIp && host === otherHost) return 'duplicate'
  if (host === 0 || otherHost === 0) return 'overlapping'
  return host === otherHost && (ip === '') !== (otherIp === '') ? 'dangerously ambiguous' : undefined
}

/** As Go's `%+v`. */
function goPort({ name = '', hostPort = 0, containerPort, protocol = '', hostIP = '' }: ContainerPort): string {
  return `{Name:${name} HostPort:${hostPort} ContainerPort:${containerPort} Protocol:${protocol} HostIP:${hostIP}}`
}

/** Annotations of a Pod for which there is a field today; `spec` is what was sent, or what it has become. */
export function appArmorWarnings(spec: PodSpec, annotations: Labels): string[] {
  if (spec.os?.name === 'windows') return []
  const ofPod = spec.securityContext?.appArmorProfile
  return allContainers(spec, 'spec').flatMap(({ container: { name, securityContext } }) => {
    const key = appArmorOfContainer + name
    const annotation = annotations[key]
    if (annotation === undefined || securityContext?.appArmorProfile !== undefined) return []
    const said = appArmorProfileOf(annotation)
    const isGood = said !== undefined && appArmorErrors(said, '').length === 0
    if (isGood && deepEqual(said, ofPod)) return []
    return [`metadata.annotations[${key}]: deprecated since v1.30; use the "appArmorProfile" field instead`]
  })
}
