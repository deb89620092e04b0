import { describe, expect, it } from 'vitest'
import type { NewObject } from '../../objects/types.ts'
import { refusal, World } from '../core/world.testing.ts'
import { endpointSlices } from './endpoint-slice.ts'

const world = () => new World([endpointSlices])
const slice = (fields: Record<string, unknown>): NewObject => ({
  apiVersion: 'discovery.k8s.io/v1',
  kind: 'EndpointSlice',
  metadata: { name: 's', namespace: 'default' },
  addressType: 'IPv4',
  endpoints: [{ addresses: ['10.0.0.1'], conditions: {} }],
  ports: [{ port: 80 }],
  ...fields,
})

describe('a slice of endpoints', () => {
  it.each([
    [{ addressType: 'Other' }, 'addressType: Unsupported value: "Other": supported values: "FQDN", "IPv4", "IPv6"'],
    [{ addressType: '' }, 'addressType: Required value'],
    [{ endpoints: [{}] }, 'endpoints[0].addresses: Required value: must contain at least 1 address'],
    [
      { endpoints: [{ addresses: ['fd00::1'] }] },
      'endpoints[0].addresses: Invalid value: "fd00::1": must be an IPv4 address',
    ],
    [
      { addressType: 'IPv6', endpoints: [{ addresses: ['FD00::1'] }] },
      'endpoints[0].addresses[0]: Invalid value: "FD00::1": must be in canonical form ("fd00::1")',
    ],
    [
      { addressType: 'FQDN', endpoints: [{ addresses: ['com'] }] },
      'endpoints[0].addresses[0]: Invalid value: "com": should be a domain with at least two segments separated by dots',
    ],
    [
      { endpoints: [{ addresses: ['127.0.0.1'] }] },
      'endpoints[0].addresses[0]: Invalid value: "127.0.0.1": may not be in the loopback range (127.0.0.0/8, ::1/128)',
    ],
    [{ ports: [{ port: 1 }, { port: 2 }] }, 'ports[1].name: Duplicate value: ""'],
    [
      { endpoints: Array.from({ length: 1001 }, () => ({ addresses: ['10.0.0.1'] })) },
      'endpoints: Too many: 1001: must have at most 1000 items',
    ],
    [
      { endpoints: [{ addresses: ['10.0.0.1'], hints: { forZones: [{ name: 'a' }, { name: 'a' }] } }] },
      'endpoints[0].hints.forZones[1].name: Duplicate value: "a"',
    ],
    [
      { ports: [{ protocol: 'ICMP' }] },
      'ports[0].protocol: Unsupported value: "ICMP": supported values: "SCTP", "TCP", "UDP"',
    ],
  ])('%j is refused', (fields, message) => {
    expect(refusal(() => world().create(slice(fields)))).toBe(
      `EndpointSlice.discovery.k8s.io "s" is invalid: ${message}`,
    )
  })

  it('is filled in, counts its changes, and keeps its kind of addresses', () => {
    const here = world()
    const created = here.create(slice({ endpoints: [{ addresses: ['10.0.0.1'], deprecatedTopology: { a: 'b' } }] }))
    expect(created).toMatchObject({ ports: [{ port: 80, name: '', protocol: 'TCP' }], metadata: { generation: 1 } })
    expect(created.endpoints).toEqual([{ addresses: ['10.0.0.1'] }])
    expect(
      here.update({ ...created, metadata: { ...created.metadata, annotations: { a: 'b' } } }).metadata.generation,
    ).toBe(1)
    expect(here.update(slice({ endpoints: [] })).metadata.generation).toBe(2)
    expect(refusal(() => here.update(slice({ addressType: 'IPv6', endpoints: [] })))).toBe(
      'EndpointSlice.discovery.k8s.io "s" is invalid: addressType: Invalid value: "IPv6": field is immutable',
    )
  })

  it('is shown as kubectl shows it', () => {
    const here = world()
    const many = Array.from({ length: 5 }, (_, index) => `10.0.0.${index + 1}`)
    const ports = [{ port: 80, name: 'a' }, { name: 'b' }, { name: '' }]
    expect(here.columns('EndpointSlice')).toEqual(['Name', 'AddressType', 'Ports', 'Endpoints', 'Age'])
    expect(here.cells(here.create(slice({ ports, endpoints: [{ addresses: many }] })))).toEqual([
      's',
      'IPv4',
      '80,b,',
      '10.0.0.1,10.0.0.2,10.0.0.3 + 2 more...',
      '0s',
    ])
    const bare = { ...slice({ ports: null, endpoints: null }), metadata: { name: 't', namespace: 'default' } }
    expect(here.cells(here.create(bare)).slice(2, 4)).toEqual(['<unset>', '<unset>'])
  })

  it('is accepted with warnings where its addresses are odd', () => {
    expect(world().warnings(slice({ addressType: 'FQDN', endpoints: [] }))).toEqual([
      'spec.addressType: FQDN endpoints are deprecated',
    ])
  })
})
