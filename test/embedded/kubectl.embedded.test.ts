/** What a person does with kubectl, by the real kubectl against a served cluster that moves. */
import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { spawn as spawnAtTerminal } from 'node-pty'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { realClock } from '../../engine/clock/real-clock.ts'
import { images } from '../../engine/images/all.ts'
import { ADMIN, type ServedCluster, serveCluster } from '../../engine/node/serve.ts'
import { workloads } from '../../engine/workloads/workloads.ts'
import { findTools } from '../../lab-server/providers/tools/find.ts'

/** Milliseconds; the machine may have much else to do. */
const SOON = { timeout: 30_000, interval: 200 }

const folder = mkdtempSync(join(tmpdir(), 'quayside-kubectl-'))
const errors: unknown[] = []
let cluster: ServedCluster
let kubectl: string
let env: NodeJS.ProcessEnv

beforeAll(async () => {
  const path = process.env.PATH ?? ''
  kubectl = (await findTools({ path, cache: join('node_modules', '.cache', 'quayside', 'tools') })).kubectl
  cluster = await serveCluster({
    clock: realClock(),
    seed: 'kubectl',
    nodes: 3,
    port: 0,
    workloads: workloads({ images, addons: {} }),
    report: (error) => errors.push(error),
  })
  const kubeconfig = join(folder, 'kubeconfig')
  writeFileSync(kubeconfig, cluster.kubeconfigFor(ADMIN))
  env = { PATH: path, HOME: folder, KUBECONFIG: kubeconfig }
  await run('create', 'deployment', 'web', '--image=nginx', '--replicas=2')
  await run('expose', 'deployment', 'web', '--port=80')
  await run('run', 'redis', '--image=redis')
  await run(
    'run',
    'box',
    '--image=busybox',
    '--',
    'sh',
    '-c',
    'n=0; while true; do n=$((n+1)); echo tick $n; sleep 1; done',
  )
  await run('wait', '--for=condition=Ready', 'pod', '--all', '--timeout=60s')
})

afterAll(async () => {
  await cluster?.stop()
  rmSync(folder, { recursive: true, force: true })
  expect(errors).toEqual([])
})

interface Outcome {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
}

function attempt(...args: readonly string[]): Promise<Outcome> {
  return new Promise((resolve) => {
    const child = execFile(kubectl, args, { env, timeout: 90_000 }, (_, stdout, stderr) =>
      resolve({ code: child.exitCode ?? -1, stdout, stderr }),
    )
    child.stdin?.end()
  })
}

async function run(...args: readonly string[]): Promise<string> {
  const { code, stdout, stderr } = await attempt(...args)
  if (code !== 0) throw new Error(`kubectl ${args.join(' ')}: ${code}\n${stdout}${stderr}`)
  return stdout
}

/** kubectl in the background: what it has said, until it is told to end. */
class Running {
  said = ''
  readonly ended: Promise<number | null>
  readonly #child: ChildProcess

  constructor(args: readonly string[], input?: string) {
    this.#child = spawn(kubectl, args, { env })
    for (const stream of [this.#child.stdout, this.#child.stderr])
      stream?.on('data', (bytes) => {
        this.said += String(bytes)
      })
    if (input === undefined) this.#child.stdin?.end()
    else this.#child.stdin?.write(input)
    this.ended = new Promise((resolve) => this.#child.on('exit', resolve))
  }

  endInput(): void {
    this.#child.stdin?.end()
  }

  async stop(): Promise<void> {
    this.#child.kill('SIGINT')
    await this.ended
  }
}

/** kubectl at a terminal, with a person who reads before typing. */
class Person {
  seen = ''
  readonly ended: Promise<number>
  readonly #terminal: ReturnType<typeof spawnAtTerminal>

  constructor(...args: string[]) {
    this.#terminal = spawnAtTerminal(kubectl, args, { env: env as Record<string, string>, cols: 100, rows: 30 })
    this.#terminal.onData((text) => {
      this.seen += text
    })
    this.ended = new Promise((resolve) => this.#terminal.onExit(({ exitCode }) => resolve(exitCode)))
  }

  async sees(text: string | RegExp): Promise<void> {
    await expect.poll(() => this.seen, SOON).toMatch(text)
  }

  type(text: string): void {
    this.seen = ''
    this.#terminal.write(text)
  }

  resize(columns: number): void {
    this.#terminal.resize(columns, 30)
  }

  async leaves(): Promise<void> {
    this.#terminal.kill('SIGKILL')
    await this.ended
  }
}

describe('a command in a Pod', () => {
  it('reads what is piped to it, and its code is that of kubectl', async () => {
    const cat = new Running(['exec', '-i', 'box', '--', 'cat'], 'through and back\n')
    await expect.poll(() => cat.said, SOON).toBe('through and back\n')
    cat.endInput()
    expect(await cat.ended).toBe(0)
    expect(await attempt('exec', 'box', '--', 'sh', '-c', 'echo no >&2; exit 7')).toEqual({
      code: 7,
      stdout: '',
      stderr: 'no\ncommand terminated with exit code 7\n',
    })
  })

  it('that is not there is said not to be', async () => {
    const { code, stderr } = await attempt('exec', 'box', '--', 'nope')
    expect(code).toBe(1)
    expect(stderr).toMatch(
      /^error: Internal error occurred: error executing command in container: failed to exec in container: failed to start exec "[0-9a-f]{64}": OCI runtime exec failed: exec failed: unable to start container process: exec: "nope": executable file not found in \$PATH: unknown\n$/,
    )
  })

  it('is a shell at a terminal that is as wide as its window', async () => {
    const person = new Person('exec', '-it', 'box', '--', 'sh')
    await person.sees('/ # ')
    person.type('for n in 1 2 3 4 5 6 7 8; do touch /tmp/a-long-name-$n; done; ls /tmp\r')
    await person.sees(/a-long-name-1 +a-long-name-3 /)
    person.seen = ''
    person.resize(20)
    await person.sees('/ # ')
    person.type('ls /tmp\r')
    await person.sees(/a-long-name-1\r\na-long-name-2\r\n/)
    person.type('sleep 1000\r')
    await person.sees('sleep 1000\r\n')
    person.type('\x03')
    await person.sees(/\^C\r\n/)
    person.type('exit 3\r')
    expect(await person.ended).toBe(3)
  })
})

it('copies files both ways, folders and bytes of all kinds', async () => {
  const there = join(folder, 'there')
  const back = join(folder, 'back')
  const bytes = randomBytes(300_000)
  mkdirSync(join(there, 'deep', 'er'), { recursive: true })
  writeFileSync(join(there, 'deep', 'er', 'bytes'), bytes)
  writeFileSync(join(there, 'empty'), '')
  await run('cp', there, 'box:/tmp/copied')
  expect(
    await run('exec', 'box', '--', 'sh', '-c', 'cd /tmp/copied; find . -type f | sort; wc -c < deep/er/bytes'),
  ).toBe('./deep/er/bytes\n./empty\n300000\n')
  await run('cp', 'box:/tmp/copied', back)
  expect(readFileSync(join(back, 'deep', 'er', 'bytes')).equals(bytes)).toBe(true)
  expect(readFileSync(join(back, 'empty'), 'utf8')).toBe('')
  await run('cp', 'box:/tmp/copied/deep/er/bytes', join(folder, 'one'))
  expect(readFileSync(join(folder, 'one')).equals(bytes)).toBe(true)
})

describe('ports of Pods', () => {
  it('are there on the own machine: of a Service, over many connections', async () => {
    const forward = new Running(['port-forward', 'service/web', ':80'])
    const port = await portOf(forward)
    for (let time = 0; time < 3; time++) {
      const answer = await fetch(`http://127.0.0.1:${port}/`)
      expect([answer.status, await answer.text()]).toEqual([200, expect.stringContaining('Welcome to nginx!')])
    }
    expect((await fetch(`http://127.0.0.1:${port}/nowhere`)).status).toBe(404)
    await forward.stop()
  })

  it('take any bytes', async () => {
    const forward = new Running(['port-forward', 'redis', ':6379'])
    const socket = connect(await portOf(forward), '127.0.0.1')
    let said = ''
    socket.on('data', (bytes) => {
      said += bytes
    })
    socket.write('SET a 1\r\nINCR a\r\n')
    await expect.poll(() => said, SOON).toBe('+OK\r\n:2\r\n')
    socket.destroy()
    await forward.stop()
  })

  it('that nothing listens on are said to refuse', async () => {
    const forward = new Running(['port-forward', 'redis', ':81'])
    connect(await portOf(forward), '127.0.0.1').on('error', () => {})
    await expect.poll(() => forward.said, SOON).toContain('connect: connection refused')
    await forward.stop()
  })

  it('are behind the proxy of the API server as well', async () => {
    const proxy = new Running(['proxy', '--port=0'])
    const port = await portOf(proxy)
    const answer = await fetch(`http://127.0.0.1:${port}/api/v1/namespaces/default/services/web:80/proxy/`)
    expect(await answer.text()).toContain('Welcome to nginx!')
    await proxy.stop()
  })
})

async function portOf(running: Running): Promise<number> {
  await expect.poll(() => running.said, SOON).toMatch(/127\.0\.0\.1:\d+/)
  return Number(/127\.0\.0\.1:(\d+)/.exec(running.said)?.[1])
}

describe('logs', () => {
  it('are followed, from where is asked', async () => {
    const following = new Running(['logs', '-f', '--tail=1', 'box'])
    await expect.poll(() => following.said.split('\n').length, SOON).toBeGreaterThan(3)
    await following.stop()
    const numbers = [...following.said.matchAll(/^tick (\d+)$/gm)].map(([, digits]) => Number(digits))
    expect(numbers).toEqual(numbers.map((_, index) => (numbers[0] ?? 0) + index))
    const recent = await run('logs', '--since=3s', '--timestamps', 'box')
    expect(recent.split('\n').length).toBeLessThanOrEqual(5)
    expect(recent).toMatch(/^\d{4}-\d\d-\d\dT[\d:.]+Z tick \d+\n/)
  })

  it('of a container that was before are kept, each container its own', async () => {
    const containers = [
      { name: 'brief', image: 'busybox', command: ['sh', '-c', 'echo run; sleep 1; exit 1'] },
      { name: 'long', image: 'busybox', command: ['sh', '-c', 'echo other; sleep 1000'] },
    ]
    await apply({ apiVersion: 'v1', kind: 'Pod', metadata: { name: 'two' }, spec: { containers } })
    await expect
      .poll(async () => (await attempt('logs', 'two', '-c', 'brief', '--previous')).stdout, SOON)
      .toBe('run\n')
    expect(await attempt('logs', 'two')).toMatchObject({
      stdout: 'run\n',
      stderr: 'Defaulted container "brief" out of: brief, long\n',
    })
    expect(await run('logs', 'two', '-c', 'long')).toBe('other\n')
    expect((await attempt('logs', 'two', '-c', 'long', '-p')).stderr).toBe(
      'Error from server (BadRequest): previous terminated container "long" in pod "two" not found\n',
    )
    await run('delete', 'pod', 'two', '--grace-period=1')
  })
})

async function apply(object: object): Promise<void> {
  const file = join(folder, 'object.json')
  writeFileSync(file, JSON.stringify(object))
  await run('apply', '-f', file)
}

describe('a Pod for one purpose', () => {
  it('is a shell, and is gone with it', async () => {
    const person = new Person('run', 'once', '-it', '--rm', '--restart=Never', '--image=busybox', '--', 'sh')
    await person.sees('/ # ')
    person.type('wget -qO- http://web | grep title\r')
    await person.sees('<title>Welcome to nginx!</title>')
    person.type('exit\r')
    await person.sees('pod "once" deleted')
    expect(await person.ended).toBe(0)
    expect((await attempt('get', 'pod', 'once')).code).toBe(1)
  })

  it('takes what is piped to it', async () => {
    const cat = new Running(['run', 'piped', '-i', '--rm', '--restart=Never', '--image=busybox', '--', 'cat'], 'over\n')
    await expect.poll(() => cat.said, SOON).toContain('over\n')
    cat.endInput()
    expect(await cat.ended).toBe(0)
    expect(cat.said).toContain('pod "piped" deleted')
  })

  it('is left and attached to again', async () => {
    const first = new Person('run', 'shell', '-it', '--image=busybox', '--', 'sh')
    await first.sees('/ # ')
    first.type('kept=yes\r')
    await first.sees('/ # ')
    await first.leaves()
    const second = new Person('attach', 'shell', '-it')
    await second.sees('If you don')
    second.type('echo it is $kept\r')
    await second.sees('it is yes')
    await second.leaves()
    expect(await run('get', 'pod', 'shell', '-o', 'jsonpath={.status.containerStatuses[0].restartCount}')).toBe('0')
    await run('delete', 'pod', 'shell', '--grace-period=1')
  })
})

it('attaches to what a container says', async () => {
  const attached = new Running(['attach', 'box'])
  await expect.poll(() => attached.said, SOON).toMatch(/tick \d+\ntick \d+\n/)
  await attached.stop()
})

describe('debugging', () => {
  it('a container shows its processes and its files', async () => {
    const person = new Person(
      'debug',
      'redis',
      '-it',
      '--image=busybox',
      '--target=redis',
      '--profile=general',
      '--',
      'sh',
    )
    await person.sees('/ # ')
    person.type('ps\r')
    await person.sees(/ 1 \w+ .*redis-server.*\r\n.* sh\r\n/s)
    person.type('ls /proc/1/root/data > /dev/null && echo seen\r')
    await person.sees(/\nseen\r/)
    person.type('exit\r')
    expect(await person.ended).toBe(0)
  })

  it('a node shows its files and is known by its name', async () => {
    const person = new Person('debug', 'node/worker', '-it', '--image=busybox', '--profile=general')
    await person.sees('/ # ')
    person.type('hostname; ls /host\r')
    await person.sees(/\nworker\r\n.*\bvar\b/s)
    person.type('exit\r')
    expect(await person.ended).toBe(0)
  })
})

it('tells what nodes and Pods use', async () => {
  await expect.poll(async () => (await attempt('top', 'pod', 'box')).code, { timeout: 90_000, interval: 1000 }).toBe(0)
  expect(await run('top', 'pod', 'box', '--no-headers')).toMatch(/^box +\d+m +\d+Mi/)
  expect(await run('top', 'node', 'worker')).toMatch(/^NAME .*\nworker +\d+m +\d+% +\d+Mi +\d+% *\n$/)
})

it('drains a node as far as its budget lets it', async () => {
  await apply({
    apiVersion: 'policy/v1',
    kind: 'PodDisruptionBudget',
    metadata: { name: 'web' },
    spec: { minAvailable: 2, selector: { matchLabels: { app: 'web' } } },
  })
  const query = ['get', 'pods', '-l', 'app=web', '-o', 'jsonpath={.items[0].spec.nodeName}']
  const node = await run(...query)
  const draining = ['drain', node, '--ignore-daemonsets', '--force', '--delete-emptydir-data', '--pod-selector=app=web']
  const held = await attempt(...draining, '--timeout=3s')
  expect(held.code).toBe(1)
  expect(held.stderr).toContain("Cannot evict pod as it would violate the pod's disruption budget.")
  await run('scale', 'deployment', 'web', '--replicas=4')
  await run('rollout', 'status', 'deployment', 'web', '--timeout=60s')
  expect(await run(...draining, '--timeout=60s')).toContain(`node/${node} drained`)
  await run('uncordon', node)
})
