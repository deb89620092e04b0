import { expect, it } from 'vitest'
import { type RawListOptions, validateListOptions } from './options.ts'

function said(options: RawListOptions): string {
  try {
    validateListOptions(options)
  } catch (error) {
    return String((error as Error).message).replace('ListOptions.meta.k8s.io "" is invalid: ', '')
  }
  return 'fine'
}

it('takes what goes together', () => {
  for (const options of [
    {},
    { resourceVersion: '7', resourceVersionMatch: 'Exact' },
    { resourceVersion: '0', resourceVersionMatch: 'NotOlderThan' },
    { watch: true, resourceVersion: '7' },
    { watch: true, sendInitialEvents: true, resourceVersionMatch: 'NotOlderThan' },
    { watch: true, sendInitialEvents: false, resourceVersionMatch: 'NotOlderThan', resourceVersion: '7' },
  ]) {
    expect(said(options)).toBe('fine')
  }
})

it("refuses what does not, in upstream's words", () => {
  expect(said({ resourceVersionMatch: 'Exact' })).toBe(
    'resourceVersionMatch: Forbidden: resourceVersionMatch is forbidden unless resourceVersion is provided',
  )
  expect(said({ resourceVersionMatch: 'Exact', resourceVersion: '0' })).toBe(
    'resourceVersionMatch: Forbidden: resourceVersionMatch "exact" is forbidden for resourceVersion "0"',
  )
  expect(said({ resourceVersionMatch: 'Roughly', resourceVersion: '3', continue: 'x' })).toBe(
    '[resourceVersionMatch: Forbidden: resourceVersionMatch is forbidden when continue is provided, resourceVersionMatch: Unsupported value: "Roughly": supported values: "Exact", "NotOlderThan", ""]',
  )
  expect(said({ sendInitialEvents: true })).toBe(
    'sendInitialEvents: Forbidden: sendInitialEvents is forbidden for list',
  )
  expect(said({ watch: true, sendInitialEvents: true })).toBe(
    'resourceVersionMatch: Forbidden: sendInitialEvents requires setting resourceVersionMatch to NotOlderThan',
  )
  expect(said({ watch: true, resourceVersionMatch: 'Exact', continue: 'x' })).toBe(
    '[resourceVersionMatch: Forbidden: resourceVersionMatch is forbidden for watch unless sendInitialEvents is provided, resourceVersionMatch: Unsupported value: "Exact": supported values: "NotOlderThan", resourceVersionMatch: Forbidden: resourceVersionMatch is forbidden when continue is provided]',
  )
})
