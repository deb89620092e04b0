import { describe, expect, it } from 'vitest'
import { HIGH_MARK, isStalled, LOW_MARK, SCROLLBACK, STALLED_AFTER, shouldPause, window } from './flow.ts'

describe('flow control', () => {
  it('lets a shell without pages run', () => {
    expect(shouldPause(false, [])).toBe(false)
    expect(shouldPause(true, [])).toBe(false)
  })

  it('pauses above the high mark and resumes only at the low mark', () => {
    expect(shouldPause(false, [HIGH_MARK])).toBe(false)
    expect(shouldPause(false, [HIGH_MARK + 1])).toBe(true)
    expect(shouldPause(true, [LOW_MARK + 1])).toBe(true)
    expect(shouldPause(true, [LOW_MARK])).toBe(false)
  })

  it('goes by the slowest page', () => {
    expect(shouldPause(false, [0, HIGH_MARK + 1])).toBe(true)
  })

  it('leaves room in the scrollback for what is on its way from a paused shell', () => {
    expect(SCROLLBACK - HIGH_MARK).toBeGreaterThanOrEqual(128 * 1024)
  })

  it('sends no more than the high mark ahead', () => {
    expect(window(0)).toBe(HIGH_MARK)
    expect(window(HIGH_MARK + 5)).toBe(0)
  })

  it('calls a page stalled only while another keeps up', () => {
    const page = { lag: HIGH_MARK, idle: STALLED_AFTER }
    expect(isStalled(page, [0])).toBe(true)
    expect(isStalled(page, [HIGH_MARK])).toBe(false)
    expect(isStalled(page, [])).toBe(false)
    expect(isStalled({ ...page, idle: STALLED_AFTER - 1 }, [0])).toBe(false)
  })
})
