import { invalidEach } from '../../../objects/field-checks.ts'
import { type FieldError, invalidValue, notSupported, requiredValue } from '../../../objects/field-error.ts'
import {
  configKeyErrors,
  dns1123SubdomainErrors,
  maskTrailingDash,
  qualifiedNameErrors,
  relaxedEnvVarNameErrors,
} from '../../../objects/names.ts'
import { Quantity } from '../../../objects/quantity.ts'
import type { EnvFrom, EnvVar, FieldRef, KeyRef, ResourceFieldRef } from '../types.ts'
import { present } from './checks.ts'

const variableFields = [
  'metadata.name',
  'metadata.namespace',
  'metadata.uid',
  'spec.nodeName',
  'spec.serviceAccountName',
  'status.hostIP',
  'status.hostIPs',
  'status.podIP',
  'status.podIPs',
]
export const volumeFields = [
  'metadata.annotations',
  'metadata.labels',
  'metadata.name',
  'metadata.namespace',
  'metadata.uid',
]
/** What the downward API can be asked for at all, whatever each use allows. */
const knownFields = new Set([
  ...variableFields,
  ...volumeFields,
  'spec.restartPolicy',
  'spec.schedulerName',
  'status.phase',
])
const containerAmounts = [
  'limits.cpu',
  'limits.ephemeral-storage',
  'limits.memory',
  'requests.cpu',
  'requests.ephemeral-storage',
  'requests.memory',
]
const byteDivisors = ['1', '1k', '1M', '1G', '1T', '1P', '1E', '1Ki', '1Mi', '1Gi', '1Ti', '1Pi', '1Ei']

export function envErrors(variables: readonly EnvVar[] | undefined, field: string): FieldError[] {
  return (variables ?? []).flatMap((variable, index) => {
    const at = `${field}[${index}]`
    return [
      ...(variable.name === ''
        ? [requiredValue(`${at}.name`)]
        : invalidEach(`${at}.name`, variable.name, relaxedEnvVarNameErrors(variable.name))),
      ...valueFromErrors(variable, `${at}.valueFrom`),
    ]
  })
}

function valueFromErrors({ value = '', valueFrom }: EnvVar, field: string): FieldError[] {
  if (valueFrom === undefined) return []
  const { fieldRef, resourceFieldRef, configMapKeyRef, secretKeyRef } = valueFrom
  const sources = [fieldRef, resourceFieldRef, configMapKeyRef, secretKeyRef].filter((source) => source !== undefined)
  const errors = [
    ...(fieldRef === undefined ? [] : fieldRefErrors(fieldRef, variableFields, `${field}.fieldRef`)),
    ...(resourceFieldRef === undefined
      ? []
      : resourceFieldRefErrors(resourceFieldRef, `${field}.resourceFieldRef`, false)),
    ...(configMapKeyRef === undefined ? [] : keyRefErrors(configMapKeyRef, `${field}.configMapKeyRef`)),
    ...(secretKeyRef === undefined ? [] : keyRefErrors(secretKeyRef, `${field}.secretKeyRef`)),
  ]
  const why =
    sources.length === 0
      ? 'must specify one of: `fieldRef`, `resourceFieldRef`, `configMapKeyRef` or `secretKeyRef`'
      : value !== ''
        ? 'may not be specified when `value` is not empty'
        : sources.length > 1
          ? 'may not have more than one field specified at a time'
          : undefined
  return why === undefined ? errors : [...errors, invalidValue(field, '', why)]
}

function keyRefErrors({ name = '', key }: KeyRef, field: string): FieldError[] {
  return [
    ...invalidEach(`${field}.name`, name, dns1123SubdomainErrors(name)),
    ...(key === '' ? [requiredValue(`${field}.key`)] : invalidEach(`${field}.key`, key, configKeyErrors(key))),
  ]
}

/** `supported` in order of the alphabet. */
export function fieldRefErrors(
  { apiVersion = '', fieldPath }: FieldRef,
  supported: readonly string[],
  field: string,
): FieldError[] {
  if (apiVersion === '') return [requiredValue(`${field}.apiVersion`)]
  if (fieldPath === '') return [requiredValue(`${field}.fieldPath`)]
  const subscripted = /^(.+?)\['([\s\S]*)'\]$/.exec(fieldPath)
  const problem = conversionProblem(apiVersion, fieldPath, subscripted?.[1])
  if (problem !== undefined) {
    return [invalidValue(`${field}.fieldPath`, fieldPath, `error converting fieldPath: ${problem}`)]
  }
  if (subscripted === null) {
    const path = fieldPath === 'spec.host' ? 'spec.nodeName' : fieldPath
    return supported.includes(path) ? [] : [notSupported(`${field}.fieldPath`, path, supported)]
  }
  const [, path = '', key = ''] = subscripted
  switch (path) {
    case 'metadata.annotations':
      return invalidEach(field, key.toLowerCase(), qualifiedNameErrors(key.toLowerCase()))
    case 'metadata.labels':
      return invalidEach(field, key, qualifiedNameErrors(key))
    default:
      return [invalidValue(field, path, 'does not support subscript')]
  }
}

function conversionProblem(apiVersion: string, path: string, base: string | undefined): string | undefined {
  if (apiVersion !== 'v1') return `unsupported pod version: ${apiVersion}`
  if (base !== undefined) {
    const subscriptable = base === 'metadata.annotations' || base === 'metadata.labels'
    return subscriptable ? undefined : `field label does not support subscript: ${path}`
  }
  return knownFields.has(path) || path === 'spec.host' ? undefined : `field label not supported: ${path}`
}

/** `inVolume`: there a container must be named. */
export function resourceFieldRefErrors(
  { containerName = '', resource, divisor }: ResourceFieldRef,
  field: string,
  inVolume: boolean,
): FieldError[] {
  const errors: FieldError[] = []
  const hugePages = resource.startsWith('limits.hugepages-') || resource.startsWith('requests.hugepages-')
  if (inVolume && containerName === '') errors.push(requiredValue(`${field}.containerName`))
  else if (resource === '') errors.push(requiredValue(`${field}.resource`))
  else if (!containerAmounts.includes(resource) && !hugePages) {
    errors.push(notSupported(`${field}.resource`, resource, containerAmounts))
  }
  const amount = divisor === undefined ? undefined : Quantity.fromJson(divisor)
  if (amount === undefined || amount.isZero()) return errors
  const rule = hugePages ? { divisors: byteDivisors, of: 'hugepages' } : divisorRules[resource]
  if (rule === undefined || rule.divisors.includes(amount.toString())) return errors
  const values = rule.divisors.length === 2 ? rule.divisors.join(' and ') : rule.divisors.join(', ')
  const why = `only divisor's values ${values} are supported with the ${rule.of} resource`
  return [...errors, invalidValue(`${field}.divisor`, resource, why)]
}

const cpuRule = { divisors: ['1m', '1'], of: 'cpu' }
const memoryRule = { divisors: byteDivisors, of: 'memory' }
const storageRule = { divisors: byteDivisors, of: 'local ephemeral storage' }
const divisorRules: Readonly<Record<string, { readonly divisors: readonly string[]; readonly of: string }>> = {
  'limits.cpu': cpuRule,
  'requests.cpu': cpuRule,
  'limits.memory': memoryRule,
  'requests.memory': memoryRule,
  'limits.ephemeral-storage': storageRule,
  'requests.ephemeral-storage': storageRule,
}

export function envFromErrors(sources: readonly EnvFrom[] | undefined, field: string): FieldError[] {
  return (sources ?? []).flatMap(({ prefix = '', configMapRef, secretRef }, index) => {
    const at = `${field}[${index}]`
    const errors = prefix === '' ? [] : invalidEach(`${at}.prefix`, prefix, relaxedEnvVarNameErrors(prefix))
    if (configMapRef !== undefined) errors.push(...sourceNameErrors(configMapRef, `${at}.configMapRef`))
    if (secretRef !== undefined) errors.push(...sourceNameErrors(secretRef, `${at}.secretRef`))
    if (configMapRef === undefined && secretRef === undefined) {
      errors.push(invalidValue(field, '', 'must specify one of: `configMapRef` or `secretRef`'))
    } else if (configMapRef !== undefined && secretRef !== undefined) {
      errors.push(invalidValue(field, '', 'may not have more than one field specified at a time'))
    }
    return errors
  })
}

function sourceNameErrors({ name = '' }: { readonly name?: string }, field: string): FieldError[] {
  const missing = present(`${field}.name`, name)
  // Upstream asks as if the name were a prefix.
  return missing.length > 0
    ? missing
    : invalidEach(`${field}.name`, name, dns1123SubdomainErrors(maskTrailingDash(name)))
}
