import { describe, expect, it } from 'vitest'
import { moveSeparator } from './separator.ts'

describe('the separator', () => {
  it('moves with the arrows and stops at its ends', () => {
    expect(moveSeparator(50, 'ArrowLeft', false)).toBe(48)
    expect(moveSeparator(50, 'ArrowRight', false)).toBe(52)
    expect(moveSeparator(26, 'ArrowLeft', false)).toBe(25)
    expect(moveSeparator(75, 'ArrowRight', false)).toBe(75)
  })

  it('goes to its ends with Home and End', () => {
    expect(moveSeparator(50, 'Home', false)).toBe(25)
    expect(moveSeparator(50, 'End', false)).toBe(75)
  })

  it('follows the eye where text runs from the right', () => {
    expect(moveSeparator(50, 'ArrowLeft', true)).toBe(52)
  })

  it('leaves other keys alone', () => {
    expect(moveSeparator(50, 'Tab', false)).toBeUndefined()
  })
})
