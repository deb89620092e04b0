import { posix } from 'node:path'
import type Docker from 'dockerode'
import type { Clock } from '../../clock.ts'
import { ReaderError } from '../../errors.ts'
import { type HomeFiles, homeFiles } from '../home-files.ts'
import type { TerminalSize } from '../provider.ts'
import { BASHRC, READER, readerEnvironment } from '../reader-home.ts'
import type { KindConfig } from './config.ts'
import { exec, gone, mustExec } from './docker.ts'
import { type ClusterMark, clusterLabels, homeVolume, labels, shellName, shellNetwork, toolboxName } from './names.ts'
import { adoptShell, type DockerShell, startShell } from './shell.ts'

/**
 * Where the reader's commands run: a container that holds network, processes and home together, and one container for each
 * shell in them. A shell in a container of its own outlives the server: Docker keeps it, and the end of its output.
 */
export interface Toolbox {
  readonly shells: readonly DockerShell[]
  openShell(size: TerminalSize): Promise<DockerShell>
  writeFile(path: string, content: string): Promise<void>
  readonly home: HomeFiles
  run(script: string, signal: AbortSignal): Promise<{ code: number; output: string }>
  running(): Promise<boolean>
  /** Lets go of the shells; they run on. */
  release(): void
}

interface Tools {
  docker: Docker
  clock: Clock
}

type Limits = Pick<KindConfig, 'shell' | 'maxShells'>

/** Output of a script that is handed back, in bytes. */
const RUN_LIMIT = 64 * 1024

/** An address that nobody has (RFC 5737): names outside the cluster lead nowhere, and no older Docker asks for them in the host's name. */
const NO_DNS = '192.0.2.1'

/** What holds for the toolbox and for each shell alike. */
const confined = (id: string, limits: Limits['shell']): Docker.HostConfig => ({
  CapDrop: ['ALL'],
  SecurityOpt: ['no-new-privileges'],
  ReadonlyRootfs: true,
  Tmpfs: { '/tmp': 'rw,nosuid,nodev,size=64m,mode=1777' },
  Memory: limits.memoryBytes,
  MemorySwap: limits.memoryBytes,
  NanoCpus: Math.round(limits.cpus * 1e9),
  PidsLimit: limits.pids,
  Mounts: [{ Type: 'volume', Source: homeVolume(id), Target: READER.home, VolumeOptions: volumeOptions }],
  // Twice 512 KiB of output: more than the page's scrollback, for when the server comes back
  LogConfig: { Type: 'local', Config: { 'max-size': '512k', 'max-file': '2', compress: 'false' } },
})

const volumeOptions = { NoCopy: true, Labels: {}, DriverConfig: { Name: '', Options: {} } }

const asReader = { User: `${READER.uid}:${READER.gid}`, WorkingDir: READER.home, Env: readerEnvironment }

/** Creates the container that holds the rest, with the home. */
export async function createToolbox(tools: Tools, mark: ClusterMark, image: string, limits: Limits): Promise<Toolbox> {
  const { docker } = tools
  await docker.createVolume({
    Name: homeVolume(mark.id),
    Driver: 'local',
    DriverOpts: {
      type: 'tmpfs',
      device: 'tmpfs',
      o: `size=${limits.shell.homeBytes},uid=${READER.uid},gid=${READER.gid},mode=0700,nosuid,nodev`,
    },
    Labels: clusterLabels(mark, 'home'),
  })
  const holder = await docker.createContainer({
    name: toolboxName(mark.id),
    Image: image,
    ...asReader,
    Hostname: 'lab',
    // bash, as it reaps the processes that shells leave behind
    Entrypoint: ['/bin/bash', '-c', 'trap "exit 0" TERM; sleep infinity & wait'],
    Labels: clusterLabels(mark, 'toolbox'),
    HostConfig: {
      ...confined(mark.id, limits.shell),
      NetworkMode: shellNetwork(mark.id),
      Dns: [NO_DNS],
      IpcMode: 'shareable',
    },
  })
  await holder.start()
  return toolbox(tools, mark, image, limits, holder, [])
}

/** Takes up a toolbox again, with the shells that are running. Undefined if it is not running itself. */
export async function adoptToolbox(tools: Tools, mark: ClusterMark, limits: Limits): Promise<Toolbox | undefined> {
  const { docker, clock } = tools
  const holder = docker.getContainer(toolboxName(mark.id))
  const found = await holder.inspect().catch(gone)
  if (!found?.State.Running) return undefined
  const containers = await docker.listContainers({
    all: true,
    filters: { label: [`${labels.instance}=${mark.instance}`, `${labels.cluster}=${mark.id}`, labels.shell] },
  })
  const known = containers
    .map((container) => ({ id: Number(container.Labels[labels.shell]), state: container.State, name: container.Id }))
    .sort((a, b) => a.id - b.id)
    .map(({ id, state, name }) => ({
      id,
      shell: state === 'running' ? adoptShell(docker.getContainer(name), id, clock) : undefined,
    }))
  return toolbox(tools, mark, found.Image, limits, holder, known)
}

function toolbox(
  { docker, clock }: Tools,
  mark: ClusterMark,
  image: string,
  limits: Limits,
  holder: Docker.Container,
  known: { id: number; shell: DockerShell | undefined }[],
): Toolbox {
  const shells = known.flatMap(({ shell }) => shell ?? [])
  /** Containers of shells that are over. The newest container of all stays: its number must not be given again. */
  const over = new Set(known.filter(({ shell }) => !shell).map(({ id }) => id))
  let last = Math.max(0, ...known.map(({ id }) => id))
  let runs = 0
  let opening = 0
  const target = `container:${toolboxName(mark.id)}`

  async function removeOver(): Promise<void> {
    for (const id of [...over].filter((candidate) => candidate < last)) {
      await docker.getContainer(shellName(mark.id, id)).remove({ force: true, v: true }).catch(gone)
      over.delete(id)
    }
  }

  async function openShell(size: TerminalSize): Promise<DockerShell> {
    if (shells.length + opening >= limits.maxShells) {
      throw new ReaderError('too-many-shells', `A lab has at most ${limits.maxShells} terminals: close one first.`, {
        status: 429,
      })
    }
    opening++
    try {
      const id = ++last
      const container = await docker.createContainer({
        name: shellName(mark.id, id),
        Image: image,
        ...asReader,
        Entrypoint: ['/bin/bash', '--rcfile', BASHRC, '-i'],
        Tty: true,
        OpenStdin: true,
        Labels: { ...clusterLabels(mark, 'shell'), [labels.shell]: String(id) },
        HostConfig: { ...confined(mark.id, limits.shell), NetworkMode: target, PidMode: target, IpcMode: target },
      })
      const started = await startShell(container, id, size, clock)
      const shell: DockerShell = {
        ...started,
        async close() {
          await started.close()
          const index = shells.indexOf(shell)
          if (index >= 0) shells.splice(index, 1)
          over.add(id)
          await removeOver()
        },
      }
      shells.push(shell)
      await removeOver()
      return shell
    } finally {
      opening--
    }
  }

  /** Ends all processes of a script. It leads a session of its own, as Docker starts each command in one. */
  const killRun = (file: string) =>
    exec(holder, clock, ['bash', '-c', 'kill -KILL -- "-$(cat "$1")"; rm -f "$1"', 'bash', file], asExecUser)

  return {
    shells,
    openShell,

    async writeFile(path, content) {
      const normal = posix.normalize(path)
      if (posix.isAbsolute(normal) || normal.startsWith('..') || normal.endsWith('/') || normal.includes('\0')) {
        throw new Error(`${JSON.stringify(path)}: expected a path inside the reader's home`)
      }
      const write = 'umask 077; mkdir -p -- "$(dirname -- "$1")" && cat > "$1"'
      await mustExec(holder, clock, ['sh', '-c', write, 'sh', normal], { ...asExecUser, stdin: content })
    },

    home: homeFiles(async (argv, { stdin, limit, signal }) => {
      const options = { ...asExecUser, ...(stdin !== undefined && { stdin }), limit, signal }
      const { code, bytes } = await exec(holder, clock, [...argv], options)
      return { code, stdout: bytes }
    }),

    async run(script, signal) {
      const file = `/tmp/.run-${++runs}`
      let output = Buffer.alloc(0)
      const keep = (chunk: Buffer) => {
        output = Buffer.concat([output, chunk.subarray(0, RUN_LIMIT - output.length)])
      }
      try {
        const leader = 'echo $$ > "$1"; bash -c "$2"; code=$?; rm -f "$1"; exit "$code"'
        const command = ['bash', '-c', leader, 'bash', file, script]
        const { code } = await exec(holder, clock, command, { ...asExecUser, signal, limit: 0 }, keep)
        return { code, output: output.toString('utf8') }
      } catch (error) {
        if (signal.aborted) await killRun(file)
        throw error
      }
    },

    async running() {
      const found = await holder.inspect().catch(gone)
      return found?.State.Running === true
    },

    release() {
      for (const shell of shells) shell.release()
    },
  }
}

const asExecUser = { user: asReader.User, workingDir: READER.home, env: readerEnvironment }
