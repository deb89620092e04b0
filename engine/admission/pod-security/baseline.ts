import type { Handler } from '../../kinds/pod/types.ts'
import {
  annotationsWhere,
  type Check,
  containersOf,
  containersText,
  containersWhere,
  plural,
  quoted,
  settersText,
  sortedSet,
} from './checks.ts'

/** The checks of the level `baseline` by their ids, which are the order in which they speak (pod-security-admission 0.34). */
export const baseline: Readonly<Record<string, Check>> = {
  appArmorProfile({ metadata, spec }) {
    const bad = (type: string | undefined): type is string => type !== undefined && !PROFILES.includes(type)
    const podType = spec.securityContext?.appArmorProfile?.type
    const containers = containersWhere(spec, ({ appArmorProfile }) => bad(appArmorProfile?.type))
    const types = [podType, ...containersOf(spec).map((one) => one.securityContext?.appArmorProfile?.type)].filter(bad)
    const annotations = annotationsWhere(
      metadata,
      (key, value) =>
        key.startsWith(APP_ARMOR) && value !== '' && value !== 'runtime/default' && !value.startsWith('localhost/'),
    )
    const noted = annotations.length > 0 ? [plural(annotations.length, 'annotation')] : []
    const setters = settersText(bad(podType), containers, ...noted)
    if (setters === '') return undefined
    const values = [...sortedSet(types), ...annotations]
    return {
      reason: plural(values.length, 'forbidden AppArmor profile'),
      detail: `${setters} must not set AppArmor profile type to ${quoted(values)}`,
    }
  },

  capabilities_baseline({ spec }) {
    const beyond = (added: readonly string[] = []) => added.filter((name) => !DEFAULT_CAPABILITIES.includes(name))
    const containers = containersWhere(spec, ({ capabilities }) => beyond(capabilities?.add).length > 0)
    if (containers.length === 0) return undefined
    const names = sortedSet(containersOf(spec).flatMap((one) => beyond(one.securityContext?.capabilities?.add)))
    return {
      reason: 'non-default capabilities',
      detail: `${containersText(containers)} must not include ${quoted(names)} in securityContext.capabilities.add`,
    }
  },

  hostNamespaces({ spec }) {
    const names = (['hostNetwork', 'hostPID', 'hostIPC'] as const).filter((name) => spec[name] === true)
    if (names.length === 0) return undefined
    return { reason: 'host namespaces', detail: names.map((name) => `${name}=true`).join(', ') }
  },

  hostPathVolumes({ spec }) {
    const names = (spec.volumes ?? []).filter((volume) => 'hostPath' in volume).map(({ name }) => name)
    if (names.length === 0) return undefined
    return { reason: 'hostPath volumes', detail: `${plural(names.length, 'volume')} ${quoted(names)}` }
  },

  hostPorts({ spec }) {
    const used = (ports: readonly { readonly hostPort?: number }[] = []) =>
      ports.map(({ hostPort = 0 }) => hostPort).filter((port) => port !== 0)
    const containers = containersWhere(spec, (_, { ports }) => used(ports).length > 0)
    if (containers.length === 0) return undefined
    const ports = sortedSet(containersOf(spec).flatMap((one) => used(one.ports).map(String)))
    const verb = plural(containers.length, 'uses', 'use')
    const detail = `${containersText(containers)} ${verb} ${plural(ports.length, 'hostPort')} ${ports.join(', ')}`
    return { reason: 'hostPort', detail }
  },

  hostProbesAndHostLifecycle({ spec }, minor) {
    if (minor < 34) return undefined
    const hosts = containersOf(spec).flatMap((container) => {
      const { livenessProbe, readinessProbe, startupProbe, lifecycle } = container
      const handlers = [livenessProbe, readinessProbe, startupProbe, lifecycle?.postStart, lifecycle?.preStop]
      return handlers.flatMap(hostsOf).map((host) => [container.name, host] as const)
    })
    if (hosts.length === 0) return undefined
    const containers = sortedSet(hosts.map(([name]) => name))
    const names = sortedSet(hosts.map(([, host]) => host))
    const verb = plural(containers.length, 'uses', 'use')
    const what = plural(names.length, 'probe or lifecycle host')
    return {
      reason: 'probe or lifecycle host',
      detail: `${containersText(containers)} ${verb} ${what} ${quoted(names)}`,
    }
  },

  privileged({ spec }) {
    const containers = containersWhere(spec, ({ privileged }) => privileged === true)
    if (containers.length === 0) return undefined
    return {
      reason: 'privileged',
      detail: `${containersText(containers)} must not set securityContext.privileged=true`,
    }
  },

  procMount({ spec }) {
    const bad = (type: string | undefined): type is string => type !== undefined && type !== 'Default'
    const containers = containersWhere(spec, ({ procMount }) => bad(procMount))
    if (containers.length === 0) return undefined
    const types = sortedSet(
      containersOf(spec)
        .map((one) => one.securityContext?.procMount)
        .filter(bad),
    )
    return {
      reason: 'procMount',
      detail: `${containersText(containers)} must not set securityContext.procMount to ${quoted(types)}`,
    }
  },

  seLinuxOptions({ spec }, minor) {
    const allowed = minor < 31 ? SE_LINUX_TYPES : [...SE_LINUX_TYPES, 'container_engine_t']
    const badType = (type = '') => !allowed.includes(type)
    const bad = (options: Readonly<Record<string, string>> | undefined) =>
      options !== undefined && (badType(options.type) || Boolean(options.user) || Boolean(options.role))
    const pod = spec.securityContext?.seLinuxOptions
    const containers = containersWhere(spec, ({ seLinuxOptions }) => bad(seLinuxOptions))
    const setters = settersText(bad(pod), containers)
    if (setters === '') return undefined
    const all = [pod, ...containersOf(spec).map((one) => one.securityContext?.seLinuxOptions)].filter(
      (options) => options !== undefined,
    )
    const types = sortedSet(all.map(({ type = '' }) => type).filter(badType))
    const data = [
      ...(types.length > 0 ? [`${plural(types.length, 'type')} ${quoted(types)}`] : []),
      ...(all.some(({ user }) => Boolean(user)) ? ['user may not be set'] : []),
      ...(all.some(({ role }) => Boolean(role)) ? ['role may not be set'] : []),
    ]
    return {
      reason: 'seLinuxOptions',
      detail: `${setters} set forbidden securityContext.seLinuxOptions: ${data.join('; ')}`,
    }
  },

  seccompProfile_baseline({ metadata, spec }, minor) {
    if (minor < 19) {
      const keys = [SECCOMP_POD, ...containersOf(spec).map(({ name }) => SECCOMP_CONTAINER + name)]
      const forbidden = annotationsWhere(metadata, (key, value) => keys.includes(key) && !isSeccompAnnotation(value))
      if (forbidden.length === 0) return undefined
      const detail = `forbidden ${plural(forbidden.length, 'annotation')} ${forbidden.join(', ')}`
      return { reason: 'seccompProfile', detail }
    }
    const bad = (type: string | undefined): type is string => type !== undefined && !PROFILES.includes(type)
    const pod = spec.securityContext?.seccompProfile?.type
    const containers = containersWhere(spec, ({ seccompProfile }) => bad(seccompProfile?.type))
    const setters = settersText(bad(pod), containers)
    if (setters === '') return undefined
    const types = [pod, ...containersOf(spec).map((one) => one.securityContext?.seccompProfile?.type)].filter(bad)
    const detail = `${setters} must not set securityContext.seccompProfile.type to ${quoted(sortedSet(types))}`
    return { reason: 'seccompProfile', detail }
  },

  sysctls({ spec }, minor) {
    const names = (spec.securityContext?.sysctls ?? []).map(({ name }) => name)
    const forbidden = names.filter((name) => minor < (SYSCTLS[name] ?? Number.POSITIVE_INFINITY))
    return forbidden.length === 0 ? undefined : { reason: 'forbidden sysctls', detail: forbidden.join(', ') }
  },

  windowsHostProcess({ spec }) {
    const pod = spec.securityContext?.windowsOptions?.hostProcess === true
    const containers = containersWhere(spec, ({ windowsOptions }) => windowsOptions?.hostProcess === true)
    const setters = settersText(pod, containers)
    if (setters === '') return undefined
    return {
      reason: 'hostProcess',
      detail: `${setters} must not set securityContext.windowsOptions.hostProcess=true`,
    }
  },
}

/** Types of AppArmor and seccomp profiles that confine. */
export const PROFILES: readonly string[] = ['RuntimeDefault', 'Localhost']

const APP_ARMOR = 'container.apparmor.security.beta.kubernetes.io/'
const SECCOMP_POD = 'seccomp.security.alpha.kubernetes.io/pod'
const SECCOMP_CONTAINER = 'container.seccomp.security.alpha.kubernetes.io/'
const SE_LINUX_TYPES: readonly string[] = ['', 'container_t', 'container_init_t', 'container_kvm_t']
const DEFAULT_CAPABILITIES: readonly string[] = [
  ...['AUDIT_WRITE', 'CHOWN', 'DAC_OVERRIDE', 'FOWNER', 'FSETID', 'KILL', 'MKNOD', 'NET_BIND_SERVICE', 'SETFCAP'],
  ...['SETGID', 'SETPCAP', 'SETUID', 'SYS_CHROOT'],
]
/** The minor of 1.x from which on a sysctl counts as safe. */
const SYSCTLS: Readonly<Record<string, number>> = {
  'kernel.shm_rmid_forced': 0,
  'net.ipv4.ip_local_port_range': 0,
  'net.ipv4.tcp_syncookies': 0,
  'net.ipv4.ping_group_range': 0,
  'net.ipv4.ip_unprivileged_port_start': 0,
  'net.ipv4.ip_local_reserved_ports': 27,
  'net.ipv4.tcp_keepalive_time': 29,
  'net.ipv4.tcp_fin_timeout': 29,
  'net.ipv4.tcp_keepalive_intvl': 29,
  'net.ipv4.tcp_keepalive_probes': 29,
  'net.ipv4.tcp_rmem': 32,
  'net.ipv4.tcp_wmem': 32,
}

function isSeccompAnnotation(value: string): boolean {
  return value === 'runtime/default' || value === 'docker/default' || value.startsWith('localhost/')
}

function hostsOf(handler: Handler | undefined): string[] {
  const actions = [handler?.httpGet, handler?.tcpSocket] as readonly ({ readonly host?: string } | undefined)[]
  return actions.map((action) => action?.host ?? '').filter((host) => host !== '')
}
