import { describe, expect, it } from 'vitest'
import { KindsUnderTest } from '../kind.testing.ts'
import { resources } from './index.ts'

const kinds = new KindsUnderTest(resources)
const NAME = 'poddisruptionbudgets'
const make = (spec: object, status: object = {}) => kinds.make(NAME, { spec, status })

describe('disruption budgets', () => {
  it.each([
    [{ minAvailable: 1 }, ''],
    [
      { minAvailable: 1, maxUnavailable: '10%' },
      'spec: Invalid value: {"MinAvailable":1,"Selector":null,"MaxUnavailable":"10%","UnhealthyPodEvictionPolicy":null}: minAvailable and maxUnavailable cannot be both set',
    ],
    [{ minAvailable: -1 }, 'spec.minAvailable: Invalid value: -1: must be greater than or equal to 0'],
    [{ maxUnavailable: '101%' }, 'spec.maxUnavailable: Invalid value: "101%": must not be greater than 100%'],
    [
      { maxUnavailable: 'x' },
      `spec.maxUnavailable: Invalid value: "x": a valid percent string must be a numeric string followed by an ending '%' (e.g. '1%',  or '93%', regex used for validation is '[0-9]+%')`,
    ],
    [
      { unhealthyPodEvictionPolicy: 'Never' },
      'spec.unhealthyPodEvictionPolicy: Unsupported value: "Never": supported values: "AlwaysAllow", "IfHealthyBudget"',
    ],
  ])('%j', (spec, message) => {
    expect(kinds.createError(NAME, make(spec))).toBe(message)
  })

  it('begins without a status, and only the status door writes it', () => {
    const { strategy } = kinds.of(NAME)
    const given = make({ minAvailable: 1 }, { disruptionsAllowed: 7 })
    expect(strategy.prepareForCreate?.(given).status).toEqual({
      currentHealthy: 0,
      desiredHealthy: 0,
      disruptionsAllowed: 0,
      expectedPods: 0,
    })
    expect(kinds.updateError(NAME, make({}, { disruptionsAllowed: -1, conditions: [] }), given, 'status')).toBe(
      'status.disruptionsAllowed: Invalid value: -1: must be greater than or equal to 0',
    )
    const condition = { type: 'X', status: 'Maybe', lastTransitionTime: null, reason: '', message: '' }
    expect(kinds.updateError(NAME, make({}, { conditions: [condition, condition] }), given, 'status')).toContain(
      '[status.conditions[0].status: Unsupported value: "Maybe": supported values: "False", "True", "Unknown", status.conditions[0].lastTransitionTime: Required value, status.conditions[0].reason: Required value, status.conditions[1].type: Duplicate value: "X"',
    )
  })

  it('is shown with what it asks for', () => {
    expect(kinds.cells(NAME, make({ maxUnavailable: '50%' }, { disruptionsAllowed: 2 }))).toEqual([
      'it',
      'N/A',
      '50%',
      2,
      '90s',
    ])
  })
})
