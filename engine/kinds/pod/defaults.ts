import { Quantity } from '../../objects/quantity.ts'
import type { NewObject } from '../../objects/types.ts'
import { change, changeEach, fill, mapSame } from '../defaulting.ts'
import { imageTag } from './image.ts'
import { aggregate, isHugePages, isOvercommitAllowed, isPodLevelResource } from './resources.ts'
import type {
  ClaimSpec,
  ClaimTemplate,
  Container,
  DownwardFile,
  FieldRef,
  Handler,
  PodSpec,
  PodTemplateSpec,
  Probe,
  Quantities,
  Resources,
  Volume,
} from './types.ts'

/** Read by all, written by the owner. */
const fileMode = 0o644
const tokenSeconds = 3600

/** `SetDefaults_Pod` and all below it (core/v1, 1.34). */
/** No grace below zero: upstream's conversion of Pods, and of Pods alone, makes it a second. */
function withGrace(spec: PodSpec): PodSpec {
  const { terminationGracePeriodSeconds: grace } = spec
  return grace !== undefined && grace < 0 ? { ...spec, terminationGracePeriodSeconds: 1 } : spec
}

export function defaultPod(pod: NewObject): NewObject {
  const rounded = change(pod, 'status', (status) => defaultStatus(status as Record<string, unknown>))
  return change(rounded, 'spec', (spec) => defaultSpec(withGrace(defaultOfPodsOnly(spec as PodSpec))))
}

/** The same for what Pods are made of, without what is only a Pod's. */
export function defaultTemplate<T extends PodTemplateSpec>(template: T): T {
  return change(template, 'spec', defaultSpec)
}

/** A claim inside of another object: its volume mode, and its amounts in thousandths. */
export function defaultClaimTemplate<T extends ClaimTemplate>(claim: T): T {
  return change(claim, 'spec', (spec) =>
    fill<ClaimSpec>(change<ClaimSpec, 'resources'>(spec, 'resources', roundResources), { volumeMode: 'Filesystem' }),
  )
}

function defaultOfPodsOnly(spec: PodSpec): PodSpec {
  let pod = changeEach(spec, 'containers', requestsFromLimits)
  pod = changeEach(pod, 'initContainers', requestsFromLimits)
  pod = podRequests(hugePageLimits(pod))
  pod = fill(pod, { enableServiceLinks: true })
  if (pod.hostNetwork !== true) return pod
  return changeEach(changeEach(pod, 'containers', hostPorts), 'initContainers', hostPorts)
}

function requestsFromLimits(container: Container): Container {
  const { limits } = container.resources ?? {}
  if (limits === undefined) return container
  return change(container, 'resources', (resources) => ({
    ...resources,
    requests: fill(resources.requests ?? {}, limits),
  }))
}

function hostPorts(container: Container): Container {
  return changeEach(container, 'ports', (port) => fill(port, { hostPort: port.containerPort }))
}

function hugePageLimits(spec: PodSpec): PodSpec {
  const { resources } = spec
  if (resources === undefined || (isEmpty(resources.limits) && isEmpty(resources.requests))) return spec
  const missing: Record<string, string> = {}
  for (const [name, amount] of aggregate(spec, 'limits')) {
    if (isHugePages(name) && resources.requests?.[name] === undefined) missing[name] = amount.toString()
  }
  const limits = fill(resources.limits ?? {}, missing)
  return isEmpty(limits) ? spec : { ...spec, resources: { ...resources, limits } }
}

function podRequests(spec: PodSpec): PodSpec {
  const { resources } = spec
  if (resources === undefined || isEmpty(resources.limits)) return spec
  const missing: Record<string, string> = {}
  for (const [name, amount] of aggregate(spec, 'requests')) {
    if (isPodLevelResource(name) && isOvercommitAllowed(name)) missing[name] = amount.toString()
  }
  for (const [name, limit] of Object.entries(resources.limits ?? {})) {
    if (isPodLevelResource(name)) missing[name] ??= limit
  }
  const requests = fill(resources.requests ?? {}, missing)
  return isEmpty(requests) ? spec : { ...spec, resources: { ...resources, requests } }
}

const isEmpty = (quantities: Quantities | undefined): boolean => Object.keys(quantities ?? {}).length === 0

function defaultSpec(given: PodSpec): PodSpec {
  let spec: PodSpec = fill(given, {
    dnsPolicy: 'ClusterFirst',
    restartPolicy: 'Always',
    securityContext: {},
    terminationGracePeriodSeconds: 30,
    schedulerName: 'default-scheduler',
  })
  // Two names of one field: the newer one counts, and both are shown.
  const account = spec.serviceAccountName ?? spec.serviceAccount
  if (account !== undefined && (spec.serviceAccount !== account || spec.serviceAccountName !== account)) {
    spec = { ...spec, serviceAccountName: account, serviceAccount: account }
  }
  spec = changeEach(spec, 'volumes', defaultVolume)
  spec = changeEach(spec, 'initContainers', defaultContainer)
  spec = changeEach(spec, 'containers', defaultContainer)
  spec = changeEach(spec, 'ephemeralContainers', defaultContainer)
  return change(change(spec, 'overhead', roundQuantities), 'resources', roundResources)
}

function defaultContainer(given: Container): Container {
  let container = fill(given, {
    imagePullPolicy: imageTag(given.image ?? '') === 'latest' ? 'Always' : 'IfNotPresent',
    terminationMessagePath: '/dev/termination-log',
    terminationMessagePolicy: 'File',
  })
  container = changeEach(container, 'ports', (port) => fill(port, { protocol: 'TCP' }))
  container = changeEach(container, 'env', (variable) =>
    change(variable, 'valueFrom', (source) => change(source, 'fieldRef', defaultFieldRef)),
  )
  container = change(container, 'resources', roundResources)
  for (const probe of ['livenessProbe', 'readinessProbe', 'startupProbe'] as const) {
    container = change(container, probe, defaultProbe)
  }
  return change(container, 'lifecycle', (lifecycle) =>
    change(change(lifecycle, 'postStart', defaultHttp), 'preStop', defaultHttp),
  )
}

function defaultProbe(given: Probe): Probe {
  const probe = fill(given, { timeoutSeconds: 1, periodSeconds: 10, successThreshold: 1, failureThreshold: 3 })
  return change(defaultHttp(probe), 'grpc', (grpc) => (grpc.service == null ? { ...grpc, service: '' } : grpc))
}

function defaultHttp<T extends Handler>(handler: T): T {
  return change(handler, 'httpGet', (http) =>
    fill<NonNullable<Handler['httpGet']>>(http, { path: '/', scheme: 'HTTP' }),
  )
}

const defaultFieldRef = (ref: FieldRef): FieldRef => fill(ref, { apiVersion: 'v1' })
const defaultFile = (file: DownwardFile): DownwardFile => change(file, 'fieldRef', defaultFieldRef)

/** Settings of old storage systems that are not said. */
const driverDefaults = {
  iscsi: { iscsiInterface: 'default' },
  rbd: { pool: 'rbd', user: 'admin', keyring: '/etc/ceph/keyring' },
  azureDisk: { cachingMode: 'ReadWrite', fsType: 'ext4', readOnly: false, kind: 'Shared' },
  scaleIO: { storageMode: 'ThinProvisioned', fsType: 'xfs' },
} as const

function defaultVolume(given: Volume): Volume {
  let volume = Object.keys(given).some((field) => field !== 'name') ? given : { ...given, emptyDir: {} }
  volume = change(volume, 'hostPath', (source) => fill(source, { type: '' }))
  volume = change(volume, 'secret', (source) => fill(source, { defaultMode: fileMode }))
  volume = change(volume, 'configMap', (source) => fill(source, { defaultMode: fileMode }))
  volume = change(volume, 'downwardAPI', (source) =>
    changeEach(fill(source, { defaultMode: fileMode }), 'items', defaultFile),
  )
  volume = change(volume, 'projected', (source) =>
    changeEach(fill(source, { defaultMode: fileMode }), 'sources', (projection) => {
      const files = change(projection, 'downwardAPI', (files) => changeEach(files, 'items', defaultFile))
      return change(files, 'serviceAccountToken', (token) => fill(token, { expirationSeconds: tokenSeconds }))
    }),
  )
  for (const driver of ['iscsi', 'rbd', 'azureDisk', 'scaleIO'] as const) {
    volume = change(volume, driver, (source) => fill(source, driverDefaults[driver]))
  }
  return change(volume, 'ephemeral', (source) => change(source, 'volumeClaimTemplate', defaultClaimTemplate))
}

/** Amounts are kept to the thousandth. */
export function roundQuantities(quantities: Quantities): Quantities {
  let rounded: Record<string, string> | undefined
  for (const [name, text] of Object.entries(quantities)) {
    // Only what is written with a small suffix can have smaller parts, or parts after the point.
    if (!/[.nu]/.test(text) && !/e/i.test(text)) continue
    const next = Quantity.fromJson(text).roundUp(-3).toString()
    if (next === text) continue
    rounded ??= { ...quantities }
    rounded[name] = next
  }
  return rounded ?? quantities
}

export function roundResources<T extends Resources>(resources: T): T {
  return change(change(resources, 'limits', roundQuantities), 'requests', roundQuantities)
}

function defaultStatus(given: Record<string, unknown>): Record<string, unknown> {
  let status = withPodIps(given)
  for (const list of ['initContainerStatuses', 'containerStatuses', 'ephemeralContainerStatuses']) {
    status = change(status, list, (statuses) =>
      mapSame(statuses as readonly Record<string, unknown>[], (one) =>
        change(
          change(one, 'allocatedResources', (amounts) => roundQuantities(amounts as Quantities)),
          'resources',
          (resources) => roundResources(resources as Resources),
        ),
      ),
    )
  }
  return status
}

/** One address, and the list of them that begins with it. */
function withPodIps(status: Record<string, unknown>): Record<string, unknown> {
  const { podIP, podIPs } = status as { readonly podIP?: string; readonly podIPs?: readonly { readonly ip: string }[] }
  const first = podIPs?.[0]?.ip
  if (podIP === first) return status
  return podIP === undefined ? { ...status, podIP: first } : { ...status, podIPs: [{ ip: podIP }] }
}
