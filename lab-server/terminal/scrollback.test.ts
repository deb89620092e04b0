import { describe, expect, it } from 'vitest'
import { Scrollback, safeCut } from './scrollback.ts'

const bytes = (text: string) => new TextEncoder().encode(text)
const from = (scrollback: Scrollback, offset: number) => {
  const into = new Uint8Array(scrollback.end - offset)
  expect(scrollback.copy(offset, into)).toBe(into.length)
  return new TextDecoder().decode(into)
}

describe('scrollback', () => {
  it('gives back what was written, from any offset', () => {
    const scrollback = new Scrollback(16)
    scrollback.append(bytes('hello '))
    scrollback.append(bytes('there'))
    expect(from(scrollback, 0)).toBe('hello there')
    expect(from(scrollback, 6)).toBe('there')
  })

  it('keeps the last bytes and counts them all, whatever the pieces', () => {
    const text = Array.from({ length: 5000 }, (_, i) => String(i)).join(' ')
    for (const piece of [1, 7, 4096, 8192, 30_000]) {
      const scrollback = new Scrollback(8192)
      for (let i = 0; i < text.length; i += piece) scrollback.append(bytes(text.slice(i, i + piece)))
      expect(scrollback.end).toBe(text.length)
      expect(scrollback.start).toBe(text.length - 8192)
      expect(from(scrollback, scrollback.start)).toBe(text.slice(-8192))
    }
  })

  it('refuses offsets that it no longer has, or not yet', () => {
    const scrollback = new Scrollback(4)
    scrollback.append(bytes('123456'))
    expect(() => scrollback.copy(1, new Uint8Array(1))).toThrow(RangeError)
    expect(() => scrollback.copy(7, new Uint8Array(1))).toThrow(RangeError)
  })

  it('begins at its start as long as nothing is lost', () => {
    const scrollback = new Scrollback(16)
    scrollback.append(bytes('prompt$ ls\n'))
    expect(scrollback.safeStart()).toBe(0)
  })

  it('begins after a line once something is lost', () => {
    const scrollback = new Scrollback(16)
    scrollback.append(bytes('\x1b[31mred\nthe second\x1b[0m'))
    expect(from(scrollback, scrollback.safeStart())).toBe('the second\x1b[0m')
  })

  it('cuts at an escape where there is no line', () => {
    expect(safeCut(bytes('1;31mred\x1b[0mplain'))).toBe(8)
  })

  it('cuts no character in two', () => {
    expect(safeCut(bytes('€uro').subarray(1))).toBe(2)
    expect(safeCut(bytes('euro'))).toBe(0)
  })
})
