import {
  type FieldError,
  invalidValue,
  notSupported,
  requiredValue,
  tooLongValue,
} from '../../../objects/field-error.ts'
import { dns1123SubdomainErrors, outOfRange } from '../../../objects/names.ts'
import type { DriverSource } from '../types.ts'
import { descendingPath, dnsLabel, oneOf, present } from './checks.ts'

/** Volumes of storage systems, most of them long gone from Kubernetes itself; their settings are still checked. */

type Check = (setting: Settings, field: string) => FieldError[]

class Settings {
  readonly source: DriverSource
  constructor(source: DriverSource) {
    this.source = source
  }
  text(name: string): string {
    const value = this.source[name]
    return typeof value === 'string' ? value : ''
  }
  number(name: string): number | undefined {
    const value = this.source[name]
    return typeof value === 'number' ? value : undefined
  }
  list(name: string): readonly unknown[] {
    const value = this.source[name]
    return Array.isArray(value) ? value : []
  }
}

const all =
  (...names: readonly string[]): Check =>
  (settings, field) =>
    names.flatMap((name) => present(`${field}.${name}`, settings.text(name)))

const list =
  (name: string): Check =>
  (settings, field) =>
    settings.list(name).length > 0 ? [] : [requiredValue(`${field}.${name}`)]

const secretName: Check = ({ source }, field) =>
  source.secretRef === undefined ? [] : present(`${field}.secretRef.name`, source.secretRef.name)

const partition: Check = (settings, field) => {
  const number = settings.number('partition') ?? 0
  return number >= 0 && number <= 255 ? [] : [invalidValue(`${field}.partition`, number, outOfRange(1, 255))]
}

const checks = {
  gcePersistentDisk: [all('pdName'), partition],
  awsElasticBlockStore: [all('volumeID'), partition],
  iscsi: [iscsiErrors],
  glusterfs: [all('endpoints', 'path')],
  flocker: [flockerErrors],
  rbd: [list('monitors'), all('image')],
  cinder: [all('volumeID'), secretName],
  cephfs: [list('monitors')],
  quobyte: [quobyteErrors, all('volume')],
  fc: [fcErrors],
  flexVolume: [all('driver'), flexOptionErrors],
  azureFile: [all('secretName', 'shareName')],
  vsphereVolume: [all('volumePath')],
  photonPersistentDisk: [all('pdID')],
  portworxVolume: [all('volumeID')],
  azureDisk: [all('diskName', 'diskURI'), azureDiskErrors],
  storageos: [storageOsErrors, secretName],
  scaleIO: [all('gateway', 'system', 'volumeName')],
} satisfies Readonly<Record<string, readonly Check[]>>

export type Driver = keyof typeof checks

export function isDriver(source: string): source is Driver {
  return Object.hasOwn(checks, source)
}

export function driverErrors(driver: Driver, source: DriverSource, field: string): FieldError[] {
  const at = driver === 'gcePersistentDisk' ? field.replace(/gcePersistentDisk$/, 'persistentDisk') : field
  const settings = new Settings(source)
  return (checks[driver] as readonly Check[]).flatMap((check) => check(settings, at))
}

export function gitRepoErrors(
  { repository, directory = '' }: { readonly repository: string; readonly directory?: string },
  field: string,
): FieldError[] {
  return [...present(`${field}.repository`, repository), ...descendingPath(`${field}.directory`, directory)]
}

export function csiDriverNameErrors(driver: string, field: string): FieldError[] {
  return [
    ...present(field, driver),
    ...(driver.length > 63 ? [tooLongValue(field, 63)] : []),
    ...dns1123SubdomainErrors(driver.toLowerCase()).map((why) => invalidValue(field, driver, why)),
  ]
}

const qualifiers: Readonly<Record<string, RegExp>> = {
  iqn: /iqn\.\d{4}-\d{2}\.([A-Za-z0-9.-]+)(:[^,;*&$|\s]+)$/,
  eui: /^eui.[A-Za-z0-9]{16}$/,
  naa: /^naa.[A-Za-z0-9]{32}$/,
}

function qualifiedIscsiName(name: string, field: string): FieldError[] {
  const form = qualifiers[name.slice(0, 3)]
  if (form === undefined) return [invalidValue(field, name, 'must be valid format starting with iqn, eui, or naa')]
  return form.test(name) ? [] : [invalidValue(field, name, 'must be valid format')]
}

function iscsiErrors(settings: Settings, field: string): FieldError[] {
  const errors = present(`${field}.targetPortal`, settings.text('targetPortal'))
  const iqn = settings.text('iqn')
  errors.push(...(iqn === '' ? [requiredValue(`${field}.iqn`)] : qualifiedIscsiName(iqn, `${field}.iqn`)))
  const lun = settings.number('lun') ?? 0
  if (lun < 0 || lun > 255) errors.push(invalidValue(`${field}.lun`, lun, outOfRange(0, 255)))
  const { source } = settings
  const chap = source.chapAuthDiscovery === true || source.chapAuthSession === true
  if (chap && source.secretRef === undefined) errors.push(requiredValue(`${field}.secretRef`))
  if (source.initiatorName !== undefined) {
    errors.push(...qualifiedIscsiName(settings.text('initiatorName'), `${field}.initiatorname`))
  }
  return errors
}

function flockerErrors(settings: Settings, field: string): FieldError[] {
  const name = settings.text('datasetName')
  const id = settings.text('datasetUUID')
  const errors: FieldError[] = []
  if (name === '' && id === '') errors.push(requiredValue(field, 'one of datasetName and datasetUUID is required'))
  if (name !== '' && id !== '') {
    const why = 'datasetName and datasetUUID can not be specified simultaneously'
    errors.push(invalidValue(field, 'resource', why))
  }
  if (name.includes('/')) errors.push(invalidValue(`${field}.datasetName`, name, "must not contain '/'"))
  return errors
}

function quobyteErrors(settings: Settings, field: string): FieldError[] {
  const registry = settings.text('registry')
  const form = 'must be a host:port pair or multiple pairs separated by commas'
  if (registry === '') return [requiredValue(`${field}.registry`, form)]
  if (settings.text('tenant').length >= 65) {
    return [requiredValue(`${field}.tenant`, 'must be a UUID and may not exceed a length of 64 characters')]
  }
  const isPair = (text: string): boolean => /^(\[[^\]]*\]|[^:[\]]*):[^:[\]]*$/.test(text)
  return registry
    .split(',')
    .flatMap((pair) => (isPair(pair) ? [] : [invalidValue(`${field}.registry`, registry, form)]))
}

function fcErrors(settings: Settings, field: string): FieldError[] {
  const targets = settings.list('targetWWNs')
  const ids = settings.list('wwids')
  const errors: FieldError[] = []
  if (targets.length === 0 && ids.length === 0) {
    errors.push(requiredValue(`${field}.targetWWNs`, 'must specify either targetWWNs or wwids, but not both'))
  }
  if (targets.length > 0 && ids.length > 0) {
    const why = 'targetWWNs and wwids can not be specified simultaneously'
    errors.push(invalidValue(`${field}.targetWWNs`, targets, why))
  }
  if (targets.length === 0) return errors
  const lun = settings.number('lun')
  if (lun === undefined) errors.push(requiredValue(`${field}.lun`, 'lun is required if targetWWNs is specified'))
  else if (lun < 0 || lun > 255) errors.push(invalidValue(`${field}.lun`, lun, outOfRange(0, 255)))
  return errors
}

function flexOptionErrors({ source }: Settings, field: string): FieldError[] {
  return Object.keys((source.options ?? {}) as object).flatMap((key) => {
    const namespace = `.${(key.includes('/') ? key.slice(0, key.indexOf('/')) : key).toLowerCase()}`
    if (!namespace.endsWith('.kubernetes.io') && !namespace.endsWith('.k8s.io')) return []
    return [invalidValue(`${field}.options[${key}]`, key, 'kubernetes.io and k8s.io namespaces are reserved')]
  })
}

const managedDisk = '/subscriptions/{sub-id}/resourcegroups/{group-name}/providers/microsoft.compute/disks/{disk-id}'
const blobDisk = 'https://{account-name}.blob.core.windows.net/{container-name}/{disk-name}.vhd'

function azureDiskErrors(settings: Settings, field: string): FieldError[] {
  const kind = settings.text('kind')
  const uri = settings.text('diskURI')
  const errors = [
    ...oneOf(`${field}.cachingMode`, settings.text('cachingMode'), ['None', 'ReadOnly', 'ReadWrite']),
    ...oneOf(`${field}.kind`, kind, ['Dedicated', 'Managed', 'Shared']),
  ]
  const [start, example] = kind === 'Managed' ? ['/subscriptions/', managedDisk] : ['https://', blobDisk]
  return uri.startsWith(start) ? errors : [...errors, notSupported(`${field}.diskURI`, uri, [example])]
}

function storageOsErrors(settings: Settings, field: string): FieldError[] {
  const name = settings.text('volumeName')
  const namespace = settings.text('volumeNamespace')
  return [
    ...(name === '' ? [requiredValue(`${field}.volumeName`)] : dnsLabel(`${field}.volumeName`, name)),
    ...(namespace === '' ? [] : dnsLabel(`${field}.volumeNamespace`, namespace)),
  ]
}
