/**
 * A home in bubblewrap: no network but loopback of its own, no file of the machine but its programs, processes of its own, and a
 * size. A first process holds it; shells enter it, so that each is on its own terminal and all share home and processes. It ends with
 * the server, however that ends.
 */
import { randomBytes } from 'node:crypto'
import { lstatSync, readlinkSync } from 'node:fs'
import { basename, join } from 'node:path'
import type { Readable } from 'node:stream'
import type { Clock } from '../../../clock.ts'
import { READER, readerEnvironment } from '../../reader-home.ts'
import type { Launched, Start } from '../launcher/launcher.ts'
import { LARGEST_ARCHIVE, readMarked } from './archive.ts'
import type { Cgroups } from './cgroups.ts'
import type { SandboxFiles } from './files.ts'
import type { Command, Home, HomeLimits, Homes } from './home.ts'
import { countsProcessesApart, processLimits } from './limits.ts'

export interface BubblewrapOptions {
  clock: Clock
  /** How processes are started. */
  start: Start
  limits: HomeLimits
  files: SandboxFiles
  cgroups: Cgroups | undefined
  /** As root, which user of the machine each home is: nobody else is that user. */
  users: UserNumbers | undefined
}

/** Numbers of users that nobody has. */
export interface UserNumbers {
  take(): number
  give(user: number): void
}

const MiB = 1024 * 1024
/** `/tmp` and `/dev/shm`, in bytes. */
const TMP_BYTES = 64 * MiB
const SHM_BYTES = 16 * MiB
/** Readers' processes come after the server's own where they are in no groups of their own, which have weights. */
const NICE = '10'
const TOOLS = '/opt/quayside/bin'
/** How long a home may take to be there, in ms. */
const READY_WITHIN = 30_000

const devices = ['null', 'zero', 'full', 'random', 'urandom', 'tty']

const environment: Record<string, string> = {
  PATH: `${TOOLS}:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin`,
  ...Object.fromEntries(readerEnvironment.map((entry) => entry.split(/=(.*)/s).slice(0, 2) as [string, string])),
}

/**
 * Runs first. It forbids user namespaces within the home (who is root in one has far more of the kernel to attack), gives up the
 * right to do so, and then holds the home until the server lets go of its input, by which it is told files to lay down: a path and a
 * text, each with a NUL at its end. Another process for each file would take a hundred times as long. Without a path it is told to archive
 * the home: by a mark, and what is to be left out. The archive goes to its output, and then the mark with what tar has ended with.
 */
const holder = (limits: string): string => `
echo 0 > /proc/sys/user/max_user_namespaces || :
exec setpriv --nnp --inh-caps=-all --ambient-caps=-all /bin/bash --norc --noprofile -c '
${limits}
umask 077
echo up >&4
while IFS= read -r -d "" path && IFS= read -r -d "" content; do
  cd ~
  if [ -z "$path" ]; then
    set -- $content
    mark=$1
    shift
    tar "\${@/#/--exclude=./}" -cf - . < /dev/null 2> /dev/null | head -c ${LARGEST_ARCHIVE + 1}
    printf "%s%03d" "$mark" "\${PIPESTATUS[0]}"
  else
    { case $path in */*) mkdir -p -- "\${path%/*}" ;; esac && printf %s "$content" > "$path" && echo written || echo refused; } >&4
  fi
  content=
done'`

export function bubblewrapHomes(options: BubblewrapOptions): Homes {
  const { clock, cgroups, files } = options
  const open = new Map<string, Home>()
  return {
    confined: true,
    async open(id) {
      const home = await openHome(id, options, () => open.delete(id))
      open.set(id, home)
      return home
    },
    // Processes went with the server that had them; of their groups the kernel keeps the empty shells.
    leftovers: async () =>
      (cgroups?.ids() ?? []).filter((id) => !open.has(id)).map((id) => ({ id, createdAt: clock.now() })),
    clear: async (id) => cgroups?.remove(id, clock),
    async close() {
      await Promise.all([...open.values()].map((home) => home.close()))
      cgroups?.close()
      files.remove()
    },
  }
}

async function openHome(id: string, options: BubblewrapOptions, onClosed: () => void): Promise<Home> {
  const { clock, start: launch, limits, cgroups, users, files } = options
  const user = users?.take()
  const asUser =
    user === undefined ? [] : ['setpriv', `--reuid=${user}`, `--regid=${user}`, '--clear-groups', '--inh-caps=-all']
  const groups = cgroups?.make(id, limits) ?? []
  const each = processLimits(limits, user !== undefined || countsProcessesApart())

  /** A command that is held to the home's limits before it is anything else. */
  const held = (argv: readonly string[]): Command => ({
    file: '/bin/bash',
    args: [
      '-c',
      'n=$1; shift; while [ "$n" -gt 0 ]; do echo $$ > "$1" || exit 125; shift; n=$((n-1)); done; exec nice -n "$0" "$@"',
      NICE,
      String(groups.length),
      ...groups,
      ...asUser,
      ...argv,
    ],
    env: environment,
    cwd: '/',
  })

  const release = async () => {
    await cgroups?.remove(id, clock)
    if (user !== undefined) users?.give(user)
    onClosed()
  }

  const start = held([
    'bwrap',
    ...sandboxArguments(limits, files),
    '--',
    '/bin/bash',
    '--norc',
    '--noprofile',
    '-c',
    holder(each),
  ])
  const child = await launch({ ...start, env: hostEnvironment() }, [true, true, true, true, true])
  const [stdin, archives, , info, status] = child.streams
  // What nobody waits for must not fill up
  archives?.resume()
  const exited = child.exited.then(() => {})
  const said = lines(status as Readable)
  let pid: number
  try {
    pid = await within(clock, child, async () => {
      const told = JSON.parse(await whole(info as Readable)) as { 'child-pid': number }
      await said('up')
      return told['child-pid']
    })
  } catch (error) {
    child.kill('SIGKILL')
    await exited
    await release()
    throw error
  }

  const enter = (namespaces: readonly string[]) => [
    'nsenter',
    '-t',
    String(pid),
    ...namespaces,
    '--preserve-credentials',
    '--',
  ]
  let running = true
  void exited.then(() => {
    running = false
  })
  let closed: Promise<void> | undefined
  /** One file after the other. */
  let writing: Promise<unknown> = Promise.resolve()
  const inOrder = <T>(work: () => Promise<T>): Promise<T> => {
    const done = writing.then(work)
    writing = done.catch(() => {})
    return done
  }

  return {
    command: (argv) =>
      held([
        ...enter(['-U', '-m', '-u', '-i', '-n', '-p', '-C']),
        '/usr/bin/setpriv',
        '--nnp',
        '/bin/bash',
        '-c',
        `${each}; cd; exec "$@"`,
        'bash',
        ...argv,
      ]),
    listener(port) {
      // Root may enter any network, and need not be able to read our program as somebody else
      const [file = '', ...args] = user === undefined ? enter(['-U', '-n']) : ['nsenter', '-t', String(pid), '-n', '--']
      return {
        file,
        args: [...args, process.execPath, '-e', openListener, String(port)],
        env: hostEnvironment(),
        cwd: '/',
      }
    },
    write(path, content) {
      return inOrder(async () => {
        stdin?.write(`${path}\0${content}\0`)
        const answer = await within(clock, child, () => said('written', 'refused'))
        if (answer === 'refused') throw new Error(`${path} could not be written in the reader's home`)
      })
    },
    archive(without, signal) {
      signal.throwIfAborted()
      const work = inOrder(() => {
        signal.throwIfAborted()
        const mark = randomBytes(16).toString('hex')
        const read = readMarked(archives as Readable, mark)
        stdin?.write(`\0${[mark, ...without].join(' ')}\0`)
        // It is read to its end in any case: the next one begins after it
        return read
      })
      return Promise.race([work, aborted(signal)])
    },
    get running() {
      return running
    },
    close() {
      closed ??= (async () => {
        child.kill('SIGKILL')
        await exited
        await release()
      })()
      return closed
    },
  }
}

/** Listens, hands the listener over its IPC channel, and is gone as soon as it is taken. */
const openListener = `
const server = require('node:net').createServer().listen(Number(process.argv[1]), '127.0.0.1', () => process.send('listening', server))
process.on('message', () => process.exit())`

/** Programs of the machine are found by its own PATH; nothing else of the server's environment is handed on. */
const hostEnvironment = (): Record<string, string> => ({ PATH: process.env.PATH ?? '/usr/bin:/bin' })

const aborted = (signal: AbortSignal): Promise<never> =>
  new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason), { once: true }))

function sandboxArguments({ homeBytes }: HomeLimits, { etc, borrowed, tools }: SandboxFiles): string[] {
  const set = Object.entries(environment).flatMap(([name, value]) => ['--setenv', name, value])
  return [
    '--unshare-all',
    '--unshare-user',
    ...['--cap-add', 'CAP_SYS_RESOURCE'],
    ...['--uid', String(READER.uid), '--gid', String(READER.gid)],
    ...['--hostname', 'lab'],
    '--die-with-parent',
    '--clearenv',
    ...set,
    ...programs(),
    ...['--proc', '/proc'],
    ...['--size', String(MiB), '--tmpfs', '/dev'],
    ...devices.flatMap((device) => ['--dev-bind', `/dev/${device}`, `/dev/${device}`]),
    ...['--symlink', '/proc/self/fd', '/dev/fd'],
    ...['stdin', 'stdout', 'stderr'].flatMap((name, fd) => ['--symlink', `fd/${fd}`, `/dev/${name}`]),
    ...['--perms', '1777', '--size', String(SHM_BYTES), '--tmpfs', '/dev/shm'],
    ...['--perms', '1777', '--size', String(TMP_BYTES), '--tmpfs', '/tmp'],
    ...['--perms', '0700', '--size', String(homeBytes), '--tmpfs', READER.home],
    ...['--ro-bind', etc, '/etc'],
    ...borrowed.flatMap(([from, to]) => ['--ro-bind', from, to]),
    ...tools.flatMap((tool) => ['--ro-bind', tool, join(TOOLS, basename(tool))]),
    ...['--remount-ro', '/dev'],
    ...['--remount-ro', '/'],
    ...['--chdir', READER.home],
    ...['--info-fd', '3'],
    '--as-pid-1',
  ]
}

/** The folders of programs and libraries, as this machine has them: in `/usr`, with links to it or not. */
function programs(): string[] {
  const folders = ['/bin', '/sbin', '/lib', '/lib32', '/lib64', '/libx32']
  return [
    ...['--ro-bind', '/usr', '/usr'],
    ...folders.flatMap((folder) => {
      const found = lstatSync(folder, { throwIfNoEntry: false })
      if (found === undefined) return []
      return found.isSymbolicLink() ? ['--symlink', readlinkSync(folder), folder] : ['--ro-bind', folder, folder]
    }),
  ]
}

/** What is kept of a stream while nobody waits for its next line: whatever a reader makes of it, it does not grow. In characters. */
const LONGEST_LINE = 1024

/** Waits for one of some lines of a stream, and forgets what came before it. */
function lines(stream: Readable): (...wanted: string[]) => Promise<string> {
  let text = ''
  let check = () => {}
  stream.on('data', (chunk: Buffer) => {
    text = (text + chunk).slice(-LONGEST_LINE)
    check()
  })
  return (...wanted) =>
    new Promise((resolve) => {
      check = () => {
        const found = text.split('\n').find((line) => wanted.includes(line))
        if (found === undefined) return
        text = ''
        check = () => {}
        resolve(found)
      }
      check()
    })
}

async function whole(stream: Readable): Promise<string> {
  let text = ''
  for await (const chunk of stream) {
    text += chunk
    if (text.includes('}')) break
  }
  return text
}

/** Rejects, with what it said of why, if the process ends or takes too long. */
async function within<T>(clock: Clock, { streams, exited }: Launched, work: () => Promise<T>): Promise<T> {
  const stderr = streams[2]
  let complaint = ''
  const hear = (chunk: Buffer) => {
    complaint += chunk
  }
  stderr?.on('data', hear)
  const failed = Promise.withResolvers<never>()
  failed.promise.catch(() => {})
  const fail = (why: string) => failed.reject(new Error(`the sandbox ${why}: ${complaint.trim()}`))
  void exited.then((code) => fail(`ended with ${code}`))
  const cancel = clock.after(READY_WITHIN, () => fail('is not ready in time'))
  try {
    return await Promise.race([work(), failed.promise])
  } finally {
    cancel()
    stderr?.off('data', hear)
    // Nobody reads on; it must not fill up
    stderr?.resume()
  }
}
