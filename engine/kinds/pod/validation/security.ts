import {
  duplicateValue,
  type FieldError,
  forbiddenField,
  invalidValue,
  notSupported,
  requiredValue,
  tooLongValue,
} from '../../../objects/field-error.ts'
import { allContainers } from '../containers.ts'
import type { PodSecurityContext, PodSpec, SeccompProfile, SecurityContext } from '../types.ts'
import { upstreamJson } from '../upstream-json.ts'
import { descendingPath, oneOf, userOrGroupId } from './checks.ts'
import { windowsOptionsErrors } from './windows.ts'

const profileTypes = ['Localhost', 'RuntimeDefault', 'Unconfined']

/** `validatePodSpecSecurityContext`. `hostPID` and its like stand beside the security context, and are reported inside of it. */
export function podSecurityErrors(spec: PodSpec, field: string): FieldError[] {
  const { securityContext: context, shareProcessNamespace: shared, hostPID } = spec
  if (context === undefined) return []
  return [
    ...userOrGroupId(`${field}.fsGroup`, context.fsGroup),
    ...userOrGroupId(`${field}.runAsUser`, context.runAsUser),
    ...userOrGroupId(`${field}.runAsGroup`, context.runAsGroup),
    ...(context.supplementalGroups ?? []).flatMap((group, index) =>
      userOrGroupId(`${field}.supplementalGroups[${index}]`, group),
    ),
    ...(shared === true && hostPID === true
      ? [
          invalidValue(
            `${field}.shareProcessNamespace`,
            true,
            'ShareProcessNamespace and HostPID cannot both be enabled',
          ),
        ]
      : []),
    ...sysctlErrors(spec, context, `${field}.sysctls`),
    ...optionalOneOf(`${field}.fsGroupChangePolicy`, context.fsGroupChangePolicy, ['Always', 'OnRootMismatch']),
    ...seccompErrors(context.seccompProfile, `${field}.seccompProfile`),
    ...windowsOptionsErrors(context.windowsOptions, `${field}.windowsOptions`),
    ...appArmorErrors(context.appArmorProfile, `${field}.appArmorProfile`),
    ...optionalOneOf(`${field}.supplementalGroupsPolicy`, context.supplementalGroupsPolicy, ['Merge', 'Strict']),
    // MountOption waits for SELinuxMount, which is off in 1.34.
    ...optionalOneOf(`${field}.seLinuxChangePolicy`, context.seLinuxChangePolicy, ['Recursive']),
  ]
}

function optionalOneOf(field: string, value: string | undefined, supported: readonly string[]): FieldError[] {
  return value === undefined ? [] : oneOf(field, value, supported)
}

const sysctlForm = /^([a-z0-9]([-_a-z0-9]*[a-z0-9])?[./])*[a-z0-9]([-_a-z0-9]*[a-z0-9])?$/
const longestSysctl = 253
const sysctlSentence = `must have at most ${longestSysctl} characters and match regex ^([a-z0-9]([-_a-z0-9]*[a-z0-9])?[\\./])*[a-z0-9]([-_a-z0-9]*[a-z0-9])?$`
const ipcSysctls = ['kernel.sem']
const ipcPrefixes = ['kernel.shm', 'kernel.msg', 'fs.mqueue.']

function sysctlErrors(spec: PodSpec, { sysctls = [] }: PodSecurityContext, field: string): FieldError[] {
  const errors: FieldError[] = []
  const seen = new Set<string>()
  for (const [index, { name }] of sysctls.entries()) {
    const at = `${field}[${index}].name`
    if (name === '') errors.push(requiredValue(at))
    else if (name.length > longestSysctl || !sysctlForm.test(name)) errors.push(invalidValue(at, name, sysctlSentence))
    else if (seen.has(name)) errors.push(duplicateValue(at, name))
    const dotted = withDots(name)
    if (spec.hostNetwork === true && dotted.startsWith('net.')) {
      errors.push(invalidValue(at, name, "may not be specified when 'hostNetwork' is true"))
    } else if (spec.hostIPC === true && isIpc(dotted)) {
      errors.push(invalidValue(at, name, "may not be specified when 'hostIPC' is true"))
    }
    seen.add(name)
  }
  return errors
}

const isIpc = (name: string): boolean =>
  ipcSysctls.includes(name) || ipcPrefixes.some((prefix) => name.startsWith(prefix))

/** `net/ipv4/conf/eth0.100/x` is `net.ipv4.conf.eth0/100.x`: the first separator says which is which. */
function withDots(name: string): string {
  const first = /[./]/.exec(name)?.[0]
  if (first !== '/') return name
  return name.replace(/[./]/g, (sign) => (sign === '/' ? '.' : '/'))
}

function seccompErrors(profile: SeccompProfile | undefined, field: string): FieldError[] {
  if (profile === undefined) return []
  const { type, localhostProfile } = profile
  const errors: FieldError[] = []
  if (type === '') errors.push(requiredValue(`${field}.type`, 'type is required when seccompProfile is set'))
  else if (!profileTypes.includes(type)) errors.push(notSupported(`${field}.type`, type, profileTypes))
  const at = `${field}.localhostProfile`
  if (type !== 'Localhost') {
    if (localhostProfile === undefined) return errors
    const shown = upstreamJson('SeccompProfile', profile)
    return [...errors, invalidValue(at, shown, 'can only be set when seccomp type is Localhost')]
  }
  if (localhostProfile === undefined)
    return [...errors, requiredValue(at, 'must be set when seccomp type is Localhost')]
  return [...errors, ...descendingPath(at, localhostProfile)]
}

const longestProfile = 4095

/** `ValidateAppArmorProfileField`. */
export function appArmorErrors(profile: SeccompProfile | undefined, field: string): FieldError[] {
  if (profile === undefined) return []
  const { type, localhostProfile: local } = profile
  const at = `${field}.localhostProfile`
  if (type === '') return [requiredValue(`${field}.type`, 'type is required when appArmorProfile is set')]
  if (!profileTypes.includes(type)) return [notSupported(`${field}.type`, type, profileTypes)]
  if (type !== 'Localhost') {
    if (local === undefined) return []
    return [invalidValue(at, local, 'can only be set when AppArmor type is Localhost')]
  }
  if (local === undefined) return [requiredValue(at, 'must be set when AppArmor type is Localhost')]
  const errors: FieldError[] = []
  if (local.trim() !== local) errors.push(invalidValue(at, local, 'must not be padded with whitespace'))
  else if (local === '') errors.push(requiredValue(at, 'must be set when AppArmor type is Localhost'))
  if (local.length > longestProfile) errors.push(tooLongValue(at, longestProfile))
  return errors
}

/** `ValidateSecurityContext` of a container. */
export function securityErrors(context: SecurityContext | undefined, ownUsers: boolean, field: string): FieldError[] {
  if (context === undefined) return []
  const { procMount, privileged, allowPrivilegeEscalation, capabilities } = context
  const errors = [
    ...userOrGroupId(`${field}.runAsUser`, context.runAsUser),
    ...userOrGroupId(`${field}.runAsGroup`, context.runAsGroup),
    ...optionalOneOf(`${field}.procMount`, procMount, ['Default', 'Unmasked']),
  ]
  if (!ownUsers && procMount === 'Unmasked') {
    errors.push(invalidValue(`${field}.procMount`, procMount, '`hostUsers` must be false to use `Unmasked`'))
  }
  errors.push(...seccompErrors(context.seccompProfile, `${field}.seccompProfile`))
  if (allowPrivilegeEscalation === false) {
    const start = 'cannot set `allowPrivilegeEscalation` to false and'
    if (privileged === true) errors.push(invalidValue(field, shown(context), `${start} \`privileged\` to true`))
    for (const capability of capabilities?.add ?? []) {
      if (capability !== 'CAP_SYS_ADMIN') continue
      errors.push(invalidValue(field, shown(context), `${start} \`capabilities.Add\` CAP_SYS_ADMIN`))
    }
  }
  return [
    ...errors,
    ...windowsOptionsErrors(context.windowsOptions, `${field}.windowsOptions`),
    ...appArmorErrors(context.appArmorProfile, `${field}.appArmorProfile`),
  ]
}

const shown = (context: SecurityContext): unknown => upstreamJson('SecurityContext', context)

/** A Pod with users of its own shares nothing else of the host. */
export function hostUsersErrors(spec: PodSpec, field: string): FieldError[] {
  if (spec.hostUsers !== false) return []
  const why = 'when `hostUsers` is false'
  const errors: FieldError[] = []
  if (spec.hostNetwork) errors.push(forbiddenField(`${field}.hostNetwork`, why))
  if (spec.hostPID) errors.push(forbiddenField(`${field}.HostPID`, why))
  if (spec.hostIPC) errors.push(forbiddenField(`${field}.HostIPC`, why))
  for (const { container, at } of allContainers(spec, field)) {
    if ((container.volumeDevices?.length ?? 0) > 0) errors.push(forbiddenField(`${at}.volumeDevices`, why))
  }
  return errors
}
