import { describe, expect, it } from 'vitest'
import { ScalingHistory, type Wish } from './history.ts'

const wish = (values: Partial<Wish>): Wish => ({ current: 2, desired: 2, min: 1, max: 100, now: 0, ...values })

describe('without behaviour', () => {
  it('grows to at most twice as many at once, and to at least four', () => {
    const history = new ScalingHistory()
    expect(history.bound(wish({ current: 1, desired: 20 }), undefined)).toMatchObject({
      replicas: 4,
      limited: { isLimited: true, reason: 'ScaleUpLimit' },
    })
    expect(history.bound(wish({ current: 4, desired: 20 }), undefined).replicas).toBe(8)
    expect(history.bound(wish({ current: 8, desired: 20, max: 10 }), undefined)).toMatchObject({
      replicas: 10,
      limited: { isLimited: true, reason: 'TooManyReplicas' },
    })
  })

  it('shrinks to the highest wish of the last five minutes', () => {
    const history = new ScalingHistory()
    history.begin(8, 0)
    expect(history.bound(wish({ current: 8, desired: 2, now: 15_000 }), undefined)).toMatchObject({
      replicas: 8,
      able: { reason: 'ScaleDownStabilized' },
    })
    expect(history.bound(wish({ current: 8, desired: 3, now: 290_000 }), undefined).replicas).toBe(8)
    expect(history.bound(wish({ current: 8, desired: 2, now: 301_000 }), undefined).replicas).toBe(3)
  })

  it('keeps the fewest that there shall be', () => {
    expect(new ScalingHistory().bound(wish({ current: 5, desired: 0, min: 2 }), undefined)).toMatchObject({
      replicas: 2,
      limited: { isLimited: true, reason: 'TooFewReplicas' },
    })
  })
})

describe('with behaviour', () => {
  const defaults = {
    scaleUp: {
      stabilizationWindowSeconds: 0,
      selectPolicy: 'Max',
      policies: [
        { type: 'Pods', value: 4, periodSeconds: 15 },
        { type: 'Percent', value: 100, periodSeconds: 15 },
      ],
    },
    scaleDown: { selectPolicy: 'Max', policies: [{ type: 'Percent', value: 100, periodSeconds: 15 }] },
  }

  it('takes the policy that lets it go furthest, counting what it has added of late', () => {
    const history = new ScalingHistory()
    expect(history.bound(wish({ current: 2, desired: 50 }), defaults)).toMatchObject({
      replicas: 6,
      limited: { isLimited: true, reason: 'ScaleUpLimit' },
    })
    history.scaled(2, 6, defaults, 0)
    expect(history.bound(wish({ current: 6, desired: 50, now: 5_000 }), defaults).replicas).toBe(6)
    expect(history.bound(wish({ current: 6, desired: 50, now: 16_000 }), defaults).replicas).toBe(12)
  })

  it('takes one Pod away a minute if it says so', () => {
    const slow = {
      ...defaults,
      scaleDown: {
        stabilizationWindowSeconds: 0,
        selectPolicy: 'Max',
        policies: [{ type: 'Pods', value: 1, periodSeconds: 60 }],
      },
    }
    const history = new ScalingHistory()
    expect(history.bound(wish({ current: 5, desired: 1 }), slow)).toMatchObject({
      replicas: 4,
      limited: { isLimited: true, reason: 'ScaleDownLimit' },
    })
    history.scaled(5, 4, slow, 0)
    expect(history.bound(wish({ current: 4, desired: 1, now: 30_000 }), slow).replicas).toBe(4)
    expect(history.bound(wish({ current: 4, desired: 1, now: 61_000 }), slow).replicas).toBe(3)
  })

  it('never shrinks where that is disabled', () => {
    const never = {
      ...defaults,
      scaleDown: { ...defaults.scaleDown, stabilizationWindowSeconds: 0, selectPolicy: 'Disabled' },
    }
    expect(new ScalingHistory().bound(wish({ current: 5, desired: 1 }), never).replicas).toBe(5)
  })

  it('waits with growing for as long as its window says', () => {
    const careful = { ...defaults, scaleUp: { ...defaults.scaleUp, stabilizationWindowSeconds: 60 } }
    const history = new ScalingHistory()
    history.begin(2, 0)
    expect(history.bound(wish({ current: 2, desired: 5, now: 15_000 }), careful)).toMatchObject({
      replicas: 2,
      able: { reason: 'ScaleUpStabilized' },
    })
    expect(history.bound(wish({ current: 2, desired: 5, now: 61_000 }), careful).replicas).toBe(5)
  })
})
