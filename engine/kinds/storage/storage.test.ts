import { describe, expect, it } from 'vitest'
import { KindsUnderTest } from '../kind.testing.ts'
import { resources } from './index.ts'

const kinds = new KindsUnderTest(resources)

describe('storage classes', () => {
  const make = (fields: object, metadata: object = {}) =>
    kinds.make('storageclasses', { provisioner: 'x.io/y', ...fields }, metadata)
  it.each([
    [{}, ''],
    [{ provisioner: '' }, 'provisioner: Required value'],
    [
      { reclaimPolicy: 'Recycle', volumeBindingMode: 'Late' },
      '[reclaimPolicy: Unsupported value: "Recycle": supported values: "Delete", "Retain", volumeBindingMode: Unsupported value: "Late": supported values: "Immediate", "WaitForFirstConsumer"]',
    ],
    [{ parameters: { '': 'x' } }, 'parameters: Invalid value: "": field can not be empty.'],
    [
      { allowedTopologies: [{ matchLabelExpressions: [{ key: 'zone', values: ['a', 'a'] }] }] },
      'allowedTopologies[0].matchLabelExpressions[0].values[1]: Duplicate value: "a"',
    ],
  ])('%j', (fields, message) => {
    expect(kinds.createError('storageclasses', make(fields))).toBe(message)
  })

  it('stay what they are', () => {
    const changed = make({
      parameters: { a: 'b' },
      provisioner: 'z',
      reclaimPolicy: 'Retain',
      volumeBindingMode: 'WaitForFirstConsumer',
    })
    expect(kinds.updateError('storageclasses', changed, make({}))).toBe(
      '[parameters: Forbidden: updates to parameters are forbidden., provisioner: Forbidden: updates to provisioner are forbidden., reclaimPolicy: Forbidden: updates to reclaimPolicy are forbidden., volumeBindingMode: Invalid value: "WaitForFirstConsumer": field is immutable]',
    )
    const annotations = { 'storageclass.kubernetes.io/is-default-class': 'true' }
    expect(kinds.cells('storageclasses', make({}, { annotations }))).toEqual([
      'it (default)',
      'x.io/y',
      'Delete',
      'Immediate',
      false,
      '90s',
    ])
  })

  it('warn of old labels', () => {
    const made = make({
      allowedTopologies: [{ matchLabelExpressions: [{ key: 'beta.kubernetes.io/os', values: ['linux'] }] }],
    })
    expect(kinds.of('storageclasses').warnings?.(made, undefined)).toEqual([
      'allowedTopologies[0].matchLabelExpressions[0].key: deprecated since v1.14; use "kubernetes.io/os" instead',
    ])
  })
})

describe('the others', () => {
  it('say what is wrong with them', () => {
    expect(
      kinds.createError('volumeattributesclasses', kinds.make('volumeattributesclasses', { driverName: 'd' })),
    ).toBe('parameters: Required value: must contain at least one key/value pair')
    const attachment = (spec: object) =>
      kinds.make('volumeattachments', {
        spec: { attacher: 'd', nodeName: 'n', source: {}, ...spec },
        status: { attached: false },
      })
    expect(kinds.createError('volumeattachments', attachment({}))).toBe(
      'spec.source: Required value: must specify exactly one of inlineVolumeSpec and persistentVolumeName',
    )
    const bound = attachment({ source: { persistentVolumeName: 'pv' } })
    expect(kinds.createError('volumeattachments', bound)).toBe('')
    expect(kinds.updateError('volumeattachments', attachment({ source: { persistentVolumeName: 'x' } }), bound)).toBe(
      'spec: Invalid value: {"Attacher":"d","Source":{"PersistentVolumeName":"x","InlineVolumeSpec":null},"NodeName":"n"}: field is immutable',
    )
    const driver = { name: 'd', nodeID: 'n', topologyKeys: null }
    const node = (...drivers: object[]) => kinds.make('csinodes', { spec: { drivers } })
    expect(kinds.createError('csinodes', node(driver, { ...driver, nodeID: '' }))).toBe(
      '[spec.drivers[1].nodeID: Required value, spec.drivers[1].name: Duplicate value: "d"]',
    )
    expect(kinds.updateError('csinodes', node({ ...driver, nodeID: 'x' }), node(driver))).toBe(
      'spec.drivers: Invalid value: {"Name":"d","NodeID":"x","TopologyKeys":null,"Allocatable":null}: field is immutable',
    )
    const capacity = kinds.make('csistoragecapacities', { storageClassName: 'A', capacity: '-1' })
    expect(kinds.createError('csistoragecapacities', capacity)).toContain(
      'capacity: Invalid value: "-1": must be greater than or equal to 0',
    )
    const csi = (spec: object) => kinds.make('csidrivers', { spec })
    expect(kinds.createError('csidrivers', csi({ fsGroupPolicy: 'All', volumeLifecycleModes: ['Short'] }))).toBe(
      '[spec.fsGroupPolicy: Unsupported value: "All": supported values: "File", "None", "ReadWriteOnceWithFSType", spec.volumeLifecycleModes: Unsupported value: "Short": supported values: "Persistent", "Ephemeral"]',
    )
    expect(kinds.cells('csidrivers', csi({}))).toEqual([
      'it',
      true,
      false,
      false,
      '<unset>',
      false,
      'Persistent',
      '90s',
    ])
  })
})

describe('volumes within attachments', () => {
  const error = (inlineVolumeSpec: object) =>
    kinds.createError(
      'volumeattachments',
      kinds.make('volumeattachments', {
        spec: { attacher: 'd', nodeName: 'n', source: { inlineVolumeSpec } },
        status: { attached: false },
      }),
    )

  it('may say less than volumes of their own', () => {
    expect(error({ accessModes: ['ReadWriteOnce'], csi: { driver: 'x', volumeHandle: 'h' } })).toBe('')
    expect(
      error({
        capacity: { storage: '1Gi' },
        hostPath: { path: '/x' },
        persistentVolumeReclaimPolicy: 'Delete',
        storageClassName: 'x',
        volumeMode: 'Odd',
      }),
    ).toBe(
      '[spec.source.inlineVolumeSpec.capacity: Forbidden: may not be specified in the context of inline volumes, spec.source.inlineVolumeSpec.csi: Required value: has to be specified in the context of inline volumes, spec.source.inlineVolumeSpec.accessModes: Required value, spec.source.inlineVolumeSpec.persistentVolumeReclaimPolicy: Forbidden: may only be Retain in the context of inline volumes, spec.source.inlineVolumeSpec.storageClassName: Forbidden: may not be specified in the context of inline volumes, spec.source.inlineVolumeSpec.volumeMode: Forbidden: may not specify volumeMode other than Filesystem in the context of inline volumes]',
    )
  })
})
