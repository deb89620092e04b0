import { expect, it } from 'vitest'
import { forSeeds, type Seeded } from '../objects/seeded.testing.ts'
import { configMap, deployment, fixture, pod } from './fixture.testing.ts'
import type { AskOptions } from './testing.ts'

const METHODS = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'HEAD', 'OPTIONS', 'BREW']
const STEPS = [
  'api',
  'apis',
  'v1',
  'apps',
  'namespaces',
  'default',
  'pods',
  'configmaps',
  'deployments',
  'a',
  'b',
  'status',
  'scale',
  'log',
  'exec',
  'binding',
  'eviction',
  'proxy',
  'watch',
  'componentstatuses',
  '',
  '..',
  '%2F',
  '%00',
  '%ff',
  'ä',
  'nodes',
  'healthz',
  'version',
  'openapi',
  'v3',
]
const PATHS = [
  '/api/v1/namespaces/default/pods',
  '/api/v1/namespaces/default/pods/a',
  '/api/v1/namespaces/default/configmaps/a',
  '/apis/apps/v1/namespaces/default/deployments/a',
  '/apis/apps/v1/namespaces/default/deployments/a/scale',
  '/apis/apps/v1/namespaces/default/deployments/a/status',
  '/apis/apps/v1/deployments',
  '/api/v1/pods',
  '/api/v1/namespaces/default/pods/a/log',
  '/api/v1/namespaces/default/pods/a/eviction',
  '/api/v1/namespaces/default/pods/a/binding',
  '/apis/autoscaling/v1/namespaces/default/horizontalpodautoscalers',
  '/apis/policy/v1/poddisruptionbudgets',
  '/apis',
  '/api',
]
const KEYS = [
  'limit',
  'continue',
  'resourceVersion',
  'resourceVersionMatch',
  'labelSelector',
  'fieldSelector',
  'dryRun',
  'fieldManager',
  'force',
  'fieldValidation',
  'pretty',
  'timeoutSeconds',
  'sendInitialEvents',
  'includeObject',
  'gracePeriodSeconds',
  'propagationPolicy',
  'tailLines',
  'sinceTime',
  'container',
  'uid',
  'export',
]
const VALUES = [
  '',
  '0',
  '1',
  '-1',
  'true',
  'false',
  'All',
  'x',
  'Exact',
  'NotOlderThan',
  'a=b',
  'a in (b',
  'metadata.name=a',
  '!',
  '99999999999999999999',
  'null',
  'Strict',
  'Object',
  'eyJ2IjoibWV0YS5rOHMuaW8vdjEifQ',
  '\u0000',
  '%',
]
const TYPES = [
  'application/json',
  'application/yaml',
  'application/vnd.kubernetes.protobuf',
  'application/merge-patch+json',
  'application/json-patch+json',
  'application/strategic-merge-patch+json',
  'application/apply-patch+yaml',
  'text/plain',
  '',
  ';;',
  'application/json; charset',
]
const ACCEPTS = [
  '',
  '*/*',
  'application/json',
  'application/yaml',
  'application/json;as=Table;v=v1;g=meta.k8s.io',
  'application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io',
  'text/html',
  ';q=,',
  'application/json;stream=watch',
  'application/vnd.kubernetes.protobuf, */*',
]

/** Somewhere near what clients send. */
function body(seeded: Seeded): unknown {
  switch (seeded.int(8)) {
    case 0:
      return undefined
    case 1:
      return seeded.pick([
        '{',
        'null',
        '[]',
        '"x"',
        '{"kind":5}',
        'a: [',
        '\u0000',
        '{"metadata":null}',
        'x'.repeat(200),
      ])
    case 2:
      return configMap(seeded.pick(['a', 'b', '', 'A B']))
    case 3:
      return pod(seeded.pick(['a', 'b']), { nodeName: seeded.pick(['', 'n', 5]) })
    case 4:
      return [
        {
          op: seeded.pick(['add', 'remove', 'replace', 'move', 'test', 'x']),
          path: seeded.pick(['/spec', '/metadata/name', '', 'x', '/spec/-', '/metadata']),
          value: seeded.pick([null, 5, {}, []]),
        },
      ]
    case 5:
      return {
        spec: seeded.pick<unknown>([null, 5, {}, { replicas: 'x' }, { replicas: 3 }, { template: null }]),
        metadata: seeded.pick<unknown>([undefined, null, {}, { labels: { a: 1 } }, { name: 'a', finalizers: [''] }]),
      }
    case 6: {
      const object = JSON.parse(JSON.stringify(deployment('a'))) as Record<string, unknown>
      object[seeded.pick(['spec', 'metadata', 'status', 'kind', 'apiVersion', 'new'])] = seeded.pick<unknown>([
        null,
        1,
        'x',
        [],
        {},
        { name: 'a', managedFields: [{}] },
      ])
      return object
    }
    default:
      return {
        apiVersion: 'policy/v1',
        kind: seeded.pick(['Eviction', 'Scale', 'DeleteOptions', 'Status']),
        metadata: { name: 'a' },
      }
  }
}

function request(seeded: Seeded): { method: string; path: string; options: AskOptions } {
  const path = seeded.chance(70)
    ? seeded.pick(PATHS)
    : `/${Array.from({ length: seeded.int(8) }, () => seeded.pick(STEPS)).join('/')}`
  const query = new URLSearchParams()
  for (let count = seeded.int(4); count > 0; count--) query.append(seeded.pick(KEYS), seeded.pick(VALUES))
  const method = seeded.chance(80)
    ? seeded.pick(['GET', 'PUT', 'PATCH', 'PATCH', 'POST', 'DELETE'])
    : seeded.pick(METHODS)
  const usual = method === 'PATCH' ? TYPES.slice(3, 7) : TYPES.slice(0, 2)
  return {
    method,
    path: query.size === 0 ? path : `${path}?${query}`,
    options: {
      headers: {
        'content-type': seeded.pick(seeded.chance(80) ? usual : TYPES),
        accept: seeded.chance(70) ? '' : seeded.pick(ACCEPTS),
        'user-agent': seeded.pick(['', 'curl/8', 'kubectl/v1']),
      },
      body: body(seeded),
    },
  }
}

it('answers whatever comes with a status of HTTP and never breaks', async () => {
  const failures: string[] = []
  const work: Promise<void>[] = []
  forSeeds(25, (seeded) => {
    work.push(
      (async () => {
        const { client, reported } = fixture()
        await client.post('/api/v1/namespaces/default/pods', pod('a'))
        await client.post('/apis/apps/v1/namespaces/default/deployments', deployment('a'))
        for (let count = 0; count < 80; count++) {
          const { method, path, options } = request(seeded)
          const answer = await client.raw(method, path, options)
          if (answer.kind === 'stream') {
            await answer.chunks[Symbol.asyncIterator]().return?.()
            continue
          }
          if (reported.length > 0 || answer.kind !== 'whole' || answer.status < 200 || answer.status > 599) {
            failures.push(`${method} ${path} ${JSON.stringify(options)}: ${String((reported[0] as Error)?.stack)}`)
            reported.length = 0
          }
        }
      })(),
    )
  })
  await Promise.all(work)
  expect(failures).toEqual([])
})
