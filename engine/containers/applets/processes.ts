import type { Process, ProcessInfo } from '../contract.ts'
import { FileFault } from '../files/errors.ts'
import { signalOf } from '../processes/signals.ts'
import { killAll, killPid } from '../shell/builtins/job-control.ts'
import { passwdEntries } from '../users.ts'
import { type Applet, durationOf, type Io, optionsOf, usage } from './applet.ts'

function userOf({ files }: Process, uid: number): string {
  const users = files.exists('/etc/passwd') ? passwdEntries(files.readText('/etc/passwd')) : []
  return users.find((entry) => entry.uid === uid)?.name ?? String(uid)
}

const ps: Applet = async (io) => {
  const { value } = optionsOf(io, 'o:Twelfaux')
  const rows = io.process.processes()
  const columns = value('o')?.split(',')
  if (columns !== undefined) {
    const titles: Readonly<Record<string, string>> = {
      pid: 'PID',
      ppid: 'PPID',
      user: 'USER',
      args: 'COMMAND',
      comm: 'COMMAND',
      stat: 'STAT',
      time: 'TIME',
      vsz: 'VSZ',
      rss: 'RSS',
      pgid: 'PGID',
    }
    const wide: Readonly<Record<string, number>> = {
      pid: 5,
      ppid: 5,
      user: 8,
      comm: 16,
      stat: 4,
      time: 6,
      vsz: 4,
      rss: 4,
      pgid: 5,
    }
    await io.line(
      columns
        .map((column) => (titles[column] ?? column).padEnd(wide[column] ?? 0))
        .join(' ')
        .trimEnd(),
    )
    for (const info of rows)
      await io.line(
        columns
          .map((column) => cell(io.process, info, column).padEnd(wide[column] ?? 0))
          .join(' ')
          .trimEnd(),
      )
    return
  }
  await io.line('PID   USER     TIME  COMMAND')
  for (const info of rows)
    await io.line(
      `${String(info.pid).padStart(5)} ${userOf(io.process, info.uid).slice(0, 8).padEnd(8)} ${timeOf(info.cpu)} ${info.argv.join(' ')}`,
    )
}

function cell(process: Process, info: ProcessInfo, column: string): string {
  switch (column) {
    case 'pid':
      return String(info.pid)
    case 'ppid':
      return String(info.parent)
    case 'pgid':
      return String(info.group)
    case 'user':
      return userOf(process, info.uid)
    case 'stat':
      return info.state
    case 'time':
      return timeOf(info.cpu)
    case 'vsz':
    case 'rss':
      return String(Math.round(info.memory / 1024))
    case 'comm':
      return nameOf(info)
    default:
      return info.argv.join(' ')
  }
}

const nameOf = ({ argv }: ProcessInfo): string => (argv[0] ?? '').replace(/^.*\//, '')

function timeOf(ms: number): string {
  const seconds = Math.floor(ms / 1000)
  return `${String(Math.floor(seconds / 60)).padStart(3)}:${String(seconds % 60).padStart(2, '0')}`
}

const kill: Applet = (io) =>
  killAll(
    io.process.argv,
    (text, signal) => killPid(io.process, text, signal),
    (text) => io.out(text),
    (text) => io.complain(text),
  )

const named =
  (all: boolean): Applet =>
  async (io) => {
    const args = [...io.args]
    const signal = /^-/.test(args[0] ?? '') && all ? signalOf((args.shift() as string).slice(1)) : 'SIGTERM'
    if (signal === undefined) return io.fail('bad signal name')
    let status = args.length === 0 ? 1 : 0
    const pids: number[] = []
    for (const name of args.filter((arg) => all || !arg.startsWith('-'))) {
      const found = io.process.processes().filter((info) => nameOf(info) === name && info.pid !== io.process.pid)
      if (found.length === 0) {
        status = 1
        if (all) await io.complain(`${name}: no process killed`)
      }
      for (const { pid } of found) {
        if (all) io.process.kill(pid, signal)
        else pids.unshift(pid)
      }
    }
    if (!all && pids.length > 0) await io.line(pids.join(' '))
    return status
  }

const pgrep: Applet = async (io) => {
  const kills = io.name === 'pkill'
  const args = [...io.args]
  const signal = kills && /^-[A-Z0-9]/.test(args[0] ?? '') ? signalOf((args.shift() as string).slice(1)) : 'SIGTERM'
  const full = args.includes('-f')
  const pattern = new RegExp(args.filter((arg) => !arg.startsWith('-'))[0] ?? usage(io))
  const found = io.process
    .processes()
    .filter((info) => info.pid !== io.process.pid && pattern.test(full ? info.argv.join(' ') : nameOf(info)))
  for (const { pid, argv } of found) {
    if (kills) io.process.kill(pid, signal ?? 'SIGTERM')
    else await io.line(args.includes('-l') ? `${pid} ${argv.join(' ')}` : String(pid))
  }
  return found.length === 0 ? 1 : 0
}

/** Spawns, and says as busybox why it cannot. */
async function spawned(io: Io, argv: readonly string[], words?: string): Promise<number> {
  try {
    const { code } = await io.process.wait(io.process.spawn(argv).ended)
    return code
  } catch (error) {
    return notRun(io, argv, error, words)
  }
}

export async function notRun(
  io: Io,
  [name = '']: readonly string[],
  error: unknown,
  words = "can't execute ",
): Promise<number> {
  if (!(error instanceof FileFault) || error.errno === 'EPIPE') throw error
  await io.complain(`${words === '' ? name : `${words}'${name}'`}: ${error.message}`)
  return error.errno === 'ENOENT' ? 127 : 126
}

const timeout: Applet = async (io) => {
  const { value, rest } = optionsOf(io, '+s:k:fp', { signal: 's', 'kill-after': 'k' })
  const [time = usage(io), ...argv] = rest
  const ms = durationOf(time) ?? io.fail(`invalid number '${time}'`)
  const signal = signalOf(value('s') ?? 'TERM') ?? io.fail(`invalid signal '${value('s')}'`)
  try {
    const child = io.process.spawn(argv)
    let late = false
    const cancels = [
      io.process.clock.after(ms, () => {
        late = true
        child.kill(signal)
      }),
    ]
    const killAfter = value('k')
    if (killAfter !== undefined)
      cancels.push(io.process.clock.after(ms + (durationOf(killAfter) ?? 0), () => child.kill('SIGKILL')))
    const end = () => {
      for (const cancel of cancels) cancel()
    }
    io.process.signal.addEventListener('abort', end, { once: true })
    const { code } = await io.process.wait(child.ended)
    end()
    return late && code !== 137 ? 143 : code
  } catch (error) {
    return notRun(io, argv, error)
  }
}

const time: Applet = async (io) => {
  const argv = io.args.filter((arg, index) => index > 0 || !arg.startsWith('-'))
  const started = io.process.clock.now()
  const code = await spawned(io, argv)
  const text = (ms: number) => `${Math.floor(ms / 60_000)}m ${((ms % 60_000) / 1000).toFixed(2)}s`
  await io.process.stderr.write(`real\t${text(io.process.clock.now() - started)}\nuser\t${text(0)}\nsys\t${text(0)}\n`)
  return code
}

const top: Applet = async (io) => {
  const { has, value } = optionsOf(io, 'bn:d:mH')
  const period = (durationOf(value('d') ?? '5') ?? 5000) || 5000
  const rounds = value('n') === undefined ? Number.POSITIVE_INFINITY : Number(value('n'))
  let before = new Map<number, number>()
  for (let round = 0; round < rounds; round++) {
    if (round > 0) await io.process.sleep(period)
    const rows = [...io.process.processes()]
    const share = ({ pid, cpu, started }: ProcessInfo) => {
      const over = round === 0 ? Math.max(1, io.process.clock.now() - started) : period
      return Math.min(100, Math.round(((cpu - (before.get(pid) ?? 0)) / over) * 100))
    }
    const shares = new Map(rows.map((info) => [info.pid, share(info)]))
    before = new Map(rows.map(({ pid, cpu }) => [pid, cpu]))
    rows.sort((a, b) => (shares.get(b.pid) ?? 0) - (shares.get(a.pid) ?? 0) || a.pid - b.pid)
    const [total = 0, free = 0] = memory(io)
    const load = io.process.files.readText('/proc/loadavg').trim()
    const clear = has('b') || io.process.terminal === undefined ? '' : '\x1b[H\x1b[J'
    const busy = [...shares.values()].reduce((sum, part) => sum + part, 0)
    await io.out(
      `${clear}Mem: ${total - free}K used, ${free}K free, 0K shrd, 0K buff, 0K cached\nCPU: ${String(busy).padStart(3)}% usr   0% sys   0% nic ${String(Math.max(0, 100 - busy)).padStart(3)}% idle   0% io   0% irq   0% sirq\nLoad average: ${load}\n`,
    )
    await io.line('  PID  PPID USER     STAT   VSZ %VSZ CPU %CPU COMMAND')
    for (const info of rows) {
      const kib = Math.round(info.memory / 1024)
      await io.line(
        `${String(info.pid).padStart(5)} ${String(info.parent).padStart(5)} ${userOf(io.process, info.uid).padEnd(8)} ${info.state.padEnd(4)} ${String(kib).padStart(5)} ${String(Math.round((kib / Math.max(1, total)) * 100)).padStart(3)}%   0 ${String(shares.get(info.pid) ?? 0).padStart(3)}% ${info.argv.join(' ')}`,
      )
    }
    await io.flush()
  }
}

/** Total and free of the machine, KiB. */
export function memory(io: Io): number[] {
  return [...io.process.files.readText('/proc/meminfo').matchAll(/(\d+) kB/g)]
    .slice(0, 2)
    .map(([, digits]) => Number(digits))
}

const watch: Applet = async (io) => {
  const { has, value, rest } = optionsOf(io, '+n:t')
  const seconds = value('n') ?? '2'
  for (;;) {
    if (!has('t')) await io.out(`\x1b[H\x1b[JEvery ${Number(seconds).toFixed(1)}s: ${rest.join(' ')}\n\n`)
    else await io.out('\x1b[H\x1b[J')
    await io.flush()
    await spawned(io, ['sh', '-c', rest.join(' ')])
    await io.process.sleep((durationOf(seconds) ?? 2000) || 100)
  }
}

const xargs: Applet = async (io) => {
  const { has, value, rest } = optionsOf(io, '+0rn:I:i:tP:L:', { null: '0', 'no-run-if-empty': 'r', 'max-args': 'n' })
  const command = rest.length === 0 ? ['echo'] : rest
  const text = await io.text(io.process.stdin)
  const replace = value('I')
  const words = has('0')
    ? text.split('\0').filter((word) => word !== '')
    : replace !== undefined || has('L')
      ? text
          .split('\n')
          .map((line) => line.trim())
          .filter((line) => line !== '')
      : unquoted(text)
  if (words.length === 0 && has('r')) return 0
  const size = replace !== undefined ? 1 : Number(value('n') ?? value('L') ?? 4096)
  let status = 0
  for (let at = 0; at === 0 || at < words.length; at += size) {
    const some = words.slice(at, at + size)
    if (replace !== undefined && some.length === 0) break
    const argv =
      replace === undefined ? [...command, ...some] : command.map((word) => word.replaceAll(replace, some[0] as string))
    if (has('t')) await io.process.stderr.write(`${argv.join(' ')}\n`)
    const code = await spawned(io, argv, '')
    if (code === 126 || code === 127) return code
    if (code !== 0) status = 123
  }
  return status
}

/** Words with quotes and backslashes taken out, as xargs reads them. */
const unquoted = (text: string): string[] =>
  [...text.matchAll(/(?:"[^"\n]*"|'[^'\n]*'|\\.|[^\s"'\\])+/gs)].map(([word]) =>
    word.replace(/"([^"]*)"|'([^']*)'|\\(.)/gs, (_, a?: string, b?: string, c?: string) => a ?? b ?? c ?? ''),
  )

const env: Applet = async (io) => {
  const { has, values, rest } = optionsOf(io, '+iu:0', { 'ignore-environment': 'i', unset: 'u' })
  const all = new Map(has('i') ? [] : io.process.env)
  for (const name of values('u')) all.delete(name)
  let at = 0
  for (; rest[at]?.includes('='); at++) {
    const [name = '', ...value] = (rest[at] as string).split('=')
    all.set(name, value.join('='))
  }
  const argv = rest.slice(at)
  if (argv.length === 0) {
    for (const [name, value] of all) await io.line(`${name}=${value}`)
    return 0
  }
  try {
    return await io.process.exec(argv, { env: all })
  } catch (error) {
    return notRun(io, argv, error)
  }
}

const sleep: Applet = async (io) => {
  if (io.args.length === 0) usage(io)
  let ms = 0
  for (const text of io.args) ms += durationOf(text) ?? io.fail(`invalid number '${text}'`)
  if (ms === Number.POSITIVE_INFINITY) await io.process.wait(new Promise(() => {}))
  else await io.process.sleep(ms)
}

export const PROCESSES: Readonly<Record<string, Applet>> = {
  ps,
  kill,
  top,
  timeout,
  time,
  watch,
  xargs,
  env,
  sleep,
  pgrep,
  pkill: pgrep,
  killall: named(true),
  pidof: named(false),
  usleep: (io) => io.process.sleep(Number(io.args[0] ?? 0) / 1000),
  nohup: async (io) => {
    io.process.on('SIGHUP', () => {})
    return spawned(io, io.args)
  },
  nice: async (io) => spawned(io, io.args[0] === '-n' ? io.args.slice(2) : io.args),
  setsid: async (io) => spawned(io, io.args),
  printenv: async (io) => {
    const { env: all } = io.process
    if (io.args.length === 0) for (const [name, value] of all) await io.line(`${name}=${value}`)
    let status = 0
    for (const name of io.args) {
      const value = all.get(name)
      if (value === undefined) status = 1
      else await io.line(value)
    }
    return status
  },
}
