import type { VolumeSpec } from './volume-types.ts'

/**
 * Kinds of volumes with the names of their fields in Go, in the order of its structs: `Go=json`, then how it is when it is empty: `s` text, `b` boolean,
 * `n` number, `p` null, `r` a reference to a Secret, `o` one to any object.
 */
const sources: readonly (readonly [json: string, go: string, fields: string])[] = [
  [
    'gcePersistentDisk',
    'GCEPersistentDisk',
    'PDName=pdName:s FSType=fsType:s Partition=partition:n ReadOnly=readOnly:b',
  ],
  [
    'awsElasticBlockStore',
    'AWSElasticBlockStore',
    'VolumeID=volumeID:s FSType=fsType:s Partition=partition:n ReadOnly=readOnly:b',
  ],
  ['hostPath', 'HostPath', 'Path=path:s Type=type:p'],
  [
    'glusterfs',
    'Glusterfs',
    'EndpointsName=endpoints:s Path=path:s ReadOnly=readOnly:b EndpointsNamespace=endpointsNamespace:p',
  ],
  ['nfs', 'NFS', 'Server=server:s Path=path:s ReadOnly=readOnly:b'],
  [
    'rbd',
    'RBD',
    'CephMonitors=monitors:p RBDImage=image:s FSType=fsType:s RBDPool=pool:s RadosUser=user:s Keyring=keyring:s SecretRef=secretRef:r ReadOnly=readOnly:b',
  ],
  [
    'quobyte',
    'Quobyte',
    'Registry=registry:s Volume=volume:s ReadOnly=readOnly:b User=user:s Group=group:s Tenant=tenant:s',
  ],
  [
    'iscsi',
    'ISCSI',
    'TargetPortal=targetPortal:s IQN=iqn:s Lun=lun:n ISCSIInterface=iscsiInterface:s FSType=fsType:s ReadOnly=readOnly:b Portals=portals:p DiscoveryCHAPAuth=chapAuthDiscovery:b SessionCHAPAuth=chapAuthSession:b SecretRef=secretRef:r InitiatorName=initiatorName:p',
  ],
  [
    'flexVolume',
    'FlexVolume',
    'Driver=driver:s FSType=fsType:s SecretRef=secretRef:r ReadOnly=readOnly:b Options=options:p',
  ],
  ['cinder', 'Cinder', 'VolumeID=volumeID:s FSType=fsType:s ReadOnly=readOnly:b SecretRef=secretRef:r'],
  [
    'cephfs',
    'CephFS',
    'Monitors=monitors:p Path=path:s User=user:s SecretFile=secretFile:s SecretRef=secretRef:r ReadOnly=readOnly:b',
  ],
  ['fc', 'FC', 'TargetWWNs=targetWWNs:p Lun=lun:p FSType=fsType:s ReadOnly=readOnly:b WWIDs=wwids:p'],
  ['flocker', 'Flocker', 'DatasetName=datasetName:s DatasetUUID=datasetUUID:s'],
  [
    'azureFile',
    'AzureFile',
    'SecretName=secretName:s ShareName=shareName:s ReadOnly=readOnly:b SecretNamespace=secretNamespace:p',
  ],
  [
    'vsphereVolume',
    'VsphereVolume',
    'VolumePath=volumePath:s FSType=fsType:s StoragePolicyName=storagePolicyName:s StoragePolicyID=storagePolicyID:s',
  ],
  [
    'azureDisk',
    'AzureDisk',
    'DiskName=diskName:s DataDiskURI=diskURI:s CachingMode=cachingMode:p FSType=fsType:p ReadOnly=readOnly:p Kind=kind:p',
  ],
  ['photonPersistentDisk', 'PhotonPersistentDisk', 'PdID=pdID:s FSType=fsType:s'],
  ['portworxVolume', 'PortworxVolume', 'VolumeID=volumeID:s FSType=fsType:s ReadOnly=readOnly:b'],
  [
    'scaleIO',
    'ScaleIO',
    'Gateway=gateway:s System=system:s SecretRef=secretRef:r SSLEnabled=sslEnabled:b ProtectionDomain=protectionDomain:s StoragePool=storagePool:s StorageMode=storageMode:s VolumeName=volumeName:s FSType=fsType:s ReadOnly=readOnly:b',
  ],
  ['local', 'Local', 'Path=path:s FSType=fsType:p'],
  [
    'storageos',
    'StorageOS',
    'VolumeName=volumeName:s VolumeNamespace=volumeNamespace:s FSType=fsType:s ReadOnly=readOnly:b SecretRef=secretRef:o',
  ],
  [
    'csi',
    'CSI',
    'Driver=driver:s VolumeHandle=volumeHandle:s ReadOnly=readOnly:b FSType=fsType:s VolumeAttributes=volumeAttributes:p ControllerPublishSecretRef=controllerPublishSecretRef:r NodeStageSecretRef=nodeStageSecretRef:r NodePublishSecretRef=nodePublishSecretRef:r ControllerExpandSecretRef=controllerExpandSecretRef:r NodeExpandSecretRef=nodeExpandSecretRef:r',
  ],
]

export const volumeSources: readonly string[] = sources.map(([json]) => json)

const SECRET = 'Name=name:s Namespace=namespace:s'
const OBJECT =
  'Kind=kind:s Namespace=namespace:s Name=name:s UID=uid:s APIVersion=apiVersion:s ResourceVersion=resourceVersion:s FieldPath=fieldPath:s'
const empty: Readonly<Record<string, unknown>> = { s: '', b: false, n: 0 }

type Fields = Readonly<Record<string, unknown>>

/** What the volume is, as upstream's internal type shows it: every kind, all but one of them null. */
export function shownSources(spec: VolumeSpec): Fields {
  return Object.fromEntries(
    sources.map(([json, go, fields]) => {
      const source = spec[json]
      return [go, source === undefined ? null : shown(source as Fields, fields)]
    }),
  )
}

function shown(source: Fields, fields: string): Fields {
  return Object.fromEntries(
    fields.split(' ').map((field) => {
      const [, go = '', json = '', kind = ''] = /^(\w+)=(\w+):(\w)$/.exec(field) ?? []
      const value = source[json]
      if (value === undefined || value === null) return [go, empty[kind] ?? null]
      if (kind !== 'r' && kind !== 'o') return [go, value]
      return [go, shown(value as Fields, kind === 'r' ? SECRET : OBJECT)]
    }),
  )
}
