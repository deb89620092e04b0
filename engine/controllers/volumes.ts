import type { Cluster, Controller } from './cluster.ts'
import { VolumeBinder } from './volumes/binder.ts'
import { EphemeralVolumes } from './volumes/ephemeral.ts'
import { VolumeExpansion } from './volumes/expansion.ts'
import { type Directories, LocalPathProvisioner } from './volumes/local-path.ts'

/** Claims, volumes and the provisioner of kind's default class, which `addDefaultClass` writes. `directories` hears of files that are to go. */
export function volumeControllers(
  cluster: Cluster,
  report?: (error: unknown) => void,
  directories?: Directories,
): Controller[] {
  return [
    new VolumeBinder(cluster, report),
    new LocalPathProvisioner(cluster, report, directories),
    new EphemeralVolumes(cluster, report),
    new VolumeExpansion(cluster, report),
  ]
}
