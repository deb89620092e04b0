import { mkdtempSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { Slots } from './slots.ts'

let folder: string
const path = () => join(folder, 'cluster')
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'quayside-slots-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

const written = async (...texts: string[]) => {
  const slots = new Slots(path())
  for (const [at, text] of texts.entries()) await slots.write(Buffer.from(text), at)
}
const read = async () => (await new Slots(path()).read())?.bytes.toString()

it('gives back what was written last, in the process after it too', async () => {
  await written('one', 'two', 'three')
  expect(await new Slots(path()).read()).toEqual({ sequence: 3, taken: 2, bytes: Buffer.from('three') })
  await written('four')
  expect(await read()).toBe('four')
})

it('passes over what is torn, and gives what was there before', async () => {
  await written('one', 'two')
  truncateSync(`${path()}.0`, readFileSync(`${path()}.0`).length - 1)
  expect(await read()).toBe('one')
  writeFileSync(`${path()}.1`, '')
  expect(await read()).toBeUndefined()
  await written('again')
  expect(await read()).toBe('again')
})

it('passes over bytes that were changed', async () => {
  await written('one', 'two')
  const bytes = readFileSync(`${path()}.0`)
  bytes[bytes.length - 1] = 0
  writeFileSync(`${path()}.0`, bytes)
  expect(await read()).toBe('one')
})

it('is nothing where nothing was written', async () => {
  expect(await read()).toBeUndefined()
})

it('is for nobody else to read', async () => {
  await written('one')
  expect(statSync(`${path()}.1`).mode & 0o777).toBe(0o600)
})
