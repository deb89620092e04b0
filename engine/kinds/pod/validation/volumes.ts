import { invalidEach } from '../../../objects/field-checks.ts'
import {
  duplicateValue,
  type FieldError,
  forbiddenField,
  invalidValue,
  notSupported,
  requiredValue,
} from '../../../objects/field-error.ts'
import { goQuote } from '../../../objects/go-quote.ts'
import { dns1123SubdomainErrors } from '../../../objects/names.ts'
import { Quantity } from '../../../objects/quantity.ts'
import type { DownwardFile, KeyToPath, Projection, Volume } from '../types.ts'
import { dnsLabel, fileMode, noBacksteps, nonReservedPath, present } from './checks.ts'
import { claimTemplateErrors } from './claim.ts'
import { csiDriverNameErrors, driverErrors, gitRepoErrors, isDriver } from './drivers.ts'
import { fieldRefErrors, resourceFieldRefErrors, volumeFields } from './environment.ts'

/** The volumes that are valid, by name, and what is wrong with the others. */
export interface CheckedVolumes {
  readonly volumes: ReadonlyMap<string, Volume>
  readonly errors: FieldError[]
}

/** `podName` where the volumes are a Pod's and not a template's. */
export function checkVolumes(volumes: readonly Volume[] | undefined, podName: string, field: string): CheckedVolumes {
  const errors: FieldError[] = []
  const valid = new Map<string, Volume>()
  const made = new Set((volumes ?? []).filter(({ ephemeral }) => ephemeral).map(({ name }) => `${podName}-${name}`))
  for (const [index, volume] of (volumes ?? []).entries()) {
    const at = `${field}[${index}]`
    const { name } = volume
    const own = sourceErrors(volume, podName, at)
    own.push(...(name === '' ? [requiredValue(`${at}.name`)] : dnsLabel(`${at}.name`, name)))
    if (valid.has(name)) own.push(duplicateValue(`${at}.name`, name))
    if (own.length === 0) valid.set(name, volume)
    errors.push(...own)
    const claim = volume.persistentVolumeClaim?.claimName
    if (podName !== '' && claim !== undefined && made.has(claim)) {
      const why = 'must not reference a PVC that gets created for an ephemeral volume'
      errors.push(invalidValue(`${at}.persistentVolumeClaim.claimName`, claim, why))
    }
  }
  return { volumes: valid, errors }
}

/** In upstream's order, with the names that its messages use where they are not the field's. */
const sources = [
  'emptyDir',
  'hostPath',
  'gitRepo',
  'gcePersistentDisk',
  'awsElasticBlockStore',
  'secret',
  'nfs',
  'iscsi',
  'glusterfs',
  'flocker',
  'persistentVolumeClaim',
  'rbd',
  'cinder',
  'cephfs',
  'quobyte',
  'downwardAPI',
  'fc',
  'flexVolume',
  'configMap',
  'azureFile',
  'vsphereVolume',
  'photonPersistentDisk',
  'portworxVolume',
  'azureDisk',
  'storageos',
  'projected',
  'scaleIO',
  'csi',
  'ephemeral',
  'image',
] as const
const spelledOtherwise: Readonly<Record<string, string>> = { cephfs: 'cephFS', downwardAPI: 'downwarAPI' }

function sourceErrors(volume: Volume, podName: string, at: string): FieldError[] {
  const errors: FieldError[] = []
  let found = false
  for (const source of sources) {
    if (volume[source] === undefined) continue
    if (found) {
      errors.push(
        forbiddenField(`${at}.${spelledOtherwise[source] ?? source}`, 'may not specify more than 1 volume type'),
      )
    } else errors.push(...oneSourceErrors(volume, source, podName, at))
    found = true
    if (source === 'iscsi' && portalTooLong(volume))
      errors.push(invalidValue(`${at}.name`, volume.name, portalSentence))
  }
  return found ? errors : [requiredValue(at, 'must specify a volume type')]
}

const portalSentence =
  'Total length of <volume name>:<iscsi.targetPortal> must be under 64 characters if iscsi.initiatorName is specified.'
const portalTooLong = ({ name, iscsi }: Volume): boolean =>
  iscsi?.initiatorName !== undefined && `${name}:${iscsi.targetPortal}`.length > 64

function oneSourceErrors(volume: Volume, source: (typeof sources)[number], podName: string, at: string): FieldError[] {
  const field = `${at}.${source}`
  if (isDriver(source)) return driverErrors(source, volume[source] ?? {}, field)
  switch (source) {
    case 'emptyDir': {
      const limit = volume.emptyDir?.sizeLimit
      if (limit === undefined || Quantity.fromJson(limit).sign() >= 0) return []
      return [forbiddenField(`${field}.sizeLimit`, 'SizeLimit field must be a valid resource quantity')]
    }
    case 'hostPath':
      return hostPathErrors(volume.hostPath ?? { path: '' }, field)
    case 'gitRepo':
      return gitRepoErrors(volume.gitRepo ?? { repository: '' }, field)
    case 'secret':
      return [...present(`${field}.secretName`, volume.secret?.secretName), ...itemsErrors(volume.secret, field)]
    case 'configMap':
      return [...present(`${field}.name`, volume.configMap?.name), ...itemsErrors(volume.configMap, field)]
    case 'nfs': {
      const { server = '', path = '' } = volume.nfs ?? {}
      const absolute = path.startsWith('/') ? [] : [invalidValue(`${field}.path`, path, 'must be an absolute path')]
      return [...present(`${field}.server`, server), ...present(`${field}.path`, path), ...absolute]
    }
    case 'persistentVolumeClaim':
      return present(`${field}.claimName`, volume.persistentVolumeClaim?.claimName)
    case 'downwardAPI':
      return [
        ...fileMode(`${field}.defaultMode`, volume.downwardAPI?.defaultMode),
        ...(volume.downwardAPI?.items ?? []).flatMap((file) => downwardFileErrors(file, field)),
      ]
    case 'projected':
      return [
        ...fileMode(`${field}.defaultMode`, volume.projected?.defaultMode),
        ...projectionErrors(volume.projected?.sources ?? [], field),
      ]
    case 'csi': {
      const reference = volume.csi?.nodePublishSecretRef as { readonly name?: string } | undefined
      const errors = csiDriverNameErrors(String(volume.csi?.driver ?? ''), `${field}.driver`)
      if (reference === undefined) return errors
      const { name = '' } = reference
      if (name === '') return [...errors, requiredValue(`${field}.nodePublishSecretRef.name`)]
      return [...errors, ...invalidEach(`${field}.name`, name, dns1123SubdomainErrors(name))]
    }
    case 'ephemeral': {
      const template = volume.ephemeral?.volumeClaimTemplate
      const errors =
        template === undefined
          ? [requiredValue(`${field}.volumeClaimTemplate`)]
          : claimTemplateErrors(template, `${field}.volumeClaimTemplate`)
      if (podName === '' || volume.name === '') return errors
      const claim = `${podName}-${volume.name}`
      const sentences = dns1123SubdomainErrors(claim).map((why) => `PVC name ${goQuote(claim)}: ${why}`)
      return [...errors, ...invalidEach(`${at}.name`, volume.name, sentences)]
    }
    default:
      return []
  }
}

const hostPathTypes = [
  '',
  'BlockDevice',
  'CharDevice',
  'Directory',
  'DirectoryOrCreate',
  'File',
  'FileOrCreate',
  'Socket',
]

function hostPathErrors({ path, type }: NonNullable<Volume['hostPath']>, field: string): FieldError[] {
  if (path === '') return [requiredValue(`${field}.path`)]
  const errors = noBacksteps(`${field}.path`, path)
  if (type === undefined || hostPathTypes.includes(type)) return errors
  return [...errors, notSupported(`${field}.type`, type, hostPathTypes)]
}

interface Items {
  readonly items?: readonly KeyToPath[]
  readonly defaultMode?: number
}

function itemsErrors(source: Items | undefined, field: string): FieldError[] {
  return [
    ...fileMode(`${field}.defaultMode`, source?.defaultMode),
    ...(source?.items ?? []).flatMap((item, index) => keyToPathErrors(item, `${field}.items[${index}]`)),
  ]
}

function keyToPathErrors({ key, path, mode }: KeyToPath, field: string): FieldError[] {
  return [
    ...present(`${field}.key`, key),
    ...present(`${field}.path`, path),
    ...nonReservedPath(`${field}.path`, path),
    ...fileMode(`${field}.mode`, mode),
  ]
}

function downwardFileErrors({ path, fieldRef, resourceFieldRef, mode }: DownwardFile, field: string): FieldError[] {
  const errors = [...present(`${field}.path`, path), ...nonReservedPath(`${field}.path`, path)]
  if (fieldRef !== undefined) {
    errors.push(...fieldRefErrors(fieldRef, volumeFields, `${field}.fieldRef`))
    if (resourceFieldRef !== undefined) {
      const why = 'fieldRef and resourceFieldRef can not be specified simultaneously'
      errors.push(invalidValue(field, 'resource', why))
    }
  } else if (resourceFieldRef !== undefined) {
    errors.push(...resourceFieldRefErrors(resourceFieldRef, `${field}.resourceFieldRef`, true))
  } else errors.push(requiredValue(field, 'one of fieldRef and resourceFieldRef is required'))
  return [...errors, ...fileMode(`${field}.mode`, mode)]
}

const leastTokenSeconds = 600
const mostTokenSeconds = 2 ** 32

function projectionErrors(projections: readonly Projection[], field: string): FieldError[] {
  const errors: FieldError[] = []
  const paths = new Set<string>()
  const once = (path: string, shown: string): void => {
    if (path === '') return
    if (paths.has(path)) errors.push(invalidValue(field, shown, 'conflicting duplicate paths'))
    paths.add(path)
  }
  for (const [index, projection] of projections.entries()) {
    const at = `${field}.sources[${index}]`
    const { downwardAPI, serviceAccountToken: token } = projection
    for (const kind of ['secret', 'configMap'] as const) {
      const source = projection[kind]
      if (source === undefined) continue
      errors.push(...present(`${at}.${kind}.name`, source.name))
      for (const [place, item] of (source.items ?? []).entries()) {
        errors.push(...keyToPathErrors(item, `${at}.${kind}.items[${place}]`))
        once(item.path, source.name ?? '')
      }
    }
    for (const file of downwardAPI?.items ?? []) {
      errors.push(...downwardFileErrors(file, `${at}.downwardAPI`))
      once(file.path, file.path)
    }
    if (token !== undefined) {
      const seconds = token.expirationSeconds ?? 0
      const expiration = `${at}.serviceAccountToken.expirationSeconds`
      if (seconds < leastTokenSeconds) {
        errors.push(invalidValue(expiration, seconds, 'may not specify a duration less than 10 minutes'))
      }
      if (seconds > mostTokenSeconds) {
        errors.push(invalidValue(expiration, seconds, 'may not specify a duration larger than 2^32 seconds'))
      }
      if (token.path === '') errors.push(requiredValue(`${field}.path`))
      else errors.push(...nonReservedPath(`${field}.path`, token.path))
    }
    const kinds = [projection.secret, projection.configMap, downwardAPI, token].filter((source) => source !== undefined)
    if (kinds.length > 1) errors.push(forbiddenField(at, 'may not specify more than 1 volume type per source'))
  }
  return errors
}
