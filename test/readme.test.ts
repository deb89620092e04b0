import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { configManual } from '../lab-server/config.ts'

const root = join(import.meta.dirname, '..')
const readme = readFileSync(join(root, 'README.md'), 'utf8')

it('says of each setting in the README what its schema says', () => {
  const table = /<!-- settings -->\n([\s\S]*)<!-- \/settings -->/.exec(readme)?.[1]
  expect(table?.trim()).toBe(configManual().trim())
})

it('names no file or folder in the README that is not there', () => {
  const links = [...readme.matchAll(/\]\((?!https?:)([^)#]+)\)/g)].map((match) => match[1] as string)
  expect(links.length).toBeGreaterThan(3)
  for (const link of links) expect(() => readFileSync(join(root, link)), link).not.toThrow()
})
