import { expect, it } from 'vitest'
import { plain } from './text.ts'

it.each([
  ['2 of 3 copies are ready', '2 of 3 copies are ready'],
  ['\u001b[31mred\u001b[0m', 'red'],
  ['\u001b]0;title\u0007after', 'after'],
  ['\u001b]8;;http://x\u001b\\link', 'link'],
  ['a\u001bcb', 'ab'],
  ['a\u202eb\u2066c\u200f', 'abc'],
  ['a\r\n\tb\u0000c\u009bd', 'a b c d'],
  ['  a  ', 'a'],
  ['\ud800x', '\ufffdx'],
])('makes %j plain', (text, expected) => {
  expect(plain(text)).toBe(expected)
})

it('cuts a text that goes on', () => {
  expect([...plain('😀'.repeat(1_000))]).toHaveLength(300)
  expect(plain('x'.repeat(100_000)).endsWith('x…')).toBe(true)
})
