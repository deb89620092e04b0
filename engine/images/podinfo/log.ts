import type { Process } from '../../containers/contract.ts'
import { goJson } from '../programs/go-json.ts'

const LEVELS = ['debug', 'info', 'warn', 'error', 'fatal', 'panic'] as const
export type Level = (typeof LEVELS)[number]

/** Lines of JSON as zap writes them: level, time, place, message, and what belongs to it. */
export type Log = (
  level: Level,
  caller: string,
  msg: string,
  fields?: Readonly<Record<string, unknown>>,
) => Promise<void>

export function logTo(process: Process, lowest: string): Log {
  const from = LEVELS.indexOf((LEVELS as readonly string[]).includes(lowest) ? (lowest as Level) : 'info')
  return async (level, caller, msg, fields = {}) => {
    if (LEVELS.indexOf(level) < from) return
    const ts = new Date(process.clock.now()).toISOString()
    await process.stderr.write(`${goJson({ level, ts, caller, msg, ...fields })}\n`)
  }
}
