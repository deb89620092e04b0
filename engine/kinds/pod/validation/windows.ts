import { invalidEach } from '../../../objects/field-checks.ts'
import {
  type FieldError,
  forbiddenField,
  invalidValue,
  notSupported,
  requiredValue,
} from '../../../objects/field-error.ts'
import { dns1123SubdomainErrors } from '../../../objects/names.ts'
import { allContainers } from '../containers.ts'
import type { PodSpec, WindowsOptions } from '../types.ts'

const longestSpecKiB = 64
const longestDomain = 256
const longestUser = 104
const netBiosName = /^[^\\/:*?"<>|.][^\\/:*?"<>|]{0,14}$/
const domainLabel = '[a-zA-Z0-9](?:[a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?'
const domainName = new RegExp(`^${domainLabel}(?:\\.${domainLabel})*$`)

export function windowsOptionsErrors(options: WindowsOptions | undefined, field: string): FieldError[] {
  if (options === undefined) return []
  const { gmsaCredentialSpecName: name, gmsaCredentialSpec: spec, runAsUserName: user } = options
  const errors =
    name === undefined ? [] : invalidEach(`${field}.gmsaCredentialSpecName`, name, dns1123SubdomainErrors(name))
  if (spec === '') {
    errors.push(invalidValue(`${field}.gmsaCredentialSpec`, spec, 'gmsaCredentialSpec cannot be an empty string'))
  } else if (spec !== undefined && new TextEncoder().encode(spec).length > longestSpecKiB * 1024) {
    const why = `gmsaCredentialSpec size must be under ${longestSpecKiB} KiB`
    errors.push(invalidValue(`${field}.gmsaCredentialSpec`, spec, why))
  }
  return user === undefined ? errors : [...errors, ...invalidEach(`${field}.runAsUserName`, user, userErrors(user))]
}

function userErrors(name: string): string[] {
  if (name === '') return ['runAsUserName cannot be an empty string']
  if (/\p{Cc}/u.test(name)) return ['runAsUserName cannot contain control characters']
  const parts = name.split('\\')
  if (parts.length > 2) return ['runAsUserName cannot contain more than one backslash']
  const domain = parts.length === 2 ? (parts[0] ?? '') : undefined
  const user = parts.at(-1) ?? ''
  const wrong: string[] = []
  if ((domain?.length ?? 0) >= longestDomain) {
    wrong.push(`runAsUserName's Domain length must be under ${longestDomain} characters`)
  }
  if (domain !== undefined && !netBiosName.test(domain) && !domainName.test(domain)) {
    wrong.push("runAsUserName's Domain doesn't match the NetBios nor the DNS format")
  }
  if (user === '') wrong.push("runAsUserName's User cannot be empty")
  else if (user.length > longestUser) {
    wrong.push(`runAsUserName's User length must not be longer than ${longestUser} characters`)
  }
  if (/^[. ]+$/.test(user)) wrong.push("runAsUserName's User cannot contain only periods or spaces")
  if (/["/\\:;|=,+*?<>@[\]]/.test(user)) {
    wrong.push('runAsUserName\'s User cannot contain the following characters: "/\\:;|=,+*?<>@[]')
  }
  return wrong
}

/** Either all containers are processes of the host, or none. */
export function hostProcessErrors(spec: PodSpec, field: string): FieldError[] {
  const errors: FieldError[] = []
  const ofPod = spec.securityContext?.windowsOptions?.hostProcess
  const containers = allContainers(spec, field)
  let found = 0
  for (const { container, at } of containers) {
    const own = container.securityContext?.windowsOptions?.hostProcess
    if (ofPod !== undefined && own !== undefined && ofPod !== own) {
      const why = `pod hostProcess value must be identical if both are specified, was ${ofPod}`
      errors.push(invalidValue(`${at}.securityContext.windowsOptions.hostProcess`, own, why))
    }
    if (own ?? ofPod ?? false) found++
  }
  if (found === 0) return errors
  if (found !== containers.length) {
    const why = 'If pod contains any hostProcess containers then all containers must be HostProcess containers'
    errors.push(invalidValue(field, '', why))
  }
  if (spec.hostNetwork !== true) {
    const why = 'hostNetwork must be true if pod contains any hostProcess containers'
    errors.push(invalidValue(`${field}.hostNetwork`, false, why))
  }
  return errors
}

/** What a Pod that names its operating system may not say. */
export function osErrors(spec: PodSpec, field: string): FieldError[] {
  switch (spec.os?.name) {
    case undefined:
      return []
    case '':
      return [requiredValue(`${field}.os.name`)]
    case 'linux':
      return linuxErrors(spec, field)
    case 'windows':
      return windowsErrors(spec, field)
    default:
      return [notSupported(`${field}.os`, spec.os?.name, ['linux', 'windows'])]
  }
}

function linuxErrors(spec: PodSpec, field: string): FieldError[] {
  const contexts = [
    { context: spec.securityContext, at: field },
    ...allContainers(spec, field).map(({ container, at }) => ({ context: container.securityContext, at })),
  ]
  return contexts
    .filter(({ context }) => context?.windowsOptions !== undefined)
    .map(({ at }) =>
      forbiddenField(`${at}.securityContext.windowsOptions`, 'windows options cannot be set for a linux pod'),
    )
}

function windowsErrors(spec: PodSpec, field: string): FieldError[] {
  const context = spec.securityContext
  const forbidden: [string, boolean][] = []
  const inContext = (...names: readonly (keyof NonNullable<PodSpec['securityContext']>)[]): void => {
    for (const name of names) forbidden.push([`${field}.securityContext.${name}`, context?.[name] !== undefined])
  }
  inContext('appArmorProfile', 'seLinuxOptions')
  forbidden.push([`${field}.hostUsers`, spec.hostUsers !== undefined])
  forbidden.push([`${field}.hostPID`, spec.hostPID === true], [`${field}.hostIPC`, spec.hostIPC === true])
  inContext('seccompProfile', 'fsGroup', 'fsGroupChangePolicy', 'sysctls')
  forbidden.push([`${field}.shareProcessNamespace`, spec.shareProcessNamespace !== undefined])
  inContext('runAsUser', 'runAsGroup', 'supplementalGroups', 'supplementalGroupsPolicy', 'seLinuxChangePolicy')
  for (const { container, at } of allContainers(spec, field)) {
    for (const name of notInContainers) {
      forbidden.push([`${at}.securityContext.${name}`, container.securityContext?.[name] !== undefined])
    }
  }
  return forbidden.filter(([, isSet]) => isSet).map(([name]) => forbiddenField(name, 'cannot be set for a windows pod'))
}

const notInContainers = [
  'appArmorProfile',
  'seLinuxOptions',
  'seccompProfile',
  'capabilities',
  'readOnlyRootFilesystem',
  'privileged',
  'allowPrivilegeEscalation',
  'procMount',
  'runAsUser',
  'runAsGroup',
] as const
