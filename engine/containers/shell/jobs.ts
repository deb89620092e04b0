import type { Child, ExitStatus } from '../contract.ts'

export interface Job {
  readonly number: number
  readonly text: string
  readonly children: readonly Child[]
  /** In the foreground: who waits for it tells of its end. */
  current: boolean
  stopped: boolean
  statuses: readonly ExitStatus[] | undefined
  settled(): Promise<readonly ExitStatus[] | 'stopped'>
}

/** The jobs of a shell, by number. */
export class Jobs {
  readonly #all: Job[] = []

  get all(): readonly Job[] {
    return this.#all
  }

  add(children: readonly Child[], text: string): Job {
    const number = (this.#all.at(-1)?.number ?? 0) + 1
    const waiting = new Set<(outcome: readonly ExitStatus[] | 'stopped') => void>()
    const tell = (outcome: readonly ExitStatus[] | 'stopped') => {
      for (const call of waiting) call(outcome)
      waiting.clear()
    }
    const job: Job = {
      number,
      text,
      children,
      current: false,
      stopped: false,
      statuses: undefined,
      settled: () =>
        new Promise((resolve) => {
          if (job.statuses !== undefined) resolve(job.statuses)
          else waiting.add(resolve)
        }),
    }
    for (const child of children) {
      child.onStopped((stopped) => {
        job.stopped = stopped
        if (stopped) tell('stopped')
      })
    }
    void Promise.all(children.map(({ ended }) => ended)).then((statuses) => {
      job.statuses = statuses
      job.stopped = false
      tell(statuses)
    })
    this.#all.push(job)
    return job
  }

  remove(job: Job): void {
    const at = this.#all.indexOf(job)
    if (at >= 0) this.#all.splice(at, 1)
  }

  /** By `%1`, `%%`, `%+`, `%-`, `%name`, or a process's number. */
  find(text: string | undefined): Job | undefined {
    if (text === undefined || text === '%%' || text === '%+' || text === '%') return this.#all.at(-1)
    if (text === '%-') return this.#all.at(-2)
    if (/^%\d+$/.test(text)) return this.#all.find(({ number }) => number === Number(text.slice(1)))
    if (text.startsWith('%')) return this.#all.find(({ text: job }) => job.startsWith(text.slice(1)))
    return this.#all.find(({ children }) => children.some(({ pid }) => pid === Number(text)))
  }

  describe(job: Job): string {
    const mark = job === this.#all.at(-1) ? '+' : job === this.#all.at(-2) ? '-' : ' '
    return `[${job.number}]${mark} ${stateOf(job).padEnd(26)}${job.text}`
  }
}

function stateOf({ statuses, stopped }: Job): string {
  if (stopped) return 'Stopped'
  if (statuses === undefined) return 'Running'
  const { code = 0, signal } = statuses.at(-1) ?? {}
  if (signal === 'SIGTERM') return 'Terminated'
  if (signal === 'SIGKILL') return 'Killed'
  return code === 0 ? 'Done' : `Done(${code})`
}
