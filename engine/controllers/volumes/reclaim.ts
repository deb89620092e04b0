import { volumeSpecOf, volumeStatusOf } from '../../kinds/core/volume/volume-types.ts'
import type { ApiObject } from '../../objects/types.ts'
import { withMetadata } from '../../storage/metadata.ts'
import { BOUND_BY_CONTROLLER, claimRefOf, PROVISIONED_BY, VOLUMES } from './matching.ts'
import type { VolumeWriter } from './volume-writer.ts'

/** What becomes of a volume when its claim is gone: `reclaimVolume` (1.34). */
export class VolumeReclaim {
  readonly #volumes: VolumeWriter

  constructor(volumes: VolumeWriter) {
    this.#volumes = volumes
  }

  /** The claim is gone. */
  release(volume: ApiObject): void {
    const { phase } = volumeStatusOf(volume)
    const released = phase === 'Released' || phase === 'Failed' ? volume : this.#volumes.setVolume(volume, 'Released')
    const { persistentVolumeReclaimPolicy: policy } = volumeSpecOf(released)
    if (policy === 'Delete') this.#remove(released)
    else if (policy === 'Recycle') this.#recycle(released)
  }

  /** The claim has found another volume. */
  leave(volume: ApiObject): void {
    const { annotations } = volume.metadata
    const { persistentVolumeReclaimPolicy: policy } = volumeSpecOf(volume)
    if (annotations?.[PROVISIONED_BY] !== undefined && policy === 'Delete') {
      this.release(volume)
      return
    }
    this.#free(volume, annotations?.[BOUND_BY_CONTROLLER] === undefined)
  }

  /** A volume that was promised by hand stays promised, to whoever comes by that name. */
  #free(volume: ApiObject, stays: boolean): void {
    const freed = this.#volumes.writer.update({ resource: VOLUMES, name: volume.metadata.name }, (now) => {
      const { claimRef: _, ...spec } = volumeSpecOf(now)
      if (stays) {
        const { uid: __, ...claimRef } = claimRefOf(now) ?? {}
        return { ...now, spec: { ...spec, claimRef } }
      }
      const { [BOUND_BY_CONTROLLER]: ___, ...annotations } = now.metadata.annotations ?? {}
      const left = Object.keys(annotations).length === 0 ? undefined : annotations
      return withMetadata({ ...now, spec }, { annotations: left })
    })
    this.#volumes.setVolume(freed, 'Available')
  }

  #remove(volume: ApiObject): void {
    const { name, annotations } = volume.metadata
    const { hostPath, csi } = volumeSpecOf(volume)
    const provisioner = annotations?.[PROVISIONED_BY] ?? ''
    // Who has made it removes it
    if ((provisioner !== '' && !provisioner.startsWith('kubernetes.io/')) || csi !== undefined) return
    if (hostPath === undefined) {
      const why = `error getting deleter volume plugin for volume "${name}": no deletable volume plugin matched`
      this.#volumes.failVolume(volume, 'VolumeFailedDelete', why)
    } else if (/^\/tmp\/.+/.test(hostPath.path)) this.#volumes.removeVolume(volume)
    else {
      const why = `host_path deleter only supports /tmp/.+ but received provided ${hostPath.path}`
      this.#volumes.failVolume(volume, 'VolumeFailedDelete', why)
    }
  }

  /** Its files go, and it is free again, for any claim. */
  #recycle(volume: ApiObject): void {
    const { hostPath, nfs } = volumeSpecOf(volume)
    if (hostPath === undefined && nfs === undefined) {
      this.#volumes.failVolume(volume, 'VolumeFailedRecycle', 'No recycler plugin found for the volume!')
      return
    }
    this.#volumes.tellRecycled(volume)
    this.#free(volume, volume.metadata.annotations?.[BOUND_BY_CONTROLLER] === undefined)
  }
}
