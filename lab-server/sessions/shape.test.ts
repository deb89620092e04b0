import { describe, expect, it } from 'vitest'
import { Lab } from '../../protocol/lab/schema.ts'
import type { LabEntry } from '../labs/catalogue.ts'
import { shapesOf } from './shape.ts'

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

describe('the shapes of clusters that labs ask for', () => {
  it('are told apart by workers and Ingress controller, each once', () => {
    expect(shapesOf(labs, { hasIngress: true })).toEqual([
      { workers: 1, ingress: false },
      { workers: 1, ingress: true },
      { workers: 3, ingress: false },
    ])
  })

  it('leave out what a provider cannot give', () => {
    expect(shapesOf(labs, {})).toEqual([
      { workers: 1, ingress: false },
      { workers: 3, ingress: false },
    ])
  })
})
