import { describe, expect, it } from 'vitest'
import { type Demand, plan } from './plan.ts'

const three = { workers: 3, ingress: false }
const one = { workers: 1, ingress: false }
const shape = (given: Partial<Demand>): Demand => ({
  shape: three,
  waiting: 0,
  warm: 0,
  creating: 0,
  target: 0,
  ...given,
})
const limits = { most: 4, atOnce: 2 }

describe('plan', () => {
  it('fills the pool while nobody waits', () => {
    expect(plan([shape({ target: 1 })], 0, limits)).toEqual({ begin: [three], surplus: [] })
  })

  it('begins nothing when what is being made will do', () => {
    expect(plan([shape({ target: 1, creating: 1 })], 0, limits)).toEqual({ begin: [], surplus: [] })
  })

  it('gives a cluster that was begun for the pool to a session that waits', () => {
    expect(plan([shape({ waiting: 1, creating: 1 })], 0, limits)).toEqual({ begin: [], surplus: [] })
  })

  it('makes one cluster for one session, not another for the pool that has no target', () => {
    expect(plan([shape({ waiting: 1 })], 0, limits)).toEqual({ begin: [three], surplus: [] })
    expect(plan([shape({ waiting: 1, target: 1 })], 0, limits)).toEqual({ begin: [three, three], surplus: [] })
  })

  it('makes no more at once than it may', () => {
    expect(plan([shape({ waiting: 4 })], 0, limits).begin).toEqual([three, three])
  })

  it('serves every session before it refills the pool', () => {
    expect(plan([shape({ shape: one, target: 1 }), shape({ waiting: 2 })], 0, limits).begin).toEqual([three, three])
  })

  it('lets the pool shrink as sessions fill the machine', () => {
    expect(plan([shape({ target: 2 })], 3, limits).begin).toEqual([three])
    expect(plan([shape({ target: 2 })], 4, limits).begin).toEqual([])
  })

  it('gives up warm clusters beyond the target', () => {
    expect(plan([shape({ warm: 2, target: 1 })], 0, limits).surplus).toEqual([three])
  })

  it('gives up a warm cluster of another shape when the machine is full and a session waits', () => {
    const shapes = [shape({ shape: one, warm: 1, target: 1 }), shape({ waiting: 1 })]
    expect(plan(shapes, 3, limits)).toEqual({ begin: [], surplus: [one] })
  })

  it('does not take a cluster without an Ingress controller for one with it', () => {
    const withIngress = { ...three, ingress: true }
    expect(plan([shape({ warm: 1, target: 1 }), shape({ shape: withIngress, waiting: 1 })], 0, limits)).toEqual({
      begin: [withIngress],
      surplus: [],
    })
  })
})
