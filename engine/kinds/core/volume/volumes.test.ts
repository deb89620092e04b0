import { describe, expect, it } from 'vitest'
import type { NewObject } from '../../../objects/types.ts'
import { refusal, World } from '../world.testing.ts'
import { persistentVolumeClaims } from './claim.ts'
import { persistentVolumes, volumePhases } from './volume.ts'

const world = () => new World([persistentVolumes, persistentVolumeClaims])
const claim = (spec: Record<string, unknown> = {}, metadata: Record<string, unknown> = {}): NewObject => ({
  apiVersion: 'v1',
  kind: 'PersistentVolumeClaim',
  metadata: { name: 'c', namespace: 'default', ...metadata },
  spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } }, ...spec },
  status: {},
})
const volume = (spec: Record<string, unknown> = {}, metadata: Record<string, unknown> = {}): NewObject => ({
  apiVersion: 'v1',
  kind: 'PersistentVolume',
  metadata: { name: 'v', ...metadata },
  spec: { accessModes: ['ReadWriteOnce'], capacity: { storage: '1Gi' }, hostPath: { path: '/data' }, ...spec },
  status: {},
})
const claimIs = (text: string) => `PersistentVolumeClaim "c" is invalid: ${text}`
const volumeIs = (text: string) => `PersistentVolume "v" is invalid: ${text}`

describe('a claim', () => {
  it.each([
    [{ accessModes: [] }, 'spec.accessModes: Required value: at least 1 access mode is required'],
    [
      { accessModes: ['Some'] },
      'spec.accessModes: Unsupported value: "Some": supported values: "ReadOnlyMany", "ReadWriteMany", "ReadWriteOnce", "ReadWriteOncePod"',
    ],
    [{ resources: {} }, 'spec.resources[storage]: Required value'],
    [
      { resources: { requests: { storage: '0' } } },
      'spec.resources[storage]: Invalid value: "0": must be greater than zero',
    ],
    [
      { accessModes: ['ReadWriteOncePod', 'ReadWriteOnce'] },
      'spec.accessModes: Forbidden: may not use ReadWriteOncePod with other access modes',
    ],
    [{ volumeMode: 'Odd' }, 'spec.volumeMode: Unsupported value: "Odd": supported values: "Block", "Filesystem"'],
  ])('%j is refused', (spec, message) => {
    expect(refusal(() => world().create(claim(spec)))).toBe(claimIs(message))
  })

  it('is filled in, and has its source in both fields', () => {
    const source = { kind: 'PersistentVolumeClaim', name: 'other' }
    expect(world().create(claim({ dataSource: source }))).toMatchObject({
      spec: { volumeMode: 'Filesystem', dataSource: source, dataSourceRef: source },
      status: { phase: 'Pending' },
    })
    const foreign = world().create(claim({ dataSource: { apiGroup: 'a.b', kind: 'X', name: 'x' } }))
    expect(foreign.spec).not.toHaveProperty('dataSource')
  })

  it('does not change, but is bound once', () => {
    const here = world()
    here.create(claim())
    expect(here.update(claim({ volumeName: 'v', volumeMode: 'Filesystem' })).spec).toMatchObject({ volumeName: 'v' })
    expect(refusal(() => here.update(claim({ volumeName: 'w' })))).toBe(
      claimIs(`spec: Forbidden: spec is immutable after creation except resources.requests and volumeAttributesClassName for bound claims
@@ -9,7 +9,7 @@
    "storage": "1Gi"
   }
  },
- "VolumeName": "v",
+ "VolumeName": "w",
  "StorageClassName": null,
  "VolumeMode": "Filesystem",
  "DataSource": null,
`),
    )
  })

  it('that is bound may grow, and shrink to more than it has', () => {
    const here = world()
    const made = here.create(claim())
    const sized = (storage: string) => claim({ resources: { requests: { storage } } })
    expect(refusal(() => here.update(sized('2Gi')))).toMatch(/spec is immutable after creation/)
    here.updateThrough('status', { ...made, status: { phase: 'Bound', capacity: { storage: '1Gi' } } })
    expect(here.update(sized('4Gi')).spec).toMatchObject({ resources: { requests: { storage: '4Gi' } } })
    expect(here.update(sized('2Gi')).spec).toMatchObject({ resources: { requests: { storage: '2Gi' } } })
    expect(refusal(() => here.update(sized('1Gi')))).toBe(
      claimIs('spec.resources.requests.storage: Forbidden: field can not be less than status.capacity'),
    )
  })

  it('has a status in order', () => {
    const here = world()
    const made = here.create(claim())
    const status = { phase: 'Pending', allocatedResourceStatuses: { cpu: 'Odd' }, capacity: { storage: '-1' } }
    expect(refusal(() => here.updateThrough('status', { ...made, status }))).toBe(
      claimIs(
        '[status.capacity[storage]: Invalid value: -1: must be a valid resource quantity, status.allocatedResourceStatuses: Unsupported value: "cpu": supported values: "storage", status.allocatedResourceStatuses: Unsupported value: "cpu": supported values: "ControllerResizeInProgress", "ControllerResizeInfeasible", "NodeResizeInProgress", "NodeResizeInfeasible", "NodeResizePending"]',
      ),
    )
  })

  it('is shown with what it has once it is bound', () => {
    const here = world()
    const made = here.create(claim({ storageClassName: 'standard' }))
    expect(here.columns('PersistentVolumeClaim')).toEqual([
      'Name',
      'Status',
      'Volume',
      'Capacity',
      'Access Modes',
      'StorageClass',
      'VolumeAttributesClass',
      'Age',
      'VolumeMode*',
    ])
    expect(here.cells(made)).toEqual(['c', 'Pending', '', '', '', 'standard', '<unset>', '0s', 'Filesystem'])
    const bound = {
      ...made,
      spec: { ...(made.spec as object), volumeName: 'v' },
      status: { phase: 'Bound', accessModes: ['ReadOnlyMany', 'ReadWriteOnce'], capacity: { storage: '1Gi' } },
    }
    expect(here.cells(bound).slice(1, 5)).toEqual(['Bound', 'v', '1Gi', 'RWO,ROX'])
  })

  it('is accepted with warnings', () => {
    expect(world().warnings(claim({ resources: { requests: { storage: '1500m' } } }))).toEqual([
      'spec.resources.requests[storage]: fractional byte value "1500m" is invalid, must be an integer',
    ])
  })
})

describe('a volume', () => {
  it.each([
    [{ accessModes: [] }, 'spec.accessModes: Required value'],
    [
      { capacity: undefined },
      '[spec.capacity: Required value, spec.capacity: Unsupported value: null: supported values: "storage"]',
    ],
    [
      { capacity: { storage: '-1' } },
      '[spec.capacity[storage]: Invalid value: -1: must be a valid resource quantity, spec.capacity[storage]: Invalid value: "-1": must be greater than zero]',
    ],
    [{ hostPath: undefined }, 'spec: Required value: must specify a volume type'],
    [{ nfs: { server: 's', path: '/p' } }, 'spec.nfs: Forbidden: may not specify more than 1 volume type'],
    [
      { hostPath: undefined, nfs: { server: '', path: 'p' } },
      '[spec.nfs.server: Required value, spec.nfs.path: Invalid value: "p": must be an absolute path]',
    ],
    [
      { hostPath: undefined, local: { path: '/a/../b' } },
      '[spec.local.path: Invalid value: "/a/../b": must not contain \'..\', spec.nodeAffinity: Required value: Local volume requires node affinity]',
    ],
    [
      { hostPath: { path: '/' }, persistentVolumeReclaimPolicy: 'Recycle' },
      "spec.persistentVolumeReclaimPolicy: Forbidden: may not be 'recycle' for a hostPath mount of '/'",
    ],
    [
      { persistentVolumeReclaimPolicy: 'Keep' },
      'spec.persistentVolumeReclaimPolicy: Unsupported value: "Keep": supported values: "Delete", "Recycle", "Retain"',
    ],
    [{ nodeAffinity: {} }, 'spec.nodeAffinity.required: Required value: must specify required node constraints'],
    [
      { hostPath: undefined, csi: { driver: '', volumeHandle: '' } },
      /spec.csi.driver: Required value.*spec.csi.volumeHandle: Required value/,
    ],
  ])('%j is refused', (spec, message) => {
    const said = refusal(() => world().create(volume(spec)))
    if (typeof message === 'string') expect(said).toBe(volumeIs(message))
    else expect(said).toMatch(message)
  })

  it('is filled in, and dated', () => {
    expect(world().create(volume())).toMatchObject({
      spec: {
        persistentVolumeReclaimPolicy: 'Retain',
        volumeMode: 'Filesystem',
        hostPath: { path: '/data', type: '' },
      },
      status: { phase: 'Pending', lastPhaseTransitionTime: '2026-01-01T00:00:00Z' },
    })
  })

  it('stays what it is', () => {
    const here = world()
    here.create(volume())
    expect(refusal(() => here.update(volume({ hostPath: { path: '/other' } })))).toBe(
      volumeIs(`spec.persistentvolumesource: Forbidden: spec.persistentvolumesource is immutable after creation
@@ -2,7 +2,7 @@
  "GCEPersistentDisk": null,
  "AWSElasticBlockStore": null,
  "HostPath": {
-  "Path": "/data",
+  "Path": "/other",
   "Type": ""
  },
  "Glusterfs": null,
`),
    )
    expect(refusal(() => here.update(volume({ volumeMode: 'Block' })))).toBe(
      volumeIs('volumeMode: Invalid value: "Block": field is immutable'),
    )
  })

  it('may only move from old labels of nodes to new ones', () => {
    const here = world()
    const on = (key: string, values: readonly string[]) =>
      volume({
        nodeAffinity: { required: { nodeSelectorTerms: [{ matchExpressions: [{ key, operator: 'In', values }] }] } },
      })
    here.create(on('beta.kubernetes.io/os', ['linux']))
    here.update(on('kubernetes.io/os', ['linux']))
    expect(refusal(() => here.update(on('kubernetes.io/os', ['windows'])))).toBe(
      volumeIs(
        'nodeAffinity: Invalid value: {"Required":{"NodeSelectorTerms":[{"MatchExpressions":[{"Key":"kubernetes.io/os","Operator":"In","Values":["windows"]}],"MatchFields":null}]}}: field is immutable, except for updating from beta label to GA',
      ),
    )
    expect(here.warnings(on('beta.kubernetes.io/os', ['linux']))).toEqual([
      'spec.nodeAffinity.required.nodeSelectorTerms[0].matchExpressions[0].key: beta.kubernetes.io/os is deprecated since v1.14; use "kubernetes.io/os" instead',
    ])
  })

  it('has its changes of phase dated', () => {
    const here = world()
    const made = here.create(volume())
    here.clock.stepNow(5000)
    const mutated = volumePhases.mutate?.(
      {
        operation: 'UPDATE',
        resource: { group: '', resource: 'persistentvolumes' },
        kind: { group: '', version: 'v1', kind: 'PersistentVolume' },
        subresource: 'status',
        namespace: '',
        name: 'v',
        object: { ...made, status: { phase: 'Available' } },
        oldObject: made,
        options: {},
        user: { username: 'u', groups: [] },
        dryRun: false,
        warn() {},
      },
      here.backend,
    )
    expect(mutated?.status).toEqual({ phase: 'Available', lastPhaseTransitionTime: '2026-01-01T00:00:05Z' })
    expect(here.updateThrough('status', { ...made, status: { phase: 'Pending' } }).status).toEqual(made.status)
  })

  it('is shown as kubectl shows it', () => {
    const here = world()
    expect(here.columns('PersistentVolume')).toEqual([
      'Name',
      'Capacity',
      'Access Modes',
      'Reclaim Policy',
      'Status',
      'Claim',
      'StorageClass',
      'VolumeAttributesClass',
      'Reason',
      'Age',
      'VolumeMode*',
    ])
    const made = here.create(volume({ claimRef: { namespace: 'default', name: 'c' }, storageClassName: 'standard' }))
    expect(here.cells(made)).toEqual([
      'v',
      '1Gi',
      'RWO',
      'Retain',
      'Pending',
      'default/c',
      'standard',
      '<unset>',
      '',
      '0s',
      'Filesystem',
    ])
  })
})
