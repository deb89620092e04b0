import { describe, expect, it } from 'vitest'
import { fieldElement } from '../../apply/path-element.ts'
import type { NewObject } from '../../objects/types.ts'
import { SchemaLookup } from '../../schema/lookup.ts'
import { resources } from './index.ts'
import { nodes } from './node.ts'
import { refusal, World } from './world.testing.ts'

const world = () => new World([nodes])
const node = (fields: Record<string, unknown> = {}, labels: Record<string, string> = {}): NewObject => ({
  apiVersion: 'v1',
  kind: 'Node',
  metadata: { name: 'n1', labels },
  spec: {},
  status: {},
  ...fields,
})
const taint = { key: 'a', value: 'b', effect: 'NoSchedule' }

describe('a node', () => {
  it.each([
    [
      { spec: { taints: [taint, taint] } },
      'metadata.taints[1]: Duplicate value: {"Key":"a","Value":"b","Effect":"NoSchedule","TimeAdded":null}: taints must be unique by key and effect pair',
    ],
    [
      {
        spec: {
          taints: [
            { key: 'a', effect: 'Never' },
            { key: 'b', effect: '' },
          ],
        },
      },
      '[metadata.taints[0].effect: Unsupported value: "Never": supported values: "NoSchedule", "PreferNoSchedule", "NoExecute", metadata.taints[1].effect: Required value]',
    ],
    [
      { status: { capacity: { pods: '1500m' } } },
      '[status.capacity.pods: Invalid value: "1500m": must be an integer, status.allocatable.pods: Invalid value: "1500m": must be an integer]',
    ],
    [
      { spec: { podCIDRs: ['10.0.0.0/24', '10.0.1.0/24'] } },
      'spec.podCIDRs: Invalid value: ["10.0.0.0/24","10.0.1.0/24"]: may specify no more than one CIDR for each IP family',
    ],
  ])('%j is refused', (fields, message) => {
    expect(refusal(() => world().create(node(fields)))).toBe(`Node "n1" is invalid: ${message}`)
  })

  it('may come with a status, and leaves it to its own door afterwards', () => {
    const here = world()
    const made = here.create(node({ spec: { podCIDR: '10.0.0.0/24' }, status: { capacity: { cpu: '2' } } }))
    expect(made).toMatchObject({
      spec: { podCIDR: '10.0.0.0/24', podCIDRs: ['10.0.0.0/24'] },
      status: { capacity: { cpu: '2' }, allocatable: { cpu: '2' } },
    })
    expect(here.update({ ...made, spec: { unschedulable: true, podCIDR: '10.0.0.0/24' }, status: {} })).toMatchObject({
      spec: { unschedulable: true },
      status: made.status as object,
    })
    const address = { type: 'InternalIP', address: '10.0.0.1' }
    expect(refusal(() => here.updateThrough('status', node({ status: { addresses: [address, address] } })))).toBe(
      'Node "n1" is invalid: status.addresses[1]: Duplicate value: {"Type":"InternalIP","Address":"10.0.0.1"}',
    )
    expect(here.definition('Node').resetFields?.v1?.has([fieldElement('status')])).toBe(true)
  })

  it('keeps its network and its provider', () => {
    const here = world()
    here.create(node({ spec: { podCIDR: '10.0.0.0/24', providerID: 'kind://a' } }))
    expect(refusal(() => here.update(node({ spec: { podCIDR: '10.0.1.0/24', providerID: 'kind://b' } })))).toBe(
      'Node "n1" is invalid: [spec.podCIDRs: Forbidden: node updates may not change podCIDR except from "" to valid, spec.providerID: Forbidden: node updates may not change providerID except from "" to valid]',
    )
  })

  it('is shown with its roles, its version and where it can be reached', () => {
    const here = world()
    expect(here.columns('Node')).toEqual([
      'Name',
      'Status',
      'Roles',
      'Age',
      'Version',
      'Internal-IP*',
      'External-IP*',
      'OS-Image*',
      'Kernel-Version*',
      'Container-Runtime*',
    ])
    expect(here.cells(here.create(node()))).toEqual([
      'n1',
      'Unknown',
      '<none>',
      '0s',
      '',
      '<none>',
      '<none>',
      '<unknown>',
      '<unknown>',
      '<unknown>',
    ])
    const full = node({
      metadata: {
        name: 'n2',
        labels: { 'node-role.kubernetes.io/worker': '', 'node-role.kubernetes.io/control-plane': '' },
      },
      spec: { unschedulable: true },
      status: {
        conditions: [{ type: 'Ready', status: 'True' }],
        addresses: [{ type: 'InternalIP', address: '172.18.0.2' }],
        nodeInfo: {
          kubeletVersion: 'v1.34.4',
          osImage: 'Debian',
          kernelVersion: '6.1',
          containerRuntimeVersion: 'containerd://2',
        },
      },
    })
    expect(here.cells(here.create(full))).toEqual([
      'n2',
      'Ready,SchedulingDisabled',
      'control-plane,worker',
      '0s',
      'v1.34.4',
      '172.18.0.2',
      '<none>',
      'Debian',
      '6.1',
      'containerd://2',
    ])
  })
})

it('every kind of the group has a schema', () => {
  const all = resources(new SchemaLookup())
  expect(all).toHaveLength(11)
  for (const { versions } of all) for (const { schema } of versions) expect(schema.type).toBe('object')
})
