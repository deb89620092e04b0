import { spawn } from 'node:child_process'
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { MAX_FILE } from '../../protocol/files.ts'
import { unconfinedHomes } from './embedded/sandbox/unconfined.ts'
import { runInHome } from './embedded/scripts.ts'
import { type HomeFiles, homeFiles, readList } from './home-files.ts'

describe('the home folder', () => {
  let folder: string
  let home: string
  let files: HomeFiles
  const there = (path: string) => join(home, path)
  const paths = async () => (await files.list()).entries.map(({ path }) => path)

  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'quayside-home-'))
    const opened = await unconfinedHomes({ folder, tools: [], completion: '', path: process.env.PATH ?? '' }).open('a')
    home = join(folder, 'homes', 'a')
    files = homeFiles(runInHome(opened))
    mkdirSync(there('shop'))
    writeFileSync(there('shop/web.yaml'), 'kind: Pod\n')
    writeFileSync(join(folder, 'secret'), 'not yours')
  })
  afterEach(() => rmSync(folder, { recursive: true }))

  it('is listed with its folders, without what begins with a dot, and with a version that changes with it', async () => {
    writeFileSync(there('a b’s | file'), 'é')
    symlinkSync('/etc', there('link'))
    const before = await files.list()
    expect(before).toMatchObject({
      truncated: false,
      entries: [
        { path: 'a b’s | file', kind: 'file', size: 2 },
        { path: 'link', kind: 'link', size: 0 },
        { path: 'shop', kind: 'folder', size: 0 },
        { path: 'shop/web.yaml', kind: 'file', size: 10 },
      ],
    })
    expect((await files.list()).version).toBe(before.version)
    writeFileSync(there('shop/web.yaml'), 'kind: POD\n')
    expect((await files.list()).version).not.toBe(before.version)
  })

  it('that is empty is listed too', async () => {
    rmSync(there('shop'), { recursive: true })
    expect(await files.list()).toMatchObject({ entries: [], truncated: false })
  })

  it('leaves names out of the list that would break it, and more of them than anybody reads', async () => {
    writeFileSync(there('two\nlines'), '')
    expect(await paths()).toEqual(['shop', 'shop/web.yaml'])
    for (let n = 0; n < 1100; n++) writeFileSync(there(`n${n}`), '')
    const { entries, truncated } = await files.list()
    expect([entries.length, truncated]).toEqual([1000, true])
    expect(readList('regular file|1|0|./../x\nregular file|1|0|./a\nregular fi', true)).toMatchObject({
      entries: [{ path: 'a' }],
      truncated: true,
    })
  })

  it('gives a text with its version, and takes it back', async () => {
    const { content, version } = await files.read('shop/web.yaml')
    expect(content).toBe('kind: Pod\n')
    chmodSync(there('shop/web.yaml'), 0o750)
    const next = await files.write('shop/web.yaml', 'kind: Service\n', version)
    expect(readFileSync(there('shop/web.yaml'), 'utf8')).toBe('kind: Service\n')
    expect(statSync(there('shop/web.yaml')).mode & 0o777).toBe(0o750)
    expect((await files.read('shop/web.yaml')).version).toBe(next)
    expect(await paths()).toEqual(['shop', 'shop/web.yaml'])
  })

  it('does not write over what the shell has changed since, unless told so', async () => {
    const { version } = await files.read('shop/web.yaml')
    writeFileSync(there('shop/web.yaml'), 'from the shell\n')
    await expect(files.write('shop/web.yaml', 'from the page\n', version)).rejects.toMatchObject({
      code: 'changed',
      status: 409,
    })
    expect(readFileSync(there('shop/web.yaml'), 'utf8')).toBe('from the shell\n')
    await files.write('shop/web.yaml', 'from the page\n')
    expect(readFileSync(there('shop/web.yaml'), 'utf8')).toBe('from the page\n')
    rmSync(there('shop/web.yaml'))
    await expect(files.write('shop/web.yaml', 'x', version)).rejects.toMatchObject({ code: 'no-file' })
  })

  it('makes files and folders, and none where something is already', async () => {
    await files.write('new/deep/-rf', 'x\n', null)
    expect(readFileSync(there('new/deep/-rf'), 'utf8')).toBe('x\n')
    await expect(files.write('new/deep/-rf', 'y', null)).rejects.toMatchObject({ code: 'file-exists' })
    await files.makeFolder('more')
    await expect(files.makeFolder('more')).rejects.toMatchObject({ code: 'file-exists' })
    await expect(files.write('more', 'y')).rejects.toMatchObject({ code: 'is-folder' })
  })

  it('renames, over nothing, and removes', async () => {
    await files.rename('shop/web.yaml', 'store/front.yaml')
    expect(await paths()).toEqual(['shop', 'store', 'store/front.yaml'])
    writeFileSync(there('other'), '')
    await expect(files.rename('other', 'store/front.yaml')).rejects.toMatchObject({ code: 'file-exists' })
    await expect(files.rename('nothing', 'some')).rejects.toMatchObject({ code: 'no-file' })
    await expect(files.rename('store', 'store/in')).rejects.toMatchObject({ code: 'file-exists' })
    await files.remove('store')
    await files.remove('other')
    expect(await paths()).toEqual(['shop'])
    await expect(files.remove('other')).rejects.toMatchObject({ code: 'no-file', status: 404 })
  })

  it('shows no binary file, none that is too large, and no folder', async () => {
    writeFileSync(there('data'), Buffer.from([0x50, 0, 0x51]))
    writeFileSync(there('latin'), Buffer.from([0xe9, 0x0a]))
    writeFileSync(there('large'), 'x'.repeat(MAX_FILE + 1))
    writeFileSync(there('fits'), 'x'.repeat(MAX_FILE))
    await expect(files.read('data')).rejects.toMatchObject({ code: 'binary', status: 415 })
    await expect(files.read('latin')).rejects.toMatchObject({ code: 'binary' })
    await expect(files.read('large')).rejects.toMatchObject({ code: 'too-large', status: 413 })
    expect((await files.read('fits')).content).toHaveLength(MAX_FILE)
    await expect(files.read('shop')).rejects.toMatchObject({ code: 'is-folder' })
    await expect(files.read('nothing')).rejects.toMatchObject({ code: 'no-file' })
  })

  it.each(['../secret', '/etc/passwd', 'shop/../../secret', 'shop/..', './shop', '', 'shop//web.yaml', 'a\0b', 'a\nb'])(
    'is not left by the path %j',
    async (path) => {
      const outside = expect.objectContaining({ code: 'outside-home', status: 403 })
      await expect(files.read(path)).rejects.toEqual(outside)
      await expect(files.write(path, 'mine')).rejects.toEqual(outside)
      await expect(files.remove(path)).rejects.toEqual(outside)
      await expect(files.makeFolder(path)).rejects.toEqual(outside)
      await expect(files.rename(path, 'x')).rejects.toEqual(outside)
      await expect(files.rename('shop', path)).rejects.toEqual(outside)
      expect(readFileSync(join(folder, 'secret'), 'utf8')).toBe('not yours')
    },
  )

  it('is not left by a link, to a file or to a folder', async () => {
    symlinkSync(join(folder, 'secret'), there('file'))
    symlinkSync(folder, there('out'))
    symlinkSync('shop', there('in'))
    await expect(files.read('file')).rejects.toMatchObject({ code: 'is-link', status: 409 })
    await expect(files.write('file', 'mine')).rejects.toMatchObject({ code: 'is-link' })
    for (const act of [
      () => files.read('out/secret'),
      () => files.write('out/secret', 'mine'),
      () => files.write('out/new', 'mine', null),
      () => files.makeFolder('out/folder'),
      () => files.remove('out/secret'),
      () => files.rename('shop', 'out/shop'),
      () => files.rename('out/secret', 'secret'),
    ])
      await expect(act()).rejects.toMatchObject({ code: 'outside-home', status: 403 })
    expect(readFileSync(join(folder, 'secret'), 'utf8')).toBe('not yours')
    expect((await files.read('in/web.yaml')).content).toBe('kind: Pod\n')
    await files.remove('out')
    expect(readFileSync(join(folder, 'secret'), 'utf8')).toBe('not yours')
  })

  describe('lab edit', () => {
    const edit = (id: string) => mkdirSync(there(`.quayside/edits/${id}`), { recursive: true })

    it('is told by the page, as long as it waits', async () => {
      edit('a1')
      await files.answerEdit('a1', 'open')
      await files.answerEdit('a1', 'done')
      expect(readFileSync(there('.quayside/edits/a1/done'), 'utf8')).toBe('')
      for (const id of ['a2', '..', '../edits/a1', 'A1', ''])
        await expect(files.answerEdit(id, 'done'), id).rejects.toMatchObject({ code: 'no-edit', status: 404 })
    })

    it('says at once that there is no page where there is no terminal', async () => {
      const { env, cwd } = { env: { HOME: home, PATH: process.env.PATH }, cwd: home }
      const program = join(import.meta.dirname, 'lab-command.sh')
      const child = spawn('setsid', ['--wait', 'bash', program, 'edit', 'shop/web.yaml'], { env, cwd })
      let said = ''
      child.stderr.on('data', (chunk) => (said += chunk))
      const code = await new Promise((resolve) => child.on('close', resolve))
      expect([code, said]).toEqual([
        1,
        'lab: files are edited in the panel Files of the page, and this is no terminal of it.\n',
      ])
    })
  })
})
