import { CLAIMS, VOLUMES } from '../controllers/volumes/matching.ts'
import { claimSpecOf } from '../kinds/core/volume/claim-types.ts'
import type { Volume } from '../kinds/pod/types.ts'
import type { Check, Prepared, Rejection, Surroundings } from './check.ts'
import type { NodeInfo } from './node-info.ts'
import { type PodInfo, podSpec } from './pod-info.ts'

const DISK: Rejection = { plugin: 'VolumeRestrictions', reasons: ['node(s) had no available disk'], resolvable: true }
const IN_USE: Rejection = {
  plugin: 'VolumeRestrictions',
  reasons: [
    'node(s) unavailable due to PersistentVolumeClaim with ReadWriteOncePod access mode already in-use by another pod',
  ],
  resolvable: true,
}
const OTHER_ZONE: Rejection = {
  plugin: 'VolumeZone',
  reasons: ['node(s) had no available volume zone'],
  resolvable: false,
}

/** Disks that one Pod at a time may have, and claims of one Pod alone. */
export function volumeRestrictions(info: PodInfo, { store, nodes }: Surroundings): Prepared {
  const { volumes = [] } = podSpec(info.pod)
  const disks = volumes.filter((volume) => EXCLUSIVE.some((kind) => volume[kind] !== undefined))
  const single = new Set<string>()
  for (const { persistentVolumeClaim } of volumes) {
    if (persistentVolumeClaim === undefined) continue
    const { claimName } = persistentVolumeClaim
    const claim = store.collection(CLAIMS)?.get(info.group.namespace, claimName)
    if (claim === undefined) {
      const reasons = [`persistentvolumeclaim "${claimName}" not found`]
      return { refused: { plugin: 'VolumeRestrictions', reasons, resolvable: false } }
    }
    if (claimSpecOf(claim).accessModes?.includes('ReadWriteOncePod')) single.add(claimName)
  }
  if (disks.length === 0 && single.size === 0) return undefined
  let users = 0
  if (single.size > 0) {
    for (const node of nodes) for (const other of node.pods.values()) users += usesOf(other, info, single)
  }
  return disks.length === 0 && users === 0 ? undefined : new RestrictionCheck(info, disks, single, users)
}

class RestrictionCheck implements Check {
  readonly plugin = 'VolumeRestrictions'
  readonly #info: PodInfo
  readonly #disks: readonly Volume[]
  readonly #single: ReadonlySet<string>
  #users: number

  constructor(info: PodInfo, disks: readonly Volume[], single: ReadonlySet<string>, users: number) {
    this.#info = info
    this.#disks = disks
    this.#single = single
    this.#users = users
  }

  reject({ pods }: NodeInfo): Rejection | undefined {
    if (this.#disks.length > 0) {
      for (const { pod } of pods.values()) {
        const { volumes = [] } = podSpec(pod)
        if (this.#disks.some((disk) => volumes.some((other) => conflicts(disk, other)))) return DISK
      }
    }
    return this.#users > 0 ? IN_USE : undefined
  }

  count(pod: PodInfo, _: NodeInfo, sign: 1 | -1): void {
    this.#users += sign * usesOf(pod, this.#info, this.#single)
  }

  copy(): Check {
    return new RestrictionCheck(this.#info, this.#disks, this.#single, this.#users)
  }
}

function usesOf(other: PodInfo, { group, key }: PodInfo, claims: ReadonlySet<string>): number {
  if (other.group.namespace !== group.namespace || other.key === key) return 0
  return (podSpec(other.pod).volumes ?? []).filter(
    ({ persistentVolumeClaim }) => persistentVolumeClaim !== undefined && claims.has(persistentVolumeClaim.claimName),
  ).length
}

const EXCLUSIVE = ['gcePersistentDisk', 'awsElasticBlockStore', 'iscsi', 'rbd'] as const

function conflicts(one: Volume, other: Volume): boolean {
  const both = (kind: (typeof EXCLUSIVE)[number], same: (a: Disk, b: Disk) => boolean): boolean => {
    const [a, b] = [one[kind] as Disk | undefined, other[kind] as Disk | undefined]
    if (a === undefined || b === undefined || !same(a, b)) return false
    return kind === 'awsElasticBlockStore' || !(a.readOnly === true && b.readOnly === true)
  }
  return (
    both('gcePersistentDisk', (a, b) => a.pdName === b.pdName) ||
    both('awsElasticBlockStore', (a, b) => a.volumeID === b.volumeID) ||
    both('iscsi', (a, b) => a.iqn === b.iqn) ||
    both('rbd', (a, b) => a.pool === b.pool && a.image === b.image && overlap(a.monitors, b.monitors))
  )
}

interface Disk {
  readonly readOnly?: boolean
  readonly pdName?: string
  readonly volumeID?: string
  readonly iqn?: string
  readonly pool?: string
  readonly image?: string
  readonly monitors?: readonly string[]
}

const overlap = (a: readonly string[] = [], b: readonly string[] = []): boolean => a.some((one) => b.includes(one))

/** Old labels of zones and regions, and today's. */
const ZONE_LABELS: Readonly<Record<string, string>> = {
  'failure-domain.beta.kubernetes.io/zone': 'topology.kubernetes.io/zone',
  'failure-domain.beta.kubernetes.io/region': 'topology.kubernetes.io/region',
  'topology.kubernetes.io/zone': 'topology.kubernetes.io/zone',
  'topology.kubernetes.io/region': 'topology.kubernetes.io/region',
}

/** Volumes that are labelled with a zone hold their Pods there. */
export function volumeZone(info: PodInfo, { store }: Surroundings): Prepared {
  const zones: { readonly label: string; readonly values: readonly string[] }[] = []
  for (const { persistentVolumeClaim } of podSpec(info.pod).volumes ?? []) {
    if (persistentVolumeClaim === undefined) continue
    const claim = store.collection(CLAIMS)?.get(info.group.namespace, persistentVolumeClaim.claimName)
    const { volumeName = '' } = claim === undefined ? {} : claimSpecOf(claim)
    if (volumeName === '') continue
    const labels = store.collection(VOLUMES)?.get(undefined, volumeName)?.metadata.labels ?? {}
    for (const label of Object.keys(ZONE_LABELS)) {
      const value = labels[label]
      if (value !== undefined) zones.push({ label, values: value.split('__') })
    }
  }
  if (zones.length === 0) return undefined
  return {
    plugin: 'VolumeZone',
    reject({ labels }) {
      if (!Object.keys(ZONE_LABELS).some((label) => labels[label] !== undefined)) return undefined
      const fits = zones.every(({ label, values }) => {
        const value = labels[label] ?? labels[ZONE_LABELS[label] as string]
        return value !== undefined && values.includes(value)
      })
      return fits ? undefined : OTHER_ZONE
    },
  }
}
