import { expect, it } from 'vitest'
import type { ApiObject } from '../objects/types.ts'
import { RequestReader } from './requests.ts'

const MI = 1024 * 1024
const container = (name: string, requests: object, more: object = {}) => ({ name, resources: { requests }, ...more })
const podOf = (spec: object, status: object = {}) => ({ spec, status }) as unknown as ApiObject

const cases: readonly (readonly [string, ApiObject, object])[] = [
  [
    'the sum of its containers',
    podOf({ containers: [container('a', { cpu: '100m', memory: '10Mi' }), container('b', { cpu: '1' })] }),
    { cpu: 1100, memory: 10 * MI, storage: 0, others: undefined, scoredCpu: 1100, scoredMemory: 210 * MI },
  ],
  [
    'a little in scores, if it asks for nothing',
    podOf({ containers: [container('a', {})] }),
    { cpu: 0, memory: 0, scoredCpu: 100, scoredMemory: 200 * MI },
  ],
  [
    'what an init container needs, if that is more',
    podOf({ containers: [container('a', { cpu: '100m' })], initContainers: [container('i', { cpu: '500m' })] }),
    { cpu: 500 },
  ],
  [
    'sidecars beside the containers, and beside the init containers after them',
    podOf({
      containers: [container('a', { cpu: '100m' })],
      initContainers: [
        container('first', { cpu: '300m' }),
        container('side', { cpu: '200m' }, { restartPolicy: 'Always' }),
        container('second', { cpu: '300m' }),
      ],
    }),
    { cpu: 500 },
  ],
  [
    'what the Pod as a whole asks for, and its overhead',
    podOf({
      containers: [container('a', { cpu: '100m', memory: '10Mi' })],
      resources: { requests: { cpu: '2' } },
      overhead: { cpu: '50m', memory: '1Mi' },
    }),
    { cpu: 2050, memory: 11 * MI },
  ],
  [
    'the most of what is asked for and what is granted while it is resized',
    podOf(
      { containers: [container('a', { cpu: '100m' })] },
      { containerStatuses: [{ name: 'a', resources: { requests: { cpu: '300m' } } }] },
    ),
    { cpu: 300 },
  ],
  [
    'only what is granted where the rest cannot be',
    podOf(
      { containers: [container('a', { cpu: '5' })] },
      {
        containerStatuses: [{ name: 'a', resources: { requests: { cpu: '300m' } } }],
        conditions: [{ type: 'PodResizePending', status: 'True', reason: 'Infeasible' }],
      },
    ),
    { cpu: 300 },
  ],
  [
    'devices and disks by their names',
    podOf({ containers: [container('a', { 'example.com/gpu': '2', 'ephemeral-storage': '1Ki' })] }),
    { storage: 1024, others: new Map([['example.com/gpu', 2]]) },
  ],
]

it.each(cases)('a Pod counts for %s', (_, pod, expected) => {
  expect(new RequestReader().ofPod(pod)).toMatchObject(expected)
})

it('keeps one object for all that ask for the same', () => {
  const reader = new RequestReader()
  const one = reader.ofPod(podOf({ containers: [container('a', { cpu: '500m' })] }))
  expect(reader.ofPod(podOf({ containers: [container('b', { cpu: '0.5' })] }))).toBe(one)
})
