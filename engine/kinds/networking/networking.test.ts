import { describe, expect, it } from 'vitest'
import { KindsUnderTest } from '../kind.testing.ts'
import { resources } from './index.ts'

const kinds = new KindsUnderTest(resources)
const backend = { service: { name: 'web', port: { number: 80 } } }
const path = { path: '/', pathType: 'Prefix', backend }
const ingress = (spec: object, metadata: object = {}, status: object = { loadBalancer: {} }) =>
  kinds.make('ingresses', { spec, status }, metadata)
const withPath = (fields: object) => ingress({ rules: [{ http: { paths: [{ ...path, ...fields }] } }] })
const policy = (spec: object) => kinds.make('networkpolicies', { spec: { podSelector: {}, ...spec } })

describe('ingresses', () => {
  it.each([
    [ingress({ defaultBackend: backend }), ''],
    [ingress({}), 'spec: Invalid value: null: either `defaultBackend` or `rules` must be specified'],
    [
      ingress({ defaultBackend: { service: { name: 'web', port: {} } } }),
      'spec.defaultBackend: Required value: port name or number is required',
    ],
    [
      ingress({ defaultBackend: {} }),
      'spec.defaultBackend: Invalid value: "": resource or service backend is required',
    ],
    [ingress({ rules: [{ http: { paths: [] } }] }), 'spec.rules[0].http.paths: Required value'],
    [
      ingress({ rules: [{ host: '1.2.3.4' }] }),
      'spec.rules[0].host: Invalid value: "1.2.3.4": must be a DNS name, not an IP address',
    ],
    [withPath({ pathType: null }), 'spec.rules[0].http.paths[0].pathType: Required value: pathType must be specified'],
    [
      withPath({ pathType: 'Glob' }),
      'spec.rules[0].http.paths[0].pathType: Unsupported value: "Glob": supported values: "Exact", "ImplementationSpecific", "Prefix"',
    ],
    [
      withPath({ path: 'a//b/..' }),
      `[spec.rules[0].http.paths[0].path: Invalid value: "a//b/..": must be an absolute path, spec.rules[0].http.paths[0].path: Invalid value: "a//b/..": must not contain '//', spec.rules[0].http.paths[0].path: Invalid value: "a//b/..": cannot end with '/..']`,
    ],
    [
      ingress({ defaultBackend: { resource: { kind: '', name: 'a/b' } } }),
      `[spec.defaultBackend.resource.kind: Required value, spec.defaultBackend.resource.name: Invalid value: "a/b": may not contain '/']`,
    ],
    [
      ingress(
        { defaultBackend: backend, ingressClassName: 'b' },
        { annotations: { 'kubernetes.io/ingress.class': 'a' } },
      ),
      'annotations.kubernetes.io/ingress.class: Invalid value: "a": must match `ingressClassName` when both are specified',
    ],
  ])('case %#', (object, message) => {
    expect(kinds.createError('ingresses', object)).toBe(message)
  })

  it('warns of the old annotation, on creation only', () => {
    const object = ingress({ defaultBackend: backend }, { annotations: { 'kubernetes.io/ingress.class': 'a' } })
    const { warnings } = kinds.of('ingresses')
    expect(warnings?.(object, undefined)).toEqual([
      `annotation "kubernetes.io/ingress.class" is deprecated, please use 'spec.ingressClassName' instead`,
    ])
    expect(warnings?.(object, object)).toEqual([])
  })

  it('shows hosts, addresses and ports', () => {
    const hosts = (...names: string[]) => ({ rules: names.map((host) => ({ host })) })
    const points = { loadBalancer: { ingress: [{ ip: '10.0.0.2' }, { hostname: 'lb' }, { ip: '10.0.0.1' }] } }
    expect(kinds.cells('ingresses', ingress({ ...hosts('a', 'b', 'c', 'd', 'e'), tls: [{}] }, {}, points))).toEqual([
      'it',
      '<none>',
      'a,b,c + 2 more...',
      '10.0.0.1,10.0.0.2,lb',
      '80, 443',
      '90s',
    ])
    expect(kinds.cells('ingresses', ingress({ ...hosts(''), ingressClassName: 'nginx' }))).toEqual([
      'it',
      'nginx',
      '*',
      '',
      '80',
      '90s',
    ])
  })

  it('counts changes of what is wished, and keeps the status to its own door', () => {
    const { strategy, subresources } = kinds.of('ingresses')
    const old = ingress({ defaultBackend: backend })
    const changed = ingress({ defaultBackend: backend, ingressClassName: 'x' }, {}, { loadBalancer: { ingress: [] } })
    expect(strategy.changesGeneration?.(changed, old)).toBe(true)
    expect(strategy.prepareForUpdate?.(changed, old).status).toBe(old.status)
    expect(subresources?.status?.strategy.prepareForUpdate?.(changed, old).spec).toBe(old.spec)
    const wrong = ingress({}, {}, { loadBalancer: { ingress: [{ ip: 'x' }, { hostname: '1.2.3.4' }] } })
    expect(kinds.updateError('ingresses', wrong, old, 'status')).toBe(
      '[status.loadBalancer.ingress[0].ip: Invalid value: "x": must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff), status.loadBalancer.ingress[1].hostname: Invalid value: "1.2.3.4": must be a DNS name, not an IP address]',
    )
  })
})

describe('ingress classes', () => {
  const make = (spec: object) => kinds.make('ingressclasses', { spec })
  it.each([
    [make({ controller: 'k8s.io/nginx' }), ''],
    [make({}), 'spec.controller: Required value'],
    [
      make({ controller: 'nginx' }),
      'spec.controller: Invalid value: "nginx": must be a domain-prefixed path (such as "acme.io/foo")',
    ],
    [
      make({ controller: 'a/b', parameters: { kind: 'P', name: 'p', scope: 'Namespace' } }),
      "spec.parameters.namespace: Required value: `parameters.scope` is set to 'Namespace'",
    ],
    [
      make({ controller: 'a/b', parameters: { kind: 'P', name: 'p', namespace: 'x' } }),
      "spec.parameters.namespace: Forbidden: `parameters.scope` is set to 'Cluster'",
    ],
  ])('case %#', (object, message) => {
    expect(kinds.createError('ingressclasses', object)).toBe(message)
  })

  it('keeps its controller', () => {
    expect(kinds.updateError('ingressclasses', make({ controller: 'a/c' }), make({ controller: 'a/b' }))).toBe(
      'spec.controller: Invalid value: "a/c": field is immutable',
    )
    const parameters = { apiGroup: 'x.io', kind: 'P', name: 'p' }
    expect(kinds.cells('ingressclasses', make({ controller: 'a/b', parameters }))).toEqual([
      'it',
      'a/b',
      'P.x.io/p',
      '90s',
    ])
  })
})

describe('network policies', () => {
  it('says what it does not say', () => {
    const made = policy({ egress: [{ ports: [{ port: 53 }] }] })
    expect(made.spec).toEqual({
      podSelector: {},
      egress: [{ ports: [{ port: 53, protocol: 'TCP' }] }],
      policyTypes: ['Ingress', 'Egress'],
    })
    expect(kinds.cells('networkpolicies', policy({ podSelector: { matchLabels: { a: 'b' } } }))).toEqual([
      'it',
      'a=b',
      '90s',
    ])
    expect(kinds.cells('networkpolicies', policy({}))[1]).toBe('<none>')
  })

  it.each([
    [{ ingress: [{ from: [{}] }] }, 'spec.ingress[0].from[0]: Required value: must specify a peer'],
    [
      { ingress: [{ from: [{ podSelector: {}, ipBlock: { cidr: '10.0.0.0/8' } }] }] },
      'spec.ingress[0].from[0]: Forbidden: may not specify both ipBlock and another peer',
    ],
    [
      { egress: [{ to: [{ ipBlock: { cidr: '10.0.0.0/8', except: ['11.0.0.0/16', 'x'] } }] }] },
      '[spec.egress[0].to[0].ipBlock.except[0]: Invalid value: "11.0.0.0/16": must be a strict subset of `cidr`, spec.egress[0].to[0].ipBlock.except[1]: Invalid value: "x": must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)]',
    ],
    [
      { egress: [{ ports: [{ protocol: 'ICMP', port: 80, endPort: 79 }] }] },
      '[spec.egress[0].ports[0].protocol: Unsupported value: "ICMP": supported values: "TCP", "UDP", "SCTP", spec.egress[0].ports[0].endPort: Invalid value: 80: must be greater than or equal to `port`]',
    ],
    [
      { policyTypes: ['Both'] },
      'spec.policyTypes[0]: Unsupported value: "Both": supported values: "Ingress", "Egress"',
    ],
  ])('%j', (spec, message) => {
    expect(kinds.createError('networkpolicies', policy(spec))).toBe(message)
  })

  it('warns of networks with bits beyond their prefix', () => {
    const made = policy({ ingress: [{ from: [{ ipBlock: { cidr: '10.0.0.1/8' } }] }] })
    expect(kinds.of('networkpolicies').warnings?.(made, undefined)).toEqual([
      'spec.ingress[0].from[0].ipBlock.cidr: CIDR value "10.0.0.1/8" is ambiguous in this context (should be "10.0.0.0/8" or "10.0.0.1/32"?)',
    ])
  })
})

describe('addresses', () => {
  it('are named by what they are', () => {
    const parentRef = { group: '', resource: 'services', namespace: 'default', name: 'kubernetes' }
    const make = (name: string, spec: object) => kinds.make('ipaddresses', { spec }, { name })
    expect(kinds.createError('ipaddresses', make('10.96.0.1', { parentRef }))).toBe('')
    expect(kinds.createError('ipaddresses', make('10.096.0.1', {}))).toBe(
      '[metadata.name: Invalid value: "10.096.0.1": must not have leading 0s, spec.parentRef: Required value]',
    )
    expect(kinds.cells('ipaddresses', make('10.96.0.1', { parentRef })).slice(0, 2)).toEqual([
      '10.96.0.1',
      'services/default/kubernetes',
    ])
  })

  it('come from networks of which one may be added', () => {
    const make = (...cidrs: string[]) => kinds.make('servicecidrs', { spec: { cidrs } })
    expect(kinds.createError('servicecidrs', make())).toBe('spec.cidrs: Required value: at least one CIDR required')
    expect(kinds.createError('servicecidrs', make('10.0.0.0/8', '11.0.0.0/8'))).toBe(
      'spec.cidrs: Invalid value: ["10.0.0.0/8","11.0.0.0/8"]: may specify no more than one IP for each IP family, i.e 192.168.0.0/24 and 2001:db8::/64',
    )
    expect(kinds.updateError('servicecidrs', make('10.0.0.0/8', 'fd00::/64'), make('10.0.0.0/8'))).toBe('')
    expect(kinds.updateError('servicecidrs', make('11.0.0.0/8'), make('10.0.0.0/8'))).toBe(
      'spec.cidrs[0]: Invalid value: "11.0.0.0/8": field is immutable',
    )
  })
})
