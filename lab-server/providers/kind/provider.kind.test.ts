import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { randomIds } from '../../ids.ts'
import type { KubeObject } from '../../kube/connection.ts'
import type { Cluster, Provider, Shell } from '../provider.ts'
import { docker, leftOf, testProvider } from './provider.fixture.ts'

const WEB = 'ghcr.io/stefanprodan/podinfo:6.9.1'
const instance = `test-${randomIds.short()}`
const id = randomIds.short()
const never = new AbortController().signal

/** What a shell has written since it was attached to. */
async function listen(shell: Shell) {
  const heard = { text: '', bytes: 0, exit: undefined as number | null | undefined }
  await shell.attach({
    onData(data) {
      heard.bytes += data.length
      heard.text = (heard.text + Buffer.from(data).toString()).slice(-65_536)
    },
    onExit: (code) => {
      heard.exit = code
    },
  })
  return heard
}
const soon = (check: () => void | Promise<void>) => vi.waitFor(check, { timeout: 15_000, interval: 50 })
const type = (shell: Shell, text: string) => shell.write(Buffer.from(text))

describe('a cluster of kind', () => {
  let first: Provider
  let second: Provider
  let cluster: Cluster
  const stages: string[] = []

  beforeAll(async () => {
    first = testProvider(instance, [WEB])
    second = testProvider(instance, [WEB])
    cluster = await first.create({ id, workers: 1 }, (stage) => stages.push(stage), never)
  })
  afterAll(async () => {
    for (const owned of await first.list()) await owned.dispose()
    await first.close()
    await second.close()
  })

  it('can be made here, and was made stage by stage', async () => {
    expect(await first.probe()).toEqual({ available: true })
    expect(stages).toEqual(['image', 'cluster', 'addons', 'shell'])
    expect(await cluster.healthy()).toBe(true)
  })

  it('has helm in its shells, with completion', async () => {
    expect((await cluster.run('helm version --short', never)).output).toMatch(/^v4\./)
    const complete = 'bash --rcfile /etc/quayside/bashrc -ic "complete -p kubectl helm k" 2> /dev/null | wc -l'
    expect((await cluster.run(complete, never)).output).toBe('3\n')
  })

  it('has a shell from the start, in which the reader is no administrator', async () => {
    const [shell] = cluster.shells
    if (!shell) throw new Error('no shell')
    const heard = await listen(shell)
    type(shell, 'echo ans"wer": $(whoami) $(kubectl get nodes -o name | wc -l)\n')
    await soon(() => expect(heard.text).toContain('answer: learner 2'))
    expect(heard.text).toContain('learner@lab:~$ ')
    expect((await cluster.run('kubectl auth whoami -o jsonpath={.status.userInfo.groups}', never)).output).toBe(
      '["quayside:readers","system:authenticated"]',
    )
  })

  it('completes what is typed of kubectl, also by its short name', async () => {
    const shell = await cluster.openShell({ cols: 120, rows: 30 })
    const heard = await listen(shell)
    type(shell, 'k get namespaces kube-sy\t')
    await soon(() => expect(heard.text).toContain('k get namespaces kube-system'))
    await shell.close()
    await soon(() => expect(heard.exit).toBe(137))
  })

  it('gives each shell a number of its own and no more shells than allowed', async () => {
    const open = [await cluster.openShell({ cols: 80, rows: 24 }), await cluster.openShell({ cols: 80, rows: 24 })]
    expect(open.map((shell) => shell.id)).toEqual([3, 4])
    await expect(cluster.openShell({ cols: 80, rows: 24 })).rejects.toMatchObject({
      code: 'too-many-shells',
      status: 429,
    })
    const [third, fourth] = open
    if (!third || !fourth) throw new Error('no shells')
    const heard = await listen(fourth)
    type(fourth, 'stty size; exit 3\n')
    await soon(() => expect(heard.exit).toBe(3))
    expect(heard.text).toContain('24 80')
    await third.close()
    await fourth.close()
  })

  it('lays files into the reader’s home, and nowhere else', async () => {
    await cluster.writeFile('shop/web.yaml', 'kind: Pod\n')
    expect(await cluster.run('cat shop/web.yaml', never)).toEqual({ code: 0, output: 'kind: Pod\n' })
    await expect(cluster.writeFile('../etc/passwd', '')).rejects.toThrow(/inside the reader's home/)
    await expect(cluster.writeFile('/etc/passwd', '')).rejects.toThrow(/inside the reader's home/)
  })

  it('lets the page list, read and write the home, and nothing else', async () => {
    const { home } = cluster
    await home.write('shop/b.yaml', 'kind: Service\n', null)
    await cluster.run("ln -s /etc out; printf 'a\\0b' > data; echo late >> shop/b.yaml", never)
    expect((await home.list()).entries.map(({ path }) => path)).toEqual([
      'data',
      'out',
      'shop',
      'shop/b.yaml',
      'shop/web.yaml',
    ])
    const { content, version } = await home.read('shop/b.yaml')
    expect(content).toBe('kind: Service\nlate\n')
    expect(await home.write('shop/b.yaml', 'é\n', version)).not.toBe(version)
    await expect(home.write('shop/b.yaml', 'x', version)).rejects.toMatchObject({ code: 'changed' })
    await expect(home.read('data')).rejects.toMatchObject({ code: 'binary' })
    await expect(home.read('out/passwd')).rejects.toMatchObject({ code: 'outside-home' })
    await expect(home.write('out/quayside/bashrc', 'x')).rejects.toMatchObject({ code: 'outside-home' })
    expect((await cluster.run('cat shop/b.yaml; rm out data', never)).output).toBe('é\n')
  })

  it('opens what lab edit asks for on a terminal', async () => {
    const [shell] = cluster.shells
    if (!shell) throw new Error('no shell')
    const heard = await listen(shell)
    type(shell, 'lab edit shop/b.yaml; echo code=$?\n')
    await soon(() => expect(heard.text).toMatch(/\]7117;edit;\w+;/))
    const id = /\]7117;edit;(\w+);/.exec(heard.text)?.[1] ?? ''
    await cluster.home.answerEdit(id, 'open')
    await cluster.home.answerEdit(id, 'done')
    await soon(() => expect(heard.text).toContain('code=0'))
  })

  it('runs scripts with both outputs, cuts them at 64 KiB, and ends them when aborted', async () => {
    expect(await cluster.run('echo out; echo err >&2; exit 4', never)).toMatchObject({ code: 4 })
    expect((await cluster.run('yes | head -c 200000', never)).output).toHaveLength(65_536)
    expect((await cluster.run('sleep 300 & echo done', never)).output).toBe('done\n')
    const stop = new AbortController()
    setTimeout(() => stop.abort(new Error('enough')), 500)
    await expect(cluster.run('sleep 301 & sleep 302', stop.signal)).rejects.toThrow('enough')
    expect((await cluster.run('ps ax -o args= | grep -c "^sleep 30[12]"', never)).output).toBe('0\n')
  })

  it('does not let a shell that nobody reads grow the server', async () => {
    const [shell] = cluster.shells
    if (!shell) throw new Error('no shell')
    shell.pause()
    type(shell, 'yes\n')
    await new Promise((resolve) => setTimeout(resolve, 500))
    const before = process.memoryUsage()
    await new Promise((resolve) => setTimeout(resolve, 3000))
    const after = process.memoryUsage()
    // `yes` would have written hundreds of MiB
    expect(after.rss - before.rss).toBeLessThan(16 * 1024 * 1024)
    type(shell, '\x03')
    shell.resume()
  })

  it('answers the server’s own connection: apply, watch, ask a Service, delete', async () => {
    const kube = cluster.admin
    const labels = { app: 'web' }
    const seen: string[] = []
    const query = { apiVersion: 'apps/v1', kind: 'Deployment', namespace: 'default', name: 'web' }
    const ready = Promise.withResolvers<void>()
    const watch = kube.watch(query, ({ type, object }) => {
      seen.push(type)
      if ((object.status as { readyReplicas?: number } | undefined)?.readyReplicas === 1) ready.resolve()
    })
    await watch.synced
    expect(watch.objects).toEqual([])
    await kube.apply({
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name: 'web' },
      spec: {
        selector: { matchLabels: labels },
        template: {
          metadata: { labels },
          spec: { containers: [{ name: 'web', image: WEB, readinessProbe: { httpGet: { port: 9898 } } }] },
        },
      },
    })
    const service: KubeObject = {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name: 'web' },
      spec: { selector: labels, ports: [{ port: 80, targetPort: 9898 }] },
    }
    await kube.apply(service)
    const ask = { namespace: 'default', service: 'web', port: 80, path: '/version' }
    await ready.promise
    await soon(async () =>
      expect(await kube.proxy(ask)).toMatchObject({ status: 200, body: expect.stringContaining('version') }),
    )
    await kube.apply({ ...service, spec: { selector: { app: 'nobody' }, ports: [{ port: 80 }] } })
    await soon(async () => expect(await kube.proxy(ask)).toMatchObject({ status: 0 }))
    await expect(kube.proxy({ ...ask, service: 'nobody' })).rejects.toMatchObject({ status: 404 })
    await kube.delete(query)
    await soon(() => expect(watch.objects).toEqual([]))
    expect(seen[0]).toBe('ADDED')
    expect(seen.at(-1)).toBe('DELETED')
    watch.close()
    expect(await kube.list({ apiVersion: 'v1', kind: 'Node' })).toHaveLength(2)
    expect(await kube.get(query)).toBeUndefined()
  })

  it('has metrics soon after', async () => {
    await vi.waitFor(
      async () => expect((await cluster.run('kubectl top nodes', never)).output).toContain(`lab-${id}-worker`),
      { timeout: 3 * 60_000, interval: 1000 },
    )
  })

  it('is taken up by another process with its shells running on', async () => {
    const [shell] = cluster.shells
    if (!shell) throw new Error('no shell')
    type(shell, '\nKEPT=tomorrow; echo before\n')
    await soon(async () => expect((await docker.getContainer(`lab-${id}-shell-1`).inspect()).State.Running).toBe(true))
    await first.close()
    const [owned] = await second.list()
    expect(owned?.id).toBe(id)
    const again = await owned?.adopt()
    if (!again) throw new Error('not adopted')
    expect(again.shells.map((open) => open.id)).toEqual([1])
    const [kept] = again.shells
    if (!kept) throw new Error('no shell')
    const heard = await listen(kept)
    await soon(() => expect(heard.text).toContain('before'))
    await soon(() => expect(heard.text.trimEnd().endsWith('learner@lab:~$')).toBe(true))
    type(kept, 'echo "it is $KEPT"\n')
    await soon(() => expect(heard.text).toContain('it is tomorrow'))
    const next = await again.openShell({ cols: 80, rows: 24 })
    expect(next.id).toBe(5)
    expect(await again.healthy()).toBe(true)
    await again.dispose()
    await again.dispose()
    expect(await leftOf(instance, id)).toEqual([])
    expect(await second.list()).toEqual([])
  })
})

describe('a cluster that is given up while it is made', () => {
  it.each([
    ['before there is a node', 'toolbox', 0],
    ['while Docker makes a node', 'control-plane', 0],
    ['while Kubernetes starts in the node', 'control-plane', 5000],
  ])('leaves nothing: %s', async (_, seen, later) => {
    const provider = testProvider(instance, [WEB])
    const given = randomIds.short()
    const stop = new AbortController()
    const making = provider.create({ id: given, workers: 1 }, () => {}, stop.signal)
    making.catch(() => {})
    await vi.waitFor(async () => expect((await leftOf(instance, given)).join()).toContain(seen), {
      timeout: 30_000,
      interval: 20,
    })
    await new Promise((resolve) => setTimeout(resolve, later))
    stop.abort(new Error('the reader has gone'))
    await expect(making).rejects.toThrow('the reader has gone')
    expect(await leftOf(instance, given)).toEqual([])
    await new Promise((resolve) => setTimeout(resolve, 3000))
    expect(await leftOf(instance, given)).toEqual([])
    await provider.close()
  })

  it('is found and removed when the process that made it is gone', async () => {
    const provider = testProvider(instance, [WEB])
    const left = randomIds.short()
    const mark = {
      'dev.quayside.instance': instance,
      'dev.quayside.cluster': left,
      'dev.quayside.created': '1700000000000',
      'dev.quayside.workers': '1',
    }
    await docker.createNetwork({ Name: `lab-${left}`, Labels: mark })
    const [owned] = await provider.list()
    expect(owned).toMatchObject({ id: left, createdAt: 1_700_000_000_000 })
    expect(await owned?.adopt()).toBeUndefined()
    await owned?.dispose()
    expect(await leftOf(instance, left)).toEqual([])
    await provider.close()
  })
})
