import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { expect, it } from 'vitest'
import type { ApiObject } from '../objects/types.ts'
import { pod, storeWithPods } from './pods.fixture.ts'

/** Bytes that a stored Pod may take, with its history. */
const BUDGET = 12_000
const PODS = 3_000

setFlagsFromString('--expose-gc')
const collect = runInNewContext('gc') as () => void

function used(): number {
  collect()
  const { heapUsed, external } = process.memoryUsage()
  return heapUsed + external
}

/** Some 2 kB of JSON, no part of which is shared between Pods. */
function large(index: number): ApiObject {
  const volume = (number: number) => ({
    name: `v${number}`,
    configMap: { name: `config-${index}-${number}`, defaultMode: 420 },
  })
  const container = (number: number) => ({
    name: `c${number}`,
    image: `registry.example/app-${index}:${number}`,
    env: [1, 2, 3, 4, 5, 6, 7, 8].map((env) => ({ name: `KEY_${env}`, value: `value ${index} ${env}` })),
    resources: { requests: { cpu: '100m', memory: '64Mi' } },
    volumeMounts: [1, 2].map((mount) => ({ name: `v${mount}`, mountPath: `/mnt/${mount}`, readOnly: true })),
  })
  const spec = { containers: [1, 2, 3].map(container), volumes: [1, 2, 3].map(volume), restartPolicy: 'Always' }
  return JSON.parse(JSON.stringify(pod(`p${index}`, { labels: { app: `a${index}` } }, spec)))
}

it('a Pod that was changed three times takes at most 12 kB, its history included', () => {
  const before = used()
  const { pods } = storeWithPods()
  for (let index = 0; index < PODS; index++) {
    const { metadata } = pods.put(large(index))
    for (const phase of ['Scheduled', 'Creating', 'Running']) {
      const current = pods.get(metadata.namespace, metadata.name) as ApiObject
      pods.put({
        ...current,
        status: { phase, conditions: [{ type: 'Ready', status: 'False', reason: `${phase} ${index}` }] },
      })
    }
  }
  const each = (used() - before) / PODS
  expect(pods.historySize).toBe(10_000)
  expect(JSON.stringify(large(1)).length).toBeGreaterThan(1_800)
  expect(each).toBeGreaterThan(1_000)
  expect(each).toBeLessThan(BUDGET)
})

it('a watcher that is never read takes no more than its place', () => {
  const { pods } = storeWithPods({ history: { most: 100 } })
  const watches = Array.from({ length: 20 }, () => pods.watch({ resourceVersion: '1' }))
  for (let index = 0; index < 200; index++) pods.put(large(index % 10))
  const before = used()
  for (let index = 0; index < 20_000; index++) pods.put(large(index % 10))
  expect(used() - before).toBeLessThan(2_000_000)
  for (const watch of watches) expect(watch.take()).toMatchObject([{ type: 'ERROR', error: { code: 410 } }])
})
