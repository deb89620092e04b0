import { describe, expect, it } from 'vitest'
import { Lab } from '../../protocol/lab/schema.ts'
import type { LabEntry } from '../labs/catalogue.ts'
import { shapesToKeep } from './shape.ts'

const check = { title: 't', resource: { apiVersion: 'v1', kind: 'Pod' }, expect: 'true' }
const lab = (cluster: object): LabEntry => ({
  lab: Lab.parse({
    id: 'a',
    title: 'A',
    summary: 'A.',
    minutes: 1,
    cluster,
    steps: [{ id: 's', title: 'S', checks: [check], solution: 'true' }],
  }),
  setup: [],
  files: [],
})
const labs = [lab({ workers: 1 }), lab({ workers: 1, ingress: true }), lab({ workers: 3 }), lab({ workers: 3 })]

describe('the shapes of clusters that are kept warm', () => {
  it('are all that labs ask for where clusters are simulated, told apart by workers and Ingress controller', () => {
    expect(shapesToKeep(labs, { simulated: true, hasIngress: true })).toEqual([
      { workers: 3, ingress: false },
      { workers: 1, ingress: false },
      { workers: 1, ingress: true },
    ])
  })

  it('leave out what a provider cannot give', () => {
    expect(shapesToKeep(labs, { simulated: true })).toEqual([
      { workers: 1, ingress: false },
      { workers: 3, ingress: false },
    ])
  })

  it('are only the one that most labs ask for where clusters are real: each takes half a GiB and more', () => {
    expect(shapesToKeep([...labs, lab({ workers: 3 })], { simulated: false })).toEqual([{ workers: 3, ingress: false }])
  })
})
