import { expect, it } from 'vitest'
import { Echoes } from './echoes.ts'

it('knows what is shown of what is typed, until something may run', () => {
  const echoes = new Echoes()
  expect(echoes.isEcho(0)).toBe(false)
  echoes.typed(Buffer.from('l'), 1_000)
  expect(echoes.isEcho(1_040)).toBe(true)
  // Something in the background, or a very busy machine
  expect(echoes.isEcho(1_500)).toBe(false)
  echoes.typed(Buffer.from('ś'), 2_000)
  expect(echoes.isEcho(2_010)).toBe(true)
  for (const key of ['\r', '\t', '\x1b[A', '\x0f', 'ls\r']) {
    echoes.typed(Buffer.from('x'), 3_000)
    echoes.typed(Buffer.from(key), 3_001)
    expect(echoes.isEcho(3_002), JSON.stringify(key)).toBe(false)
  }
})
