import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, it, onTestFinished } from 'vitest'
import { Random } from '../clock/random.ts'
import { realClock } from '../clock/real-clock.ts'
import type { Container, ContainerOptions, Sandbox, VolumeTree } from '../containers/contract.ts'
import { emptyTree } from '../containers/files/volume.ts'
import { createMachine } from '../containers/machine.ts'
import { request } from '../network/http/client.ts'
import { loopback } from '../network/http/loopback.testing.ts'
import { images } from './all.ts'

describe('the registry', () => {
  it('has every image that a lab names', () => {
    const labs = new URL('../../labs/', import.meta.url)
    const named = readdirSync(labs, { withFileTypes: true, recursive: true })
      .filter((entry) => entry.isFile() && entry.name.endsWith('.yaml'))
      .map((entry) => readFileSync(`${entry.parentPath}/${entry.name}`, 'utf8'))
      // What is broken on purpose may name an image that nobody has.
      .filter((text) => !text.includes('quayside.dev/starts-broken'))
      .flatMap((text) => [...text.matchAll(/^\s*(?:(?:- )?image: |- )([\w./-]+:[\w.-]+)\s*$/gm)])
      .flatMap(([, reference = '']) => (reference.startsWith('registry.example.com/') ? [] : [reference]))
    expect(named.length).toBeGreaterThanOrEqual(5)
    expect([...new Set(named)].filter((reference) => images.find(reference) === undefined)).toEqual([])
  })

  it.each([
    'nginx',
    'nginx:1.26',
    'nginx:1.27-alpine',
    'stefanprodan/podinfo:6.9.2',
    'ghcr.io/stefanprodan/podinfo:6.9.0',
    'redis:8.0',
    'redis:8-alpine',
    'postgres:17',
    'postgres:17-alpine',
    'curlimages/curl',
    'curlimages/curl:8.14.1',
    'busybox:1.36',
    'alpine',
    'debian:bookworm-slim',
    'ubuntu:24.04',
    'httpd:2.4',
    'hello-world',
    'registry.k8s.io/pause:3.10.1',
  ])('has %s', (reference) => {
    expect(images.find(reference)?.image.size).toBeGreaterThan(0)
  })

  it.each(['nginx:9.99', 'ngnix', 'python', 'node', 'registry.example.com/nginx:1.26'])('has no %s', (reference) => {
    expect(images.find(reference)).toBeUndefined()
  })
})

/** A Pod's machine with the images as they are. */
function pod() {
  const clock = realClock()
  const network = loopback()
  const machine = createMachine({ clock, random: new Random('images'), cores: 4, memory: 4 * 1024 ** 3 })
  const sandbox: Sandbox = machine.sandbox({
    namespace: 'default',
    name: 'web',
    uid: '1',
    hostname: 'web-0',
    network,
    shareProcesses: false,
  })
  onTestFinished(() => sandbox.remove())
  let ids = 0
  const run = (reference: string, options: Partial<ContainerOptions> = {}) => {
    const found = images.find(reference)
    if (found === undefined) throw new Error(`${reference} is not there`)
    let log = ''
    const container: Container = sandbox.create({
      name: `c${++ids}`,
      id: String(ids).padStart(64, '0'),
      image: found.image,
      env: new Map(),
      readOnlyRoot: false,
      mounts: [],
      tty: false,
      stdin: false,
      stdinOnce: false,
      log: (_, bytes) => {
        log += new TextDecoder().decode(bytes)
      },
      ...options,
    })
    container.start()
    const says = async (pattern: RegExp) => {
      for (let tries = 0; tries < 3000 && !pattern.test(log); tries++)
        await new Promise((resolve) => setTimeout(resolve, 10))
      expect(log).toMatch(pattern)
    }
    const exec = async (...command: string[]) => {
      let out = ''
      const take = async (bytes: Uint8Array) => {
        out += new TextDecoder().decode(bytes)
      }
      const nothing = { async *[Symbol.asyncIterator]() {} }
      const io = { stdin: nothing, stdout: take, stderr: take, sizes: nothing, signal: new AbortController().signal }
      return { result: await container.exec(command, { tty: false, stdin: false }, io), out }
    }
    return { container, says, exec }
  }
  return { network, run }
}

describe('on a machine', () => {
  it('podinfo answers, is probed by its tools, and ends at SIGTERM', async () => {
    const { network, run } = pod()
    const { container, says, exec } = run('ghcr.io/stefanprodan/podinfo:6.9.1')
    await says(/Starting HTTP Server/)
    const answer = await request(network, { host: 'web', port: 9898, path: '/version' })
    expect(JSON.parse(await answer.body.text()).version).toBe('6.9.1')
    expect(await exec('curl', '-s', '-o', '/dev/null', '-w', '%{http_code}', 'localhost:9898/readyz')).toEqual({
      result: { exitCode: 0 },
      out: '200',
    })
    expect((await exec('podcli', 'check', 'http', 'localhost:9898/healthz')).result).toEqual({ exitCode: 0 })
    expect((await exec('sh', '-c', 'id -un; pwd; cat /etc/alpine-release')).out).toBe('app\n/home/app\n3.22.1\n')
    container.kill('SIGTERM')
    expect(await container.ended).toMatchObject({ code: 0 })
  }, 15_000)

  it('nginx serves what a shell writes for it, logs to its container, and reloads', async () => {
    const { network, run } = pod()
    const { says, exec, container } = run('nginx:1.26')
    await says(/start worker processes/)
    expect((await exec('bash', '-c', 'echo hello > /usr/share/nginx/html/index.html')).result).toEqual({ exitCode: 0 })
    expect(await (await request(network, { host: 'web' })).body.text()).toBe('hello\n')
    await says(/"GET \/ HTTP\/1\.1" 200 6/)
    expect((await exec('nginx', '-s', 'reload')).result).toEqual({ exitCode: 0 })
    await says(/reconfiguring/)
    container.kill('SIGQUIT')
    expect(await container.ended).toMatchObject({ code: 0 })
  }, 15_000)

  it('redis keeps on a volume what its client has set', async () => {
    const tree: VolumeTree = emptyTree({ now: () => Date.now() })
    const mounts = [{ tree, subPath: '', path: '/data', readOnly: false }]
    for (const expected of ['1\n', '2\n']) {
      const { run } = pod()
      const { says, exec, container } = run('redis:8.0', { mounts, args: ['redis-server', '--appendonly', 'yes'] })
      await says(/Ready to accept connections/)
      expect((await exec('redis-cli', 'incr', 'visits')).out).toBe(expected)
      container.kill('SIGKILL')
      expect(await container.ended).toMatchObject({ code: 137 })
    }
  }, 15_000)

  it('postgres keeps on a volume what psql has committed, though it is killed', async () => {
    const tree: VolumeTree = emptyTree({ now: () => Date.now(), memoryLimit: 64 * 1024 ** 2 })
    const mounts = [{ tree, subPath: '', path: '/var/lib/postgresql/data', readOnly: false }]
    const env = new Map([
      ['POSTGRES_PASSWORD', 'secret'],
      ['PGDATA', '/var/lib/postgresql/data/pgdata'],
    ])
    for (const [sql, expected] of [
      ['create table t (n int); insert into t values (7)', 'CREATE TABLE\nINSERT 0 1\n'],
      ['select n from t', ' n \n---\n 7\n(1 row)\n\n'],
    ]) {
      const { run } = pod()
      const { says, exec, container } = run('postgres:17', { mounts, env })
      await says(/database system is ready to accept connections/)
      expect(await exec('psql', '-U', 'postgres', '-c', sql ?? '')).toEqual({ result: { exitCode: 0 }, out: expected })
      container.kill('SIGKILL')
      await container.ended
    }
  }, 90_000)

  it('curl, hello-world and pause do what they are for', async () => {
    const { run } = pod()
    const curl = run('curlimages/curl', { args: ['--version'] })
    expect(await curl.container.ended).toMatchObject({ code: 0 })
    await curl.says(/^curl 8\.14\.1/)
    const hello = run('hello-world')
    await hello.says(/Hello from Docker!/)
    const pause = run('registry.k8s.io/pause:3.10.1')
    // A first process hears of no signal before it has asked for it.
    await new Promise((resolve) => setTimeout(resolve, 100))
    pause.container.kill('SIGTERM')
    expect(await pause.container.ended).toMatchObject({ code: 0 })
  })

  it.each(['alpine', 'debian:12', 'ubuntu:22.04', 'httpd:2.4', 'postgres:17-alpine'])(
    '%s has a shell that says which it is',
    async (reference) => {
      const { run } = pod()
      const { says } = run(reference, { command: ['sh', '-c', '. /etc/os-release; echo $ID is it'] })
      await says(/^(?:alpine|debian|ubuntu) is it\n$/)
    },
  )
})
