import type { ExitStatus } from '../../contract.ts'
import { FileFault } from '../../files/errors.ts'
import { SIGNALS, signalOf } from '../../processes/signals.ts'
import type { Shell } from '../interpreter.ts'
import type { Job } from '../jobs.ts'
import type { Builtin } from './all.ts'

/** Until one is over or a trapped signal comes: undefined then. */
async function waitFor(shell: Shell, jobs: readonly Job[], any = false): Promise<readonly ExitStatus[] | undefined> {
  let end = () => {}
  const interrupted = new Promise<undefined>((resolve) => {
    end = shell.onInterrupt(() => resolve(undefined))
  })
  const settled = jobs.map(async (job) => {
    for (;;) {
      const outcome = await job.settled()
      if (outcome !== 'stopped') return outcome
      // A shell without job control is not told of children that only stopped.
      if (shell.interactive) return [{ code: 148 }]
    }
  })
  const all = any ? Promise.race(settled) : Promise.all(settled).then((lists) => lists.at(-1) ?? [])
  try {
    return await shell.process.wait(Promise.race([all, interrupted]))
  } finally {
    end()
  }
}

const wait: Builtin = async (shell, argv) => {
  const { jobs } = shell
  const args = argv.slice(1)
  if (args.length === 0 || args[0] === '-n') {
    const running = jobs.all.filter(({ current }) => !current)
    if (running.length === 0) return args[0] === '-n' ? 127 : 0
    const statuses = await waitFor(shell, running, args[0] === '-n')
    if (statuses === undefined) return shell.pendingSignal ?? 130
    for (const job of [...jobs.all]) if (job.statuses !== undefined) jobs.remove(job)
    return args[0] === '-n' ? (statuses.at(-1)?.code ?? 0) : 0
  }
  let status = 0
  for (const text of args) {
    const job = jobs.find(text)
    if (job === undefined) {
      status = 127
      continue
    }
    const statuses = await waitFor(shell, [job])
    if (statuses === undefined) return shell.pendingSignal ?? 130
    jobs.remove(job)
    status = statuses.at(-1)?.code ?? 0
  }
  return status
}

const list: Builtin = async (shell, argv) => {
  for (const job of [...shell.jobs.all]) {
    if (job.current) continue
    if (argv[1] === '-p') await shell.write(1, `${job.children[0]?.pid ?? 0}\n`)
    else await shell.write(1, `${shell.jobs.describe(job)}\n`)
    if (job.statuses !== undefined) shell.jobs.remove(job)
  }
  return 0
}

const resume =
  (foreground: boolean): Builtin =>
  async (shell, [name = 'fg', text]) => {
    const job = shell.jobs.find(text)
    if (job === undefined) {
      await shell.complain(`${name}: ${text === undefined ? 'No current job' : `${text}: no such job`}`)
      return 2
    }
    await shell.write(1, foreground ? `${job.text}\n` : `[${job.number}] ${job.text}\n`)
    if (foreground && shell.process.terminal !== undefined)
      shell.process.terminal.foreground = job.children[0]?.group ?? 0
    for (const child of job.children) child.kill('SIGCONT')
    if (!foreground) return 0
    const statuses = await shell.waitForeground(job.children, job.text, job)
    return statuses.at(-1) ?? 0
  }

/** `kill`, of the shell and as a program: signals by name or number to processes, groups and jobs. */
export async function killAll(
  argv: readonly string[],
  target: (text: string, signal: Parameters<typeof signalOf>[0]) => string | undefined,
  out: (text: string) => Promise<void>,
  complain: (text: string) => Promise<void>,
): Promise<number> {
  const args = argv.slice(1)
  let name = 'TERM'
  const [first = ''] = args
  if (first === '-l') {
    const given = args[1]
    if (given === undefined) {
      await out(
        Object.entries(SIGNALS)
          .map(([signal, number]) => `${String(number).padStart(2)}) ${signal.slice(3)}\n`)
          .join(''),
      )
      return 0
    }
    const signal = signalOf(Number(given) > 128 ? String(Number(given) - 128) : given)
    await out(`${signal === undefined ? given : /^\d/.test(given) ? signal.slice(3) : SIGNALS[signal]}\n`)
    return 0
  }
  if (first === '-s' || first === '-n') [, name = ''] = args.splice(0, 2)
  else if (/^-./.test(first) && first !== '--') name = (args.shift() as string).slice(1)
  if (args[0] === '--') args.shift()
  const signal = name === '0' ? '0' : signalOf(name)
  if (signal === undefined) {
    await complain(`bad signal name '${name}'`)
    return 1
  }
  if (args.length === 0) {
    await complain('you need to specify whom to kill')
    return 1
  }
  let status = 0
  for (const text of args) {
    const failed = target(text, signal)
    if (failed === undefined) continue
    status = 1
    await complain(failed)
  }
  return status
}

/** Sends a signal to a process by its number; says what went wrong. */
export function killPid(process: Shell['process'], text: string, signal: string): string | undefined {
  if (!/^-?\d+$/.test(text)) return `invalid number '${text}'`
  const pid = Number(text)
  try {
    const known = signalOf(signal)
    if (known !== undefined) process.kill(pid, known)
    else if (!process.processes().some((info) => info.pid === Math.abs(pid))) throw new FileFault('ESRCH')
    return undefined
  } catch (error) {
    if (!(error instanceof FileFault)) throw error
    return `can't kill pid ${text}: ${error.message}`
  }
}

const kill: Builtin = (shell, argv) =>
  killAll(
    argv,
    (text, signal) => {
      if (!text.startsWith('%')) return killPid(shell.process, text, signal)
      const job = shell.jobs.find(text)
      if (job === undefined) return `${text}: no such job`
      const known = signalOf(signal)
      if (known !== undefined) for (const child of job.children) child.kill(known)
      return undefined
    },
    (text) => shell.write(1, text),
    (text) => shell.complain(text),
  )

export const JOB_CONTROL: Readonly<Record<string, Builtin>> = {
  wait,
  jobs: list,
  fg: resume(true),
  bg: resume(false),
  kill,
}
