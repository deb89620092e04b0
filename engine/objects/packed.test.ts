import { expect, it } from 'vitest'
import { pack, Scratch, unpack } from './packed.ts'

const FORM = 'QUAYSIDE TEST 1\n'
const given = {
  value: { text: 'ein Käse, 見る 🧀' },
  parts: [Uint8Array.of(1, 2, 3), new Uint8Array(0), Uint8Array.of(4)],
}

it('packs and unpacks what takes one byte for a character, and more', () => {
  expect(unpack(FORM, pack(FORM, given))).toEqual(given)
})

it('makes the same bytes in a scratch that has been used', () => {
  const scratch = new Scratch()
  const large = { value: 'x'.repeat(5_000), parts: [new Uint8Array(3_000).fill(7)] }
  expect(pack(FORM, large, scratch)).toEqual(pack(FORM, large))
  const { size } = scratch
  expect(pack(FORM, given, scratch)).toEqual(pack(FORM, given))
  expect(scratch.size).toBe(size)
  const second = pack(FORM, large, scratch)
  expect(second.buffer).toBe(scratch.take(1).buffer)
  expect(unpack(FORM, second)).toEqual(large)
})

it('keeps nothing of a scratch in what is unpacked', () => {
  const scratch = new Scratch()
  const unpacked = unpack(FORM, pack(FORM, given, scratch))
  pack(FORM, { value: null, parts: [new Uint8Array(100).fill(9)] }, scratch)
  expect(unpacked).toEqual(given)
})

it('tells another form, and what is cut off', () => {
  expect(unpack('QUAYSIDE OTHER 1\n', pack(FORM, given))).toBeUndefined()
  expect(() => unpack(FORM, pack(FORM, given).slice(0, -1))).toThrow('The end of what was packed is missing.')
})
