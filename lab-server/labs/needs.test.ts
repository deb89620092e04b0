import { describe, expect, it } from 'vitest'
import { Lab } from '../../protocol/lab/schema.ts'
import { FakeKube } from '../checks/kube.fake.ts'
import { lacksOf } from './needs.ts'

const labWith = (needs?: 'ingress-controller') =>
  Lab.parse({
    id: 'services',
    title: 'Services',
    summary: 'Services.',
    minutes: 10,
    steps: [
      {
        id: 'ingress',
        title: 'Ingress',
        ...(needs && { needs }),
        checks: [{ title: 't', resource: { apiVersion: 'v1', kind: 'Pod' }, expect: 'true' }],
        solution: 'true',
      },
    ],
  })

describe('what a cluster lacks for a lab', () => {
  it('is an Ingress controller where there is no IngressClass, if a step needs one', async () => {
    const kube = new FakeKube()
    expect(await lacksOf(kube, labWith('ingress-controller'))).toEqual(['ingress-controller'])
    expect(await lacksOf(kube, labWith())).toEqual([])
    kube.put({ apiVersion: 'networking.k8s.io/v1', kind: 'IngressClass', metadata: { name: 'nginx' } })
    expect(await lacksOf(kube, labWith('ingress-controller'))).toEqual([])
  })
})
