import { expect, it } from 'vitest'
import { keyFor } from './extra-keys.ts'

it('sends the arrows that the program has asked for', () => {
  expect(keyFor('up', false)).toBe('\x1b[A')
  expect(keyFor('up', true)).toBe('\x1bOA')
  expect(keyFor('left', false)).toBe('\x1b[D')
})

it('sends nothing for a key that it does not know', () => {
  expect(keyFor('hyper', false)).toBe('')
})
