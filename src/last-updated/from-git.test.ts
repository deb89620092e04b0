import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { changesIn, newestChanges } from './from-git.ts'

it('takes the newest change of each file', () => {
  const log = 't:1700000200\n\ncontent/a.mdx\n\nt:1700000100\n\ncontent/a.mdx\ncontent/b c.mdx\n'
  expect([...newestChanges(log)]).toEqual([
    ['content/a.mdx', new Date(1700000200000)],
    ['content/b c.mdx', new Date(1700000100000)],
  ])
})

it('knows nothing where there is no repository', () => {
  const folder = mkdtempSync(join(tmpdir(), 'quayside-no-git-'))
  expect(changesIn(folder, 'content').size).toBe(0)
  rmSync(folder, { recursive: true })
})
