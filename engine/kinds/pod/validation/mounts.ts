import {
  type FieldError,
  forbiddenField,
  invalidValue,
  requiredValue,
  valueNotFound,
} from '../../../objects/field-error.ts'
import type { Container, Volume, VolumeMount } from '../types.ts'
import { descendingPath, oneOf, present } from './checks.ts'

type Volumes = ReadonlyMap<string, Volume>

/** Where a container sees its volumes: as folders, or as devices. */
export function mountErrors(container: Container, volumes: Volumes, field: string): FieldError[] {
  const errors: FieldError[] = []
  const devices = container.volumeDevices ?? []
  const paths = new Set<string>()
  for (const [index, mount] of (container.volumeMounts ?? []).entries()) {
    const at = `${field}[${index}]`
    const { name, mountPath, subPath = '', subPathExpr = '' } = mount
    errors.push(...present(`${at}.name`, name))
    if (!volumes.has(name)) errors.push(valueNotFound(`${at}.name`, name))
    errors.push(...present(`${at}.mountPath`, mountPath))
    if (paths.has(mountPath)) errors.push(invalidValue(`${at}.mountPath`, mountPath, 'must be unique'))
    paths.add(mountPath)
    if (devices.some((device) => device.name === name)) {
      errors.push(invalidValue(`${at}.name`, name, 'must not already exist in volumeDevices'))
    }
    if (devices.some(({ devicePath }) => devicePath === mountPath)) {
      errors.push(invalidValue(`${at}.mountPath`, mountPath, 'must not already exist as a path in volumeDevices'))
    }
    if (subPath !== '') errors.push(...descendingPath(`${field}.subPath`, subPath))
    if (subPathExpr !== '') {
      if (subPath !== '') {
        errors.push(invalidValue(`${at}.subPathExpr`, subPathExpr, 'subPathExpr and subPath are mutually exclusive'))
      }
      errors.push(...descendingPath(`${field}.subPathExpr`, subPathExpr))
    }
    errors.push(...propagationErrors(mount, container, `${field}.mountPropagation`))
    errors.push(...recursiveErrors(mount, `${field}.recursiveReadOnly`))
  }
  return errors
}

function propagationErrors({ mountPropagation }: VolumeMount, container: Container, field: string): FieldError[] {
  if (mountPropagation === undefined) return []
  const errors = oneOf(field, mountPropagation, ['Bidirectional', 'HostToContainer', 'None'])
  if (mountPropagation === 'Bidirectional' && container.securityContext?.privileged !== true) {
    errors.push(forbiddenField(field, 'Bidirectional mount propagation is available only to privileged containers'))
  }
  return errors
}

function recursiveErrors(mount: VolumeMount, field: string): FieldError[] {
  const { recursiveReadOnly: recursive, readOnly, mountPropagation = 'None' } = mount
  if (recursive === undefined || recursive === 'Disabled') return []
  if (recursive !== 'Enabled' && recursive !== 'IfPossible') {
    return oneOf(field, recursive, ['Disabled', 'Enabled', 'IfPossible'])
  }
  const errors: FieldError[] = []
  if (readOnly !== true) errors.push(forbiddenField(field, 'may only be specified when readOnly is true'))
  if (mountPropagation !== 'None') {
    errors.push(forbiddenField(field, 'may only be specified when mountPropagation is None or not specified'))
  }
  return errors
}

export function deviceErrors(container: Container, volumes: Volumes, field: string): FieldError[] {
  const errors: FieldError[] = []
  const mounts = container.volumeMounts ?? []
  const names = new Set<string>()
  const paths = new Set<string>()
  for (const [index, { name, devicePath }] of (container.volumeDevices ?? []).entries()) {
    const at = `${field}[${index}]`
    const volume = volumes.get(name)
    if (name === '') errors.push(requiredValue(`${at}.name`))
    if (names.has(name)) errors.push(invalidValue(`${at}.name`, name, 'must be unique'))
    if (volume === undefined) errors.push(valueNotFound(`${at}.name`, name))
    else if (volume.persistentVolumeClaim === undefined && volume.ephemeral === undefined) {
      const why = 'can only use volume source type of PersistentVolumeClaim or Ephemeral for block mode'
      errors.push(invalidValue(`${at}.name`, name, why))
    }
    if (devicePath === '') errors.push(requiredValue(`${at}.devicePath`))
    if (paths.has(devicePath)) errors.push(invalidValue(`${at}.devicePath`, devicePath, 'must be unique'))
    if (devicePath.split('/').includes('..')) {
      errors.push(invalidValue(`${at}.devicePath`, devicePath, "can not contain backsteps ('..')"))
    } else paths.add(devicePath)
    if (mounts.some((mount) => mount.name === name)) {
      errors.push(invalidValue(`${at}.name`, name, 'must not already exist in volumeMounts'))
    }
    if (mounts.some(({ mountPath }) => mountPath === devicePath)) {
      errors.push(invalidValue(`${at}.devicePath`, devicePath, 'must not already exist as a path in volumeMounts'))
    }
    if (name !== '') names.add(name)
  }
  return errors
}
