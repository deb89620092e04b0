import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { LARGEST_PART, Shelf } from './shelf.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'quayside-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

it('keeps parts of clusters until they are cleared, and from then on again', async () => {
  const shelf = new Shelf(folder)
  await shelf.write('one', 'home', Buffer.from('first'), 1)
  await shelf.write('one', 'home', Buffer.from('second'), 2)
  await shelf.write('two', 'shells', Buffer.from('other'), 3)
  expect((await shelf.ids()).sort()).toEqual(['one', 'two'])
  expect(await new Shelf(folder).read('one', 'home')).toMatchObject({ taken: 2, bytes: Buffer.from('second') })
  await shelf.clear('one')
  expect(await shelf.ids()).toEqual(['two'])
  expect(await shelf.read('one', 'home')).toBeUndefined()
  await shelf.write('one', 'home', Buffer.from('third'), 4)
  expect(await shelf.read('one', 'home')).toMatchObject({ taken: 4, bytes: Buffer.from('third') })
})

it('refuses what is too large', async () => {
  const shelf = new Shelf(folder)
  await expect(shelf.write('one', 'home', Buffer.alloc(LARGEST_PART + 1), 1)).rejects.toThrow('home is too large')
  expect(await shelf.read('one', 'home')).toBeUndefined()
})
