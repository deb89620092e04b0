import { spawn } from 'node:child_process'
import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { runKind } from './kind-command.ts'

/** A program in kind's place, as its failures are what this is about. */
let folder: string
let binary: string
const write = async (script: string) => {
  await writeFile(binary, `#!/bin/sh\n${script}\n`)
  await chmod(binary, 0o755)
}
const environment = {
  PATH: process.env.PATH,
  DOCKER_HOST: 'unix:///d.sock',
  QUAYSIDE_HOST_SECRET: 's',
  KUBECONFIG: '/u',
}
const run = (args: string[] = [], options = {}) => runKind({ binary, environment }, args, options)
const alive = (pid: number) => {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}
const pids = async () => (await readFile(join(folder, 'pids'), 'utf8')).trim().split(/\s+/).map(Number)
const twoProcesses = () => `sleep 60 & echo $$ $! > ${folder}/pids; wait`
const started = () => vi.waitFor(async () => expect(await pids()).toHaveLength(2), { timeout: 20_000 })
const nobodyLeft = () =>
  vi.waitFor(async () => expect((await pids()).filter(alive)).toEqual([]), { timeout: 20_000, interval: 20 })

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'kind-command-'))
  binary = join(folder, 'kind')
})
afterEach(() => rm(folder, { recursive: true, force: true }))

describe('kind', () => {
  it('is given its arguments, what Docker needs of the environment, and no secret', async () => {
    await write('echo "$@"; env')
    const output = await run(['create', 'a b'], { env: { KUBECONFIG: '/private' } })
    expect(output).toContain('create a b\n')
    expect(output).toContain('DOCKER_HOST=unix:///d.sock')
    expect(output).toContain('KUBECONFIG=/private')
    expect(output).not.toContain('QUAYSIDE')
  })

  it.each([
    ['echo "no space left on device" >&2; exit 1', 'no-disk-space'],
    ['echo "Cannot connect to the Docker daemon" >&2; exit 1', 'docker-not-running'],
    ['echo "something else" >&2; exit 1', 'kind-failed'],
  ])('that fails with %s is %s', async (script, code) => {
    await write(script)
    await expect(run()).rejects.toMatchObject({ code })
  })

  it('that is not there is an error that says how to get it', async () => {
    await expect(run()).rejects.toMatchObject({ code: 'kind-missing', message: expect.stringContaining('install it') })
  })

  it('takes all its processes with it when it is aborted', async () => {
    await write(twoProcesses())
    const stop = new AbortController()
    const running = run([], { signal: stop.signal })
    await started()
    stop.abort(new Error('enough'))
    await expect(running).rejects.toThrow('enough')
    await nobodyLeft()
  })

  it('takes all its processes with it when the server is killed', async () => {
    await write(twoProcesses())
    const server = spawn(
      process.execPath,
      [
        '-e',
        `import('${import.meta.dirname}/kind-command.ts').then(m => m.runKind({ binary: '${binary}', environment: process.env }, []))`,
      ],
      { stdio: 'ignore' },
    )
    await started()
    server.kill('SIGKILL')
    await nobodyLeft()
  })

  it('leaves no process behind when it has done its work', async () => {
    await write(`echo $$ $PPID > ${folder}/pids`)
    await run()
    await nobodyLeft()
  })
})
