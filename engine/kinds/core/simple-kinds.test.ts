import { describe, expect, it } from 'vitest'
import type { NewObject } from '../../objects/types.ts'
import { configMaps } from './config-map.ts'
import { endpoints } from './endpoints.ts'
import { limitRanges } from './limit-range.ts'
import { namespaces } from './namespace.ts'
import { resourceQuotas } from './resource-quota.ts'
import { secrets } from './secret.ts'
import { serviceAccounts } from './service-account.ts'
import { refusal, World } from './world.testing.ts'

const world = () =>
  new World([namespaces, configMaps, secrets, serviceAccounts, endpoints, limitRanges, resourceQuotas])
const object = (kind: string, fields: Record<string, unknown>, metadata: Record<string, unknown> = {}): NewObject => ({
  apiVersion: 'v1',
  kind,
  metadata: { name: 'a', ...(kind === 'Namespace' ? {} : { namespace: 'default' }), ...metadata },
  ...fields,
})

const configKey =
  "a valid config key must consist of alphanumeric characters, '-', '_' or '.' (e.g. 'key.name',  or 'KEY_NAME',  or 'key-name', regex used for validation is '[-._a-zA-Z0-9]+')"

describe('a new object', () => {
  const refused: [string, Record<string, unknown>, string][] = [
    ['ConfigMap', { data: { 'a b': '' } }, `data[a b]: Invalid value: "a b": ${configKey}`],
    [
      'ConfigMap',
      { data: { a: '' }, binaryData: { a: 'QQ==' } },
      'data[a]: Invalid value: "a": duplicate of key present in binaryData',
    ],
    ['ConfigMap', { data: { a: 'x'.repeat(1_048_577) } }, '[]: Too long: may not be more than 1048576 bytes'],
    ['Secret', { data: { '..': '' } }, `data[..]: Invalid value: "..": must not be '..'`],
    ['Secret', { stringData: { a: 'x'.repeat(1_048_577) } }, 'data: Too long: may not be more than 1048576 bytes'],
    ['Secret', { type: 'kubernetes.io/tls' }, '[data[tls.crt]: Required value, data[tls.key]: Required value]'],
    [
      'Secret',
      { type: 'kubernetes.io/basic-auth', data: {} },
      '[data[username]: Required value, data[password]: Required value]',
    ],
    ['Secret', { type: 'kubernetes.io/ssh-auth' }, 'data[ssh-privatekey]: Required value'],
    ['Secret', { type: 'kubernetes.io/dockercfg' }, 'data[.dockercfg]: Required value'],
    [
      'Secret',
      { type: 'kubernetes.io/dockerconfigjson', stringData: { '.dockerconfigjson': '{' } },
      'data[.dockerconfigjson]: Invalid value: "<secret contents redacted>": unexpected end of JSON input',
    ],
    [
      'Secret',
      { type: 'kubernetes.io/dockerconfigjson', stringData: { '.dockerconfigjson': '[]' } },
      'data[.dockerconfigjson]: Invalid value: "<secret contents redacted>": json: cannot unmarshal array into Go value of type map[string]interface {}',
    ],
    [
      'Secret',
      { type: 'kubernetes.io/service-account-token' },
      'metadata.annotations[kubernetes.io/service-account.name]: Required value',
    ],
    [
      'Namespace',
      { spec: { finalizers: ['mine'] } },
      'spec.finalizers: Invalid value: "mine": name is neither a standard finalizer name nor is it fully qualified',
    ],
    [
      'Endpoints',
      { subsets: [{ ports: [{ port: 0 }, { port: 1, name: 'b' }] }] },
      '[subsets[0]: Required value: must specify `addresses` or `notReadyAddresses`, subsets[0].ports[0].name: Required value, subsets[0].ports[0].port: Invalid value: 0: must be between 1 and 65535, inclusive]',
    ],
    [
      'Endpoints',
      { subsets: [{ addresses: [{ ip: '169.254.0.1' }, { ip: 'x' }] }] },
      '[subsets[0].addresses[0].ip: Invalid value: "169.254.0.1": may not be in the link-local range (169.254.0.0/16, fe80::/10), subsets[0].addresses[1].ip: Invalid value: "x": must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff), subsets[0].addresses[1].ip: Invalid value: "x": must be a valid IP address]',
    ],
    [
      'LimitRange',
      { spec: { limits: [{ type: 'Pod', default: { cpu: '1' } }] } },
      "spec.limits[0].default: Forbidden: may not be specified when `type` is 'Pod'",
    ],
    [
      'LimitRange',
      { spec: { limits: [{ type: 'Container', min: { cpu: '2' }, max: { cpu: '1' } }] } },
      '[spec.limits[0].min[cpu]: Invalid value: "2": min value 2 is greater than max value 1, spec.limits[0].defaultRequest[cpu]: Invalid value: "1": min value 2 is greater than default request value 1, spec.limits[0].default[cpu]: Invalid value: "2": min value 2 is greater than default value 1]',
    ],
    [
      'LimitRange',
      { spec: { limits: [{ type: 'Other' }] } },
      'spec.limits[0].type: Invalid value: "Other": must be a standard limit type or fully qualified',
    ],
    [
      'LimitRange',
      { spec: { limits: [{ type: 'PersistentVolumeClaim' }] } },
      'spec.limits[0].limits: Required value: either minimum or maximum storage value is required, but neither was provided',
    ],
    [
      'LimitRange',
      { spec: { limits: [{ type: 'Pod', min: { cpu: '1' }, max: { cpu: '2' }, maxLimitRequestRatio: { cpu: '3' } }] } },
      'spec.limits[0].maxLimitRequestRatio[cpu]: Invalid value: "3": ratio 3 is greater than max/min = 2.000000',
    ],
    [
      'ResourceQuota',
      { spec: { hard: { pods: '1500m', cups: '1', cpu: '-1' } } },
      '[spec.hard[cpu]: Invalid value: "-1": must be greater than or equal to 0, spec.hard[cups]: Invalid value: "cups": must be a standard resource type or fully qualified, spec.hard[cups]: Invalid value: "cups": must be a standard resource for quota, spec.hard[pods]: Invalid value: "1500m": must be an integer]',
    ],
    [
      'ResourceQuota',
      { spec: { hard: { services: '1' }, scopes: ['BestEffort', 'NotBestEffort', 'Some'] } },
      '[spec.scopes: Invalid value: ["BestEffort","NotBestEffort","Some"]: unsupported scope applied to resource, spec.scopes: Invalid value: ["BestEffort","NotBestEffort","Some"]: unsupported scope, spec.scopes: Invalid value: ["BestEffort","NotBestEffort","Some"]: conflicting scopes]',
    ],
    [
      'ResourceQuota',
      { spec: { scopeSelector: { matchExpressions: [{ scopeName: 'PriorityClass', operator: 'In' }] } } },
      "spec.scopeSelector.matchExpressions.values: Required value: must be at least one value when `operator` is 'In' or 'NotIn' for scope selector",
    ],
  ]
  it.each(refused)('%s %j is refused', (kind, fields, message) => {
    expect(refusal(() => world().create(object(kind, fields)))).toBe(`${kind} "a" is invalid: ${message}`)
  })

  const kept: [string, Record<string, unknown>, Record<string, unknown>][] = [
    [
      'Secret',
      { stringData: { a: 'é', b: '' }, data: { c: 'QQ==' } },
      { type: 'Opaque', data: { a: 'w6k=', b: '', c: 'QQ==' } },
    ],
    [
      'Namespace',
      {},
      {
        spec: { finalizers: ['kubernetes'] },
        status: { phase: 'Active' },
        metadata: { labels: { 'kubernetes.io/metadata.name': 'a' } },
      },
    ],
    ['ServiceAccount', { secrets: [{ name: 's', namespace: 'other' }] }, { secrets: [{ name: 's' }] }],
    [
      'Endpoints',
      { subsets: [{ addresses: [{ ip: '10.0.0.1' }], ports: [{ port: 80 }] }] },
      { subsets: [{ ports: [{ port: 80, protocol: 'TCP' }] }] },
    ],
    [
      'LimitRange',
      { spec: { limits: [{ type: 'Container', max: { cpu: '2' }, min: { memory: '1Mi' } }] } },
      { spec: { limits: [{ default: { cpu: '2' }, defaultRequest: { cpu: '2', memory: '1Mi' } }] } },
    ],
    ['ResourceQuota', { spec: { hard: { pods: '3' } }, status: { hard: { pods: '9' } } }, { status: {} }],
    ['ResourceQuota', { spec: { hard: { cpu: '100u' } } }, { spec: { hard: { cpu: '1m' } } }],
    [
      'LimitRange',
      { spec: { limits: [{ type: 'Pod', max: { cpu: '1.5000001' } }] } },
      { spec: { limits: [{ max: { cpu: '1501m' } }] } },
    ],
  ]
  it.each(kept)('%s %j is kept with what was not said', (kind, fields, expected) => {
    const created = world().create(object(kind, fields))
    expect(created).toMatchObject(expected)
    expect(created.stringData).toBeUndefined()
  })
})

describe('a change', () => {
  const cases: [string, Record<string, unknown>, Record<string, unknown>, string][] = [
    [
      'ConfigMap',
      { data: { a: '1' }, immutable: true },
      { data: { a: '2' } },
      '[immutable: Forbidden: field is immutable when `immutable` is set, data: Forbidden: field is immutable when `immutable` is set]',
    ],
    [
      'Secret',
      { data: { a: 'MQ==' }, immutable: true },
      { stringData: { a: '2' }, immutable: true },
      'data: Forbidden: field is immutable when `immutable` is set',
    ],
    ['Secret', { type: 'a' }, { type: 'b' }, 'type: Invalid value: "b": field is immutable'],
    [
      'ResourceQuota',
      { spec: { scopes: ['BestEffort'] } },
      { spec: { scopes: ['NotBestEffort'] } },
      'spec.scopes: Invalid value: ["NotBestEffort"]: field is immutable',
    ],
  ]
  it.each(cases)('of %s %j to %j is refused', (kind, before, after, message) => {
    const here = world()
    here.create(object(kind, before))
    expect(refusal(() => here.update(object(kind, after)))).toBe(`${kind} "a" is invalid: ${message}`)
  })
})

describe('a Namespace', () => {
  it('ends in two steps, when its finalizers are gone', () => {
    const here = world()
    here.create(object('Namespace', {}))
    const first = here.delete('Namespace', 'a')
    expect(first).toMatchObject({ removed: false, object: { status: { phase: 'Terminating' } } })
    expect(first.object.metadata.deletionTimestamp).toBe('2026-01-01T00:00:00Z')
    expect(first.object.metadata.deletionGracePeriodSeconds).toBeUndefined()
    expect(here.delete('Namespace', 'a')).toEqual({ removed: false, object: first.object })
    here.update({ ...first.object, spec: {} })
    expect(here.registry('Namespace').get(undefined, 'a').spec).toEqual({ finalizers: ['kubernetes'] })
    here.updateThrough('finalize', { ...first.object, spec: {} })
    expect(refusal(() => here.registry('Namespace').get(undefined, 'a'))).toBe('namespaces "a" not found')
  })

  it('has a phase that fits its end', () => {
    const here = world()
    const created = here.create(object('Namespace', {}))
    expect(refusal(() => here.updateThrough('status', { ...created, status: { phase: 'Terminating' } }))).toBe(
      'Namespace "a" is invalid: status.Phase: Invalid value: "Terminating": may only be \'Active\' if `deletionTimestamp` is empty',
    )
    expect(refusal(() => here.updateThrough('finalize', { ...created, spec: { finalizers: ['x'] } }))).toBe(
      'Namespace "a" is invalid: spec.finalizers[0]: Invalid value: "x": name is neither a standard finalizer name nor is it fully qualified',
    )
  })

  it('keeps its name as a label, also with a generated name', () => {
    const here = world()
    const { metadata } = here.create({ apiVersion: 'v1', kind: 'Namespace', metadata: { generateName: 'x-' } })
    expect(metadata.labels).toEqual({ 'kubernetes.io/metadata.name': metadata.name })
  })
})

describe('the table', () => {
  const cases: [string, Record<string, unknown>, readonly unknown[]][] = [
    ['Namespace', {}, ['a', 'Active', '0s']],
    ['ConfigMap', { data: { a: '' }, binaryData: { b: '' } }, ['a', 2, '0s']],
    ['Secret', { stringData: { a: '' } }, ['a', 'Opaque', 1, '0s']],
    ['ServiceAccount', {}, ['a', 0, '0s']],
    ['Endpoints', {}, ['a', '<none>', '0s']],
    [
      'Endpoints',
      {
        subsets: [
          {
            addresses: [{ ip: '10.0.0.1' }, { ip: 'fd00::1' }],
            ports: [
              { name: 'a', port: 80 },
              { name: 'b', port: 81 },
            ],
          },
        ],
      },
      ['a', '10.0.0.1:80,[fd00::1]:80,10.0.0.1:81 + 1 more...', '0s'],
    ],
    ['LimitRange', {}, ['a', '2026-01-01T00:00:00Z']],
  ]
  it.each(cases)('shows %s %j', (kind, fields, cells) => {
    const here = world()
    expect(here.cells(here.create(object(kind, fields)))).toEqual(cells)
  })

  it('shows what of a quota is used', () => {
    const here = world()
    const quota = here.create(object('ResourceQuota', { spec: { hard: { pods: '3' } } }))
    const status = { hard: { pods: '3', 'limits.cpu': '2', cpu: '1' }, used: { pods: '1', cpu: '500m' } }
    expect(here.cells(here.updateThrough('status', { ...quota, status }))).toEqual([
      'a',
      'cpu: 500m/1, pods: 1/3',
      'limits.cpu: 0/2',
      '0s',
    ])
  })
})

describe('what is accepted with a warning', () => {
  const pem = (type: string) => btoa(`-----BEGIN ${type}-----\nAAAA\n-----END ${type}-----\n`)
  const tls = (crt: string, key: string) => ({ type: 'kubernetes.io/tls', data: { 'tls.crt': crt, 'tls.key': key } })
  it.each([
    ['Secret', tls('QQ==', ''), ['tls: failed to find any PEM data in certificate input']],
    ['Secret', tls(pem('CERTIFICATE'), ''), ['tls: failed to find any PEM data in key input']],
    ['Secret', tls(pem('CERTIFICATE'), pem('RSA PRIVATE KEY')), []],
    [
      'Secret',
      tls(pem('RSA PRIVATE KEY'), pem('CERTIFICATE')),
      [
        'tls: failed to find certificate PEM data in certificate input, but did find a private key; PEM inputs may have been switched',
      ],
    ],
    [
      'Endpoints',
      { subsets: [{ addresses: [{ ip: '010.0.0.1' }] }] },
      [
        'subsets[0].addresses[0].ip: non-standard IP address "010.0.0.1" will be considered invalid in a future Kubernetes release: use "10.0.0.1"',
      ],
    ],
  ])('%s %j', (kind, fields, warnings) => {
    expect(world().warnings(object(kind, fields))).toEqual(warnings)
  })

  it('is an old way to keep Secrets from Pods, and all Endpoints', () => {
    const here = world()
    const annotations = { 'kubernetes.io/enforce-mountable-secrets': 'true' }
    const account = object('ServiceAccount', {}, { annotations })
    expect(here.warnings(account)).toEqual([
      'metadata.annotations[kubernetes.io/enforce-mountable-secrets]: deprecated in v1.32+; prefer separate namespaces to isolate access to mounted secrets',
    ])
    expect(here.warnings(account, here.create(account))).toEqual([])
    expect(here.definition('Endpoints').versions[0]?.deprecation).toBe(
      'v1 Endpoints is deprecated in v1.33+; use discovery.k8s.io/v1 EndpointSlice',
    )
  })
})
