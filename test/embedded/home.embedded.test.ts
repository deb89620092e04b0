/** The home folder as the panel Files has it, and `lab edit` in a real shell on a terminal. */
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { randomIds } from '../../lab-server/ids.ts'
import { testProvider } from '../../lab-server/providers/embedded/provider.fixture.ts'
import type { Cluster, Provider, Shell } from '../../lab-server/providers/provider.ts'
import { PAGE_OSC } from '../../protocol/terminal.ts'

const { signal } = new AbortController()
const [ESC, BEL] = ['\u001b', '\u0007']
const asks = new RegExp(`${ESC}\\]${PAGE_OSC};edit;(\\w+);([\\w+/=]+)${BEL}`)
const ended = (id: string) => `${ESC}]${PAGE_OSC};end;${id}${BEL}`

describe('the home folder of a simulated lab', () => {
  let provider: Provider
  let cluster: Cluster
  let shell: Shell
  let heard = ''
  const run = async (script: string) => (await cluster.run(script, signal)).output.trim()
  const soon = (check: () => void | Promise<void>) => vi.waitFor(check, { timeout: 15_000, interval: 50 })
  const type = (text: string) => {
    heard = ''
    shell.write(Buffer.from(text))
  }
  /** What the shell asks of the page. */
  const asked = async () => {
    let found: RegExpExecArray | null = null
    await soon(() => {
      found = asks.exec(heard)
      expect(found).not.toBeNull()
    })
    const [, id = '', path = ''] = found ?? []
    return { id, path: Buffer.from(path, 'base64').toString() }
  }

  beforeAll(async () => {
    provider = testProvider(`test-${randomIds.short()}`)
    cluster = await provider.create({ id: randomIds.short(), workers: 0 }, () => {}, signal)
    const [first] = cluster.shells
    if (!first) throw new Error('no shell')
    shell = first
    await shell.attach({ onData: (data) => (heard += Buffer.from(data)), onExit: () => {} })
  })
  afterAll(() => provider?.close())

  it('is the one that the shell sees', async () => {
    await cluster.home.write('shop/web.yaml', 'kind: Pod\n', null)
    expect(await run('cat shop/web.yaml')).toBe('kind: Pod')
    await run('echo "kind: Service" > shop/web.yaml; ln -s /etc/passwd passwd; ln -s / root')
    expect((await cluster.home.read('shop/web.yaml')).content).toBe('kind: Service\n')
    expect((await cluster.home.list()).entries.map(({ path, kind }) => `${path} ${kind}`)).toEqual([
      'passwd link',
      'root link',
      'shop folder',
      'shop/web.yaml file',
    ])
    await expect(cluster.home.read('passwd')).rejects.toMatchObject({ code: 'is-link' })
    await expect(cluster.home.read('root/etc/passwd')).rejects.toMatchObject({ code: 'outside-home' })
    await run('rm passwd root')
  })

  it('says so when there is no room left, and keeps what was there', async () => {
    await run('head -c 200M /dev/zero > big 2>/dev/null')
    if (Number(await run('wc -c < big')) < 200 * 1024 * 1024) {
      await run('head -c 1M /dev/zero >> big')
      await expect(cluster.home.write('shop/web.yaml', 'x'.repeat(200_000))).rejects.toMatchObject({
        code: 'file-refused',
      })
      expect(await run('cat shop/web.yaml')).toBe('kind: Service')
    }
    await run('rm big')
  })

  it('opens a file for lab edit, and lets the shell go on once it is done', async () => {
    type('lab edit shop/web.yaml; echo code=$?\n')
    const { id, path } = await asked()
    expect(path).toBe('shop/web.yaml')
    await cluster.home.answerEdit(id, 'open')
    await soon(() => expect(heard).toContain('Editing web.yaml'))
    await cluster.home.write(path, 'kind: Secret\n')
    await cluster.home.answerEdit(id, 'done')
    await soon(() => expect(heard).toContain('code=0'))
    expect(heard).toContain(ended(id))
    expect(await run('cat shop/web.yaml; ls -A .quayside/edits')).toBe('kind: Secret')
    await expect(cluster.home.answerEdit(id, 'done')).rejects.toMatchObject({ code: 'no-edit' })
  })

  it('opens what kubectl edits, and takes it to the cluster', async () => {
    await run('kubectl create configmap colours --from-literal=door=red')
    type('kubectl edit configmap colours; echo code=$?\n')
    const { id, path } = await asked()
    expect(path).toMatch(/^\.quayside\/edits\/\w+\/kubectl-edit-\d+\.yaml$/)
    await cluster.home.answerEdit(id, 'open')
    const { content, version } = await cluster.home.read(path)
    await cluster.home.write(path, content.replace('door: red', 'door: green'), version)
    await cluster.home.answerEdit(id, 'done')
    await soon(() => expect(heard).toContain('configmap/colours edited'))
    expect(await run("kubectl get configmap colours -o jsonpath='{.data.door}'")).toBe('green')
  })

  it('changes nothing when the page, or the reader, leaves it', async () => {
    type('kubectl edit configmap colours; echo code=$?\n')
    const { id } = await asked()
    await cluster.home.answerEdit(id, 'open')
    await cluster.home.answerEdit(id, 'cancelled')
    await soon(() => expect(heard).toMatch(/code=1/))
    expect(heard).toContain('the file was left without Done')
    type('kubectl edit configmap colours; echo code=$?\n')
    const again = await asked()
    await cluster.home.answerEdit(again.id, 'open')
    await soon(() => expect(heard).toContain('Editing'))
    shell.write(Buffer.from('\x03'))
    await soon(() => expect(heard).toContain(ended(again.id)))
    await soon(() => expect(heard).toMatch(/learner@lab|\$ $/))
    expect(await run("kubectl get configmap colours -o jsonpath='{.data.door}'")).toBe('green')
  })

  it('says after 5 s that no page is there', async () => {
    type('kubectl edit configmap colours; echo code=$?\n')
    await soon(() => expect(heard).toContain('no page has opened the file'))
    await soon(() => expect(heard).toContain('code=1'))
    expect(await run('ls -A .quayside/edits')).toBe('')
  })
})
