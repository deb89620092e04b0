import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { unconfinedHomes } from './unconfined.ts'

describe('a home in a folder', () => {
  let folder: string
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'quayside-home-'))
  })
  afterEach(() => rmSync(folder, { recursive: true }))

  it('has the command lab, and the commands of the machine', async () => {
    const homes = unconfinedHomes({ folder, tools: [], completion: '', path: process.env.PATH ?? '' })
    const home = await homes.open('a')
    const { file, args, env, cwd } = home.command(['bash', '-c', 'lab help'])
    expect(execFileSync(file, args, { env, cwd }).toString()).toMatch(/lab stop-node worker-2/)
    await home.close()
    await homes.close()
  })
})
