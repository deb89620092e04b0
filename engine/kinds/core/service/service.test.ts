import { describe, expect, it } from 'vitest'
import { Random } from '../../../clock/random.ts'
import type { NewObject, ObjectMeta } from '../../../objects/types.ts'
import { refusal, World } from '../world.testing.ts'
import { ServiceAllocator } from './allocator.ts'
import { services } from './definition.ts'
import { type ServiceSpec, specOf } from './types.ts'

const world = () => new World([services], [new ServiceAllocator({ random: new Random(7) })])
const web = (spec: Record<string, unknown> = {}, metadata: Partial<ObjectMeta> = {}): NewObject => ({
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name: 'web', namespace: 'default', ...metadata },
  spec: { ports: [{ port: 80 }], selector: { app: 'web' }, ...spec },
  status: { loadBalancer: {} },
})
const created = (spec: Record<string, unknown>) => specOf(world().create(web(spec)))

describe('what is not said of a Service', () => {
  it('is that of a ClusterIP', () => {
    expect(created({})).toEqual({
      type: 'ClusterIP',
      sessionAffinity: 'None',
      internalTrafficPolicy: 'Cluster',
      ipFamilies: ['IPv4'],
      ipFamilyPolicy: 'SingleStack',
      selector: { app: 'web' },
      clusterIP: expect.stringMatching(/^10\.96\.\d+\.\d+$/),
      clusterIPs: [expect.stringMatching(/^10\.96\.\d+\.\d+$/)],
      ports: [{ port: 80, protocol: 'TCP', targetPort: 80 }],
    })
  })

  it('is a port of the nodes, shared by the protocols of a port', () => {
    const { ports = [], externalTrafficPolicy } = created({
      type: 'NodePort',
      ports: [
        { name: 'tcp', port: 53 },
        { name: 'udp', port: 53, protocol: 'UDP' },
        { name: 'web', port: 80, nodePort: 30_001 },
      ],
    })
    expect(ports.map(({ nodePort }) => nodePort)).toEqual([ports[1]?.nodePort, ports[0]?.nodePort, 30_001])
    expect(ports[0]?.nodePort).toBeGreaterThanOrEqual(30_086)
    expect(externalTrafficPolicy).toBe('Cluster')
  })

  it('is a health check port where a load balancer must know which nodes have Pods', () => {
    const spec = created({ type: 'LoadBalancer', externalTrafficPolicy: 'Local' })
    expect(spec.healthCheckNodePort).toBeGreaterThanOrEqual(30_000)
    expect(spec.allocateLoadBalancerNodePorts).toBe(true)
    expect(created({ type: 'LoadBalancer', allocateLoadBalancerNodePorts: false }).ports?.[0]?.nodePort).toBeUndefined()
  })

  it('is an hour times three for clients that stay', () => {
    expect(created({ sessionAffinity: 'ClientIP' }).sessionAffinityConfig).toEqual({
      clientIP: { timeoutSeconds: 10_800 },
    })
  })

  it.each([
    [
      'a headless one',
      { clusterIP: 'None' },
      { clusterIP: 'None', clusterIPs: ['None'], ipFamilies: ['IPv4'], ipFamilyPolicy: 'SingleStack' },
    ],
    [
      'a headless one that selects nothing',
      { clusterIP: 'None', selector: undefined },
      { clusterIPs: ['None'], ipFamilies: ['IPv4', 'IPv6'], ipFamilyPolicy: 'RequireDualStack' },
    ],
    [
      'a name outside',
      { type: 'ExternalName', externalName: 'example.com.', internalTrafficPolicy: 'Local' },
      { clusterIP: undefined, ipFamilies: undefined, internalTrafficPolicy: undefined },
    ],
    [
      'one that prefers two stacks',
      { ipFamilyPolicy: 'PreferDualStack' },
      { ipFamilies: ['IPv4'], ipFamilyPolicy: 'PreferDualStack' },
    ],
  ])('fits %s', (_, spec, expected) => {
    const nothing = { clusterIP: undefined, ipFamilies: undefined, internalTrafficPolicy: undefined }
    expect({ ...nothing, ...created(spec) }).toMatchObject(expected)
  })
})

describe('what is refused', () => {
  const label =
    "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')"
  const cases: [string, Record<string, unknown>, string][] = [
    ['no ports', { ports: [] }, 'spec.ports: Required value'],
    [
      'an unknown type',
      { type: 'Other' },
      'spec.type: Unsupported value: "Other": supported values: "ClusterIP", "ExternalName", "LoadBalancer", "NodePort"',
    ],
    [
      'a port beyond all ports',
      { ports: [{ port: 65_536, targetPort: 80 }] },
      'spec.ports[0].port: Invalid value: 65536: must be between 1 and 65535, inclusive',
    ],
    [
      'ports without names',
      { ports: [{ port: 80 }, { port: 81 }] },
      '[spec.ports[0].name: Required value, spec.ports[1].name: Required value]',
    ],
    ['a name that is none', { ports: [{ port: 80, name: 'A' }] }, `spec.ports[0].name: Invalid value: "A": ${label}`],
    [
      'a port twice',
      {
        ports: [
          { name: 'a', port: 80 },
          { name: 'b', port: 80, targetPort: 8080 },
        ],
      },
      'spec.ports[1]: Duplicate value: {"Name":"","Protocol":"TCP","AppProtocol":null,"Port":80,"TargetPort":0,"NodePort":0}',
    ],
    [
      'a port of the nodes where there is none',
      { ports: [{ port: 80, nodePort: 30_000 }] },
      "spec.ports[0].nodePort: Forbidden: may not be used when `type` is 'ClusterIP'",
    ],
    [
      'a port outside the range',
      { type: 'NodePort', ports: [{ port: 80, nodePort: 80 }] },
      'spec.ports[0].nodePort: Invalid value: 80: provided port is not in the valid range. The range of valid ports is 30000-32767',
    ],
    [
      'an address outside the network',
      { clusterIP: '1.2.3.4' },
      'spec.clusterIPs: Invalid value: ["1.2.3.4"]: failed to allocate IP 1.2.3.4: the provided network does not match the current range',
    ],
    [
      'no address',
      { clusterIP: 'x' },
      'spec.clusterIPs[0]: Invalid value: "x": must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)',
    ],
    [
      'an address of the other family',
      { clusterIP: 'fd00::1' },
      'spec.clusterIPs[0]: Invalid value: ["fd00::1"]: IPv6 is not configured on this cluster',
    ],
    [
      'the other family',
      { ipFamilies: ['IPv6'] },
      'spec.ipFamilies[0]: Invalid value: "IPv6": not configured on this cluster',
    ],
    [
      'two stacks',
      { ipFamilyPolicy: 'RequireDualStack' },
      'spec.ipFamilyPolicy: Invalid value: "RequireDualStack": this cluster is not configured for dual-stack services',
    ],
    [
      'a headless one on the nodes',
      { type: 'NodePort', clusterIP: 'None' },
      'spec.clusterIPs[0]: Invalid value: "None": may not be set to \'None\' for NodePort services',
    ],
    ['no name outside', { type: 'ExternalName' }, 'spec.externalName: Required value'],
    [
      'an address of a name outside',
      { type: 'ExternalName', externalName: 'a.b', clusterIP: '10.96.0.9' },
      'spec.clusterIPs: Forbidden: may not be set for ExternalName services',
    ],
    [
      'a policy of traffic that cannot come',
      { externalTrafficPolicy: 'Local' },
      'spec.externalTrafficPolicy: Invalid value: "Local": may only be set for externally-accessible services',
    ],
    [
      'a health check of what needs none',
      { type: 'NodePort', healthCheckNodePort: 30_000 },
      "spec.healthCheckNodePort: Invalid value: 30000: may only be set when `type` is 'LoadBalancer' and `externalTrafficPolicy` is 'Local'",
    ],
    [
      'an affinity of more than a day',
      { sessionAffinity: 'ClientIP', sessionAffinityConfig: { clientIP: { timeoutSeconds: 86_401 } } },
      'spec.sessionAffinityConfig.clientIP.timeoutSeconds: Invalid value: 86401: must be greater than 0 and less than 86400',
    ],
    [
      'a class of what is no load balancer',
      { loadBalancerClass: 'a/b' },
      "spec.loadBalancerClass: Forbidden: may only be used when `type` is 'LoadBalancer'",
    ],
    [
      'ranges of what is no load balancer',
      { loadBalancerSourceRanges: ['x'] },
      '[spec.LoadBalancerSourceRanges: Forbidden: may only be used when `type` is \'LoadBalancer\', spec.LoadBalancerSourceRanges[0]: Invalid value: "x": must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)]',
    ],
    [
      'an address from outside that is special',
      { externalIPs: ['127.0.0.1'] },
      'spec.externalIPs[0]: Invalid value: "127.0.0.1": may not be in the loopback range (127.0.0.0/8, ::1/128)',
    ],
    [
      'a distribution that is unknown',
      { trafficDistribution: 'x' },
      'spec.trafficDistribution: Unsupported value: "x": supported values: "PreferClose", "PreferSameZone", "PreferSameNode"',
    ],
  ]
  it.each(cases)('%s', (_, spec, message) => {
    expect(refusal(() => world().create(web(spec)))).toBe(`Service "web" is invalid: ${message}`)
  })

  it('a name that does not begin with a letter', () => {
    expect(refusal(() => world().create(web({}, { name: '1web' })))).toBe(
      "Service \"1web\" is invalid: metadata.name: Invalid value: \"1web\": a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic character, and end with an alphanumeric character (e.g. 'my-name',  or 'abc-123', regex used for validation is '[a-z]([-a-z0-9]*[a-z0-9])?')",
    )
  })

  it('what another Service has, until that is gone', () => {
    const here = world()
    here.create(web({ type: 'NodePort', clusterIP: '10.96.0.10', ports: [{ port: 80, nodePort: 30_000 }] }))
    const other = (spec: Record<string, unknown>) => refusal(() => here.create(web(spec, { name: 'other' })))
    expect(other({ clusterIP: '10.96.0.10' })).toBe(
      'Service "other" is invalid: spec.clusterIPs: Invalid value: ["10.96.0.10"]: failed to allocate IP 10.96.0.10: provided IP is already allocated',
    )
    expect(other({ type: 'NodePort', ports: [{ port: 80, nodePort: 30_000 }] })).toBe(
      'Service "other" is invalid: spec.ports[0].nodePort: Invalid value: 30000: provided port is already allocated',
    )
    expect(other({ type: 'LoadBalancer', externalTrafficPolicy: 'Local', healthCheckNodePort: 30_000 })).toBe(
      'Internal error occurred: failed to allocate requested HealthCheck NodePort 30000: provided port is already allocated',
    )
    here.delete('Service', 'web')
    expect(other({ clusterIP: '10.96.0.10' })).toMatchObject({ spec: { clusterIP: '10.96.0.10' } })
  })
})

describe('a change of a Service', () => {
  it('keeps what was allocated where a client leaves it out', () => {
    const here = world()
    const before = here.create(web({ type: 'NodePort' }))
    const after = here.update(web({ type: 'NodePort', ports: [{ port: 81 }] }))
    expect(specOf(after).clusterIP).toBe(specOf(before).clusterIP)
    expect(specOf(after).ports?.[0]?.nodePort).toBe(specOf(before).ports?.[0]?.nodePort)
  })

  it('never moves an address', () => {
    const here = world()
    here.create(web())
    expect(refusal(() => here.update(web({ clusterIP: '10.96.0.9' })))).toBe(
      'Service "web" is invalid: spec.clusterIPs[0]: Invalid value: ["10.96.0.9"]: may not change once set',
    )
    expect(refusal(() => here.update(web({ clusterIP: 'None' })))).toBe(
      'Service "web" is invalid: spec.clusterIPs[0]: Invalid value: ["None"]: may not change once set',
    )
  })

  it('to another type takes away what no longer applies, and gives what is needed', () => {
    const here = world()
    const first = here.create(web({ type: 'LoadBalancer', externalTrafficPolicy: 'Local' }))
    const back = here.update({ ...first, spec: { ...specOf(first), type: 'ClusterIP' } })
    expect(specOf(back)).toEqual({
      ...specOf(world().create(web())),
      clusterIP: specOf(first).clusterIP,
      clusterIPs: specOf(first).clusterIPs,
    })
    const outside = here.update({ ...back, spec: { ...specOf(back), type: 'ExternalName', externalName: 'a.b' } })
    expect(specOf(outside)).toMatchObject({ type: 'ExternalName' })
    expect(specOf(outside).clusterIP).toBeUndefined()
    const { externalName: _, ...rest } = specOf(outside)
    const again = here.update({ ...outside, spec: { ...rest, type: 'NodePort' } })
    expect(specOf(again).clusterIP).toMatch(/^10\.96\./)
    expect(specOf(again).ports?.[0]?.nodePort).toBeGreaterThan(30_000)
  })

  it('leaves the status to its own door, which asks for a load balancer', () => {
    const here = world()
    const status = { loadBalancer: { ingress: [{ ip: '10.0.0.1', ipMode: 'VIP' }] } }
    const one = here.create({ ...web(), status })
    expect(one.status).toEqual({ loadBalancer: {} })
    expect(refusal(() => here.updateThrough('status', { ...one, status }))).toBe(
      'Service "web" is invalid: status.loadBalancer.ingress: Forbidden: may only be used when `spec.type` is \'LoadBalancer\'',
    )
    const two = here.create(web({ type: 'LoadBalancer' }, { name: 'two' }))
    const given = here.updateThrough('status', { ...two, status, spec: {} })
    expect(given.status).toEqual(status)
    expect(given.spec).toEqual(two.spec)
    expect(here.cells(given)[3]).toBe('10.0.0.1')
  })

  it('of nothing writes nothing', () => {
    const here = world()
    const one = here.create(web({ type: 'LoadBalancer', externalTrafficPolicy: 'Local' }))
    expect(here.update(web({ type: 'LoadBalancer', externalTrafficPolicy: 'Local' })).metadata.resourceVersion).toBe(
      one.metadata.resourceVersion,
    )
  })
})

describe('a dry run', () => {
  it('is shown what upstream shows, and takes nothing', () => {
    const here = world()
    const dry = specOf(here.create(web({ type: 'NodePort' }), { dryRun: true }))
    expect(dry.clusterIP).toBe('10.96.0.0')
    expect(dry.ports?.[0]?.nodePort).toBe(32_769)
    expect(refusal(() => here.create(web({ clusterIP: '1.2.3.4' }), { dryRun: true }))).toBe(
      'Service "web" is invalid: spec.clusterIPs: Invalid value: ["1.2.3.4"]: failed to allocate IP 1.2.3.4: the provided IP (1.2.3.4) is not in the valid range. The range of valid IPs is 10.96.0.0/16',
    )
  })
})

describe('the pools', () => {
  it('never give the same twice, say when nothing is left, and repeat with their seed', () => {
    const small = () =>
      new World(
        [services],
        [new ServiceAllocator({ random: new Random(3), network: '10.0.0.0/28', nodePorts: { first: 1, last: 3 } })],
      )
    const fill = (): string[] => {
      const here = small()
      const ips: string[] = []
      for (let index = 0; index < 14; index++) {
        ips.push(specOf(here.create(web({}, { name: `s${index}` }))).clusterIP ?? '')
      }
      expect(refusal(() => here.create(web()))).toBe(
        'Internal error occurred: failed to allocate a serviceIP: range is full',
      )
      return ips
    }
    expect(new Set(fill()).size).toBe(14)
    expect(fill()).toEqual(fill())
  })
})

describe('the table', () => {
  const shown = (spec: ServiceSpec) => world().cells(world().create(web({ ...spec, clusterIP: '10.96.0.9' })))
  it('has kubectl’s columns', () => {
    expect(world().columns('Service')).toEqual([
      'Name',
      'Type',
      'Cluster-IP',
      'External-IP',
      'Port(s)',
      'Age',
      'Selector*',
    ])
  })
  it('shows ports of nodes, and what is waited for', () => {
    expect(shown({ type: 'LoadBalancer', ports: [{ port: 80, nodePort: 30_001 }] })).toEqual([
      'web',
      'LoadBalancer',
      '10.96.0.9',
      '<pending>',
      '80:30001/TCP',
      '0s',
      'app=web',
    ])
    expect(shown({ externalIPs: ['1.1.1.1', '2.2.2.2'] })[3]).toBe('1.1.1.1,2.2.2.2')
  })
})

it('warns of what is ignored', () => {
  const here = world()
  expect(
    here.warnings(
      web({
        clusterIP: 'None',
        loadBalancerIP: '1.1.1.1',
        externalIPs: ['01.1.1.1'],
        externalName: 'x',
        sessionAffinity: 'ClientIP',
      }),
    ),
  ).toEqual([
    'spec.loadBalancerIP is ignored for headless services',
    'spec.externalIPs is ignored for headless services',
    'spec.SessionAffinity is ignored for headless services',
    'spec.externalIPs[0]: non-standard IP address "01.1.1.1" will be considered invalid in a future Kubernetes release: use "1.1.1.1"',
    'spec.externalName is ignored when spec.type is not "ExternalName"',
  ])
})
