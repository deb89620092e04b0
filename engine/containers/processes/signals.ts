import type { ExitStatus, Signal } from '../contract.ts'
import { Traceless } from '../traceless.ts'

/** Linux's numbers on x86 and ARM. */
export const SIGNALS: Readonly<Record<Signal, number>> = {
  SIGHUP: 1,
  SIGINT: 2,
  SIGQUIT: 3,
  SIGKILL: 9,
  SIGUSR1: 10,
  SIGUSR2: 12,
  SIGPIPE: 13,
  SIGALRM: 14,
  SIGTERM: 15,
  SIGCHLD: 17,
  SIGCONT: 18,
  SIGSTOP: 19,
  SIGTSTP: 20,
}

/** By number, by name with SIG before it or without; undefined for others. */
export function signalOf(text: string): Signal | undefined {
  const upper = text.toUpperCase()
  const name = upper.startsWith('SIG') ? upper : `SIG${upper}`
  if (Object.hasOwn(SIGNALS, name)) return name as Signal
  return (Object.keys(SIGNALS) as Signal[]).find((signal) => String(SIGNALS[signal]) === text)
}

export const signalled = (signal: Signal): ExitStatus => ({ code: 128 + SIGNALS[signal], signal })

export type Action = 'end' | 'stop' | 'continue' | 'none'

export function defaultAction(signal: Signal): Action {
  if (signal === 'SIGCHLD') return 'none'
  if (signal === 'SIGCONT') return 'continue'
  return signal === 'SIGSTOP' || signal === 'SIGTSTP' ? 'stop' : 'end'
}

/** What waits reject with when their process is killed. Programs let it pass. */
export class Killed extends Traceless {
  constructor() {
    super('killed')
    this.name = 'Killed'
  }
}
