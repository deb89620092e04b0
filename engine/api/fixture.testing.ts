import { VirtualClock } from '../clock/virtual-clock.ts'
import { BodyDecoder } from '../decode/decoder.ts'
import { resources as autoscaling } from '../kinds/autoscaling/index.ts'
import { defineKind } from '../kinds/define.ts'
import { resources as policy } from '../kinds/policy/index.ts'
import type { ResourceDefinition } from '../kinds/resource.ts'
import { getIn } from '../objects/paths.ts'
import { SchemaLookup } from '../schema/lookup.ts'
import { ApiServer, type ApiServerOptions } from './api-server.ts'
import { type Client, clientOf } from './testing.ts'

export const START = Date.UTC(2026, 0, 1)
export const schemas = new SchemaLookup()

const text = (object: unknown, ...path: string[]): string => String(getIn(object, path) ?? '')

/** Kinds with just the rules that tests of the API need, so that these do not change with the real ones. */
export const plainKinds: readonly ResourceDefinition[] = [
  defineKind(schemas, { group: '', version: 'v1', kind: 'ConfigMap', resource: 'configmaps' }),
  defineKind(schemas, { group: '', version: 'v1', kind: 'Namespace', resource: 'namespaces', namespaced: false }),
  defineKind(schemas, { group: '', version: 'v1', kind: 'Node', resource: 'nodes', namespaced: false }),
  defineKind(schemas, { group: '', version: 'v1', kind: 'ServiceAccount', resource: 'serviceaccounts' }),
  defineKind(schemas, { group: '', version: 'v1', kind: 'Service', resource: 'services' }),
  defineKind(schemas, { group: 'discovery.k8s.io', version: 'v1', kind: 'EndpointSlice', resource: 'endpointslices' }),
  defineKind(schemas, {
    group: '',
    version: 'v1',
    kind: 'Pod',
    resource: 'pods',
    status: { empty: { phase: 'Pending' } },
    selectableFields: {
      'spec.nodeName': (object) => text(object, 'spec', 'nodeName'),
      'status.phase': (object) => text(object, 'status', 'phase'),
    },
    gracePeriod: (object, requested) => (text(object, 'spec', 'nodeName') === '' ? 0 : (requested ?? 30)),
  }),
  defineKind(schemas, {
    group: 'coordination.k8s.io',
    version: 'v1',
    kind: 'Lease',
    resource: 'leases',
    createOnUpdate: true,
    unconditionalUpdate: false,
  }),
  defineKind(schemas, {
    group: 'batch',
    version: 'v1',
    kind: 'Job',
    resource: 'jobs',
    selectableFields: { 'status.successful': (object) => text(object, 'status', 'succeeded') },
  }),
  defineKind(schemas, {
    group: 'apps',
    version: 'v1',
    kind: 'Deployment',
    resource: 'deployments',
    changesGeneration: true,
    status: {},
    default: (object) => {
      const spec = (object.spec ?? {}) as Record<string, unknown>
      return spec.replicas === undefined ? { ...object, spec: { ...spec, replicas: 1 } } : object
    },
    warnings: (object) => (object.metadata.annotations?.old === undefined ? [] : ['annotation "old" is old']),
    scale: {
      specReplicasPath: '.spec.replicas',
      statusReplicasPath: '.status.replicas',
      selector: () => 'app=web',
    },
  }),
  ...autoscaling(schemas),
  ...policy(schemas),
]

export interface Fixture {
  readonly server: ApiServer
  readonly client: Client
  readonly clock: VirtualClock
  readonly reported: unknown[]
}

export function fixture(options: Partial<ApiServerOptions> = {}): Fixture {
  const clock = new VirtualClock({ start: START })
  const reported: unknown[] = []
  const server = new ApiServer({
    clock,
    seed: 1,
    decoder: new BodyDecoder(),
    schemas,
    resources: plainKinds,
    report: (error) => reported.push(error),
    ...options,
  })
  return { server, client: clientOf(server), clock, reported }
}

export const configMap = (name: string, data: Record<string, string> = {}, metadata: object = {}) => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name, ...metadata },
  data,
})

export const pod = (name: string, spec: object = {}, metadata: object = {}) => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name, ...metadata },
  spec: { containers: [{ name: 'main', image: 'busybox' }], ...spec },
})

export const deployment = (name: string, spec: object = {}, metadata: object = {}) => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name, ...metadata },
  spec: {
    selector: { matchLabels: { app: 'web' } },
    template: { metadata: { labels: { app: 'web' } }, spec: { containers: [{ name: 'main', image: 'busybox' }] } },
    ...spec,
  },
})

export const CONFIGMAPS = '/api/v1/namespaces/default/configmaps'
export const PODS = '/api/v1/namespaces/default/pods'
export const DEPLOYMENTS = '/apis/apps/v1/namespaces/default/deployments'
export const AS_TABLE = { accept: 'application/json;as=Table;v=v1;g=meta.k8s.io,application/json' }
