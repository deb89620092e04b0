/** The panel Files over HTTP, with a real folder behind it. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { MAX_FILE } from '../../protocol/files.ts'
import { runInHome } from '../providers/embedded/scripts.ts'
import { type Rim, startRim } from './server.fake.ts'

describe('the routes of the panel Files', () => {
  let rim: Rim
  let reader: Awaited<ReturnType<Rim['reader']>>
  let folder: string
  let home: string
  const files = (rest = '') => `${reader.path}/files${rest}`
  const content = (path: string) => files(`/content?path=${encodeURIComponent(path)}`)
  const errorOf = async (asked: Promise<{ status: number; json: { error: { code: string } } }>) => {
    const { status, json } = await asked
    return [status, json.error.code]
  }

  beforeEach(async () => {
    rim = await startRim()
    reader = await rim.reader()
    folder = mkdtempSync(join(tmpdir(), 'quayside-files-'))
    home = join(folder, 'home')
    mkdirSync(home)
    writeFileSync(join(folder, 'secret'), 'not yours')
    writeFileSync(join(home, 'web.yaml'), 'kind: Pod\n')
    reader.session.runInHome = runInHome({
      command: ([file = '', ...args]) => ({ file, args, env: { HOME: home, PATH: process.env.PATH ?? '' }, cwd: home }),
    })
  })
  afterEach(async () => {
    await rim.close()
    rmSync(folder, { recursive: true })
  })

  it('list, read, save, make, rename and remove', async () => {
    expect((await reader.ask('GET', files())).json.entries).toEqual([{ path: 'web.yaml', kind: 'file', size: 10 }])
    const { json: view } = await reader.ask('GET', content('web.yaml'))
    expect(view).toMatchObject({ path: 'web.yaml', content: 'kind: Pod\n' })
    const save = { path: 'web.yaml', content: 'kind: Service\n', version: view.version }
    const saved = await reader.ask('PUT', files('/content'), { body: save })
    expect(saved.status).toBe(200)
    expect((await reader.ask('GET', content('web.yaml'))).json.version).toBe(saved.json.version)
    expect(reader.session.calls).toContain('touch')
    expect((await reader.ask('POST', files('/folders'), { body: { path: 'shop' } })).status).toBe(204)
    const move = { from: 'web.yaml', to: 'shop/web.yaml' }
    expect((await reader.ask('POST', files('/rename'), { body: move })).status).toBe(204)
    expect(readFileSync(join(home, 'shop/web.yaml'), 'utf8')).toBe('kind: Service\n')
    expect((await reader.ask('DELETE', content('shop'))).status).toBe(204)
    expect((await reader.ask('GET', files())).json.entries).toEqual([])
  })

  it('refuse a save over what has changed since', async () => {
    const { json: view } = await reader.ask('GET', content('web.yaml'))
    writeFileSync(join(home, 'web.yaml'), 'from the shell\n')
    const save = { path: 'web.yaml', content: 'mine', version: view.version }
    expect(await errorOf(reader.ask('PUT', files('/content'), { body: save }))).toEqual([409, 'changed'])
    const fresh = { path: 'web.yaml', content: 'mine', version: null }
    expect(await errorOf(reader.ask('PUT', files('/content'), { body: fresh }))).toEqual([409, 'file-exists'])
  })

  it('take files up to their limit, however they are escaped, and no larger ones', async () => {
    const put = (content: string) => reader.ask('PUT', files('/content'), { body: { path: 'large', content } })
    expect((await put('"'.repeat(MAX_FILE))).status).toBe(200)
    expect(await errorOf(put('x'.repeat(MAX_FILE + 1)))).toEqual([400, 'invalid-request'])
    expect(await errorOf(put('ü'.repeat(MAX_FILE)))).toEqual([400, 'invalid-request'])
    expect(await errorOf(put('x'.repeat(1024 * 1024)))).toEqual([413, 'too-large'])
    // No other route takes so much
    const skip = reader.ask('POST', `${reader.path}/steps/one/skip`, { body: { x: 'x'.repeat(17_000) } })
    expect(await errorOf(skip)).toEqual([413, 'too-large'])
  })

  it.each(['../secret', '/etc/passwd', 'a/../../secret', '..', '', 'a\0', '.'])(
    'lead nowhere out of the home: %j',
    async (path) => {
      const refused = [400, 'invalid-request']
      expect(await errorOf(reader.ask('GET', content(path)))).toEqual(refused)
      expect(await errorOf(reader.ask('DELETE', content(path)))).toEqual(refused)
      const attempts: [string, string, object][] = [
        ['PUT', '/content', { path, content: 'mine' }],
        ['POST', '/folders', { path }],
        ['POST', '/rename', { from: path, to: 'mine' }],
        ['POST', '/rename', { from: 'web.yaml', to: path }],
      ]
      for (const [method, rest, body] of attempts)
        expect(await errorOf(reader.ask(method, files(rest), { body }))).toEqual(refused)
      expect(readFileSync(join(folder, 'secret'), 'utf8')).toBe('not yours')
      expect(readFileSync(join(home, 'web.yaml'), 'utf8')).toBe('kind: Pod\n')
    },
  )

  it('lead nowhere out of the home by a link', async () => {
    symlinkSync(folder, join(home, 'out'))
    expect(await errorOf(reader.ask('GET', content('out/secret')))).toEqual([403, 'outside-home'])
    const save = { path: 'out/secret', content: 'mine' }
    expect(await errorOf(reader.ask('PUT', files('/content'), { body: save }))).toEqual([403, 'outside-home'])
    expect(readFileSync(join(folder, 'secret'), 'utf8')).toBe('not yours')
  })

  it('answer nobody but the session’s reader', async () => {
    const stranger = await rim.reader()
    for (const [method, path, body] of [
      ['GET', files(), undefined],
      ['GET', content('web.yaml'), undefined],
      ['PUT', files('/content'), { path: 'web.yaml', content: 'theirs' }],
      ['DELETE', content('web.yaml'), undefined],
    ] as const)
      expect(await errorOf(stranger.ask(method, path, body ? { body } : {}))).toEqual([404, 'unknown-session'])
    expect(readFileSync(join(home, 'web.yaml'), 'utf8')).toBe('kind: Pod\n')
  })

  it('tell a program that waits for an edit, and say when none does', async () => {
    mkdirSync(join(home, '.quayside/edits/e1'), { recursive: true })
    const answer = (edit: string, state: string) => reader.ask('POST', files(`/edits/${edit}`), { body: { state } })
    expect((await answer('e1', 'done')).status).toBe(204)
    expect(readFileSync(join(home, '.quayside/edits/e1/done'), 'utf8')).toBe('')
    expect(await errorOf(answer('e2', 'done'))).toEqual([404, 'no-edit'])
    expect(await errorOf(answer('e1', 'evil'))).toEqual([400, 'invalid-request'])
    expect(await errorOf(answer('..%2Fe1', 'done'))).toEqual([404, 'no-edit'])
  })
})
