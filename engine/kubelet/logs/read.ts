import type { LogOptions } from '../../api/runtime.ts'
import { parseTime } from '../../objects/time.ts'
import type { ContainerLog, LogEntry } from './container-log.ts'

/** What `kubectl logs` asks for, as the kubelet reads it from a log (`logs.ReadLogs`, 1.34). `now` in milliseconds since 1970. */
export async function* readLog(
  log: ContainerLog,
  options: LogOptions,
  signal: AbortSignal,
  now: number,
): AsyncGenerator<Uint8Array> {
  const since = sinceOf(options, now)
  let left = options.limitBytes ?? Number.POSITIVE_INFINITY
  let next = firstOf(log, options.tailLines)
  for (;;) {
    // Lines that were dropped while nobody read
    next = Math.max(next, log.start)
    const entry = log.at(next)
    if (entry === undefined) {
      if (!options.follow || log.ended || signal.aborted) return
      await changed(log, signal)
      continue
    }
    next++
    if (entry.at < since) continue
    const line = options.timestamps ? stamped(entry) : entry.bytes
    yield line.length > left ? line.subarray(0, left) : line
    left -= line.length
    if (left <= 0) return
  }
}

function sinceOf({ sinceSeconds, sinceTime }: LogOptions, now: number): number {
  if (sinceSeconds !== undefined) return now - sinceSeconds * 1000
  return sinceTime === undefined ? 0 : (parseTime(sinceTime) ?? 0)
}

const NEWLINE = 10

/** The number of the entry with which the last so many lines begin; a line may have several. */
function firstOf(log: ContainerLog, lines: number | undefined): number {
  if (lines === undefined) return log.start
  let [at, found] = [log.end, 0]
  while (at > log.start) {
    const before = log.at(at - 2)
    if (before === undefined || before.bytes.at(-1) === NEWLINE) found++
    if (found > lines) break
    at--
    if (found === lines && (before === undefined || before.bytes.at(-1) === NEWLINE)) break
  }
  return lines === 0 ? log.end : at
}

/** Nanoseconds, of which the clock knows the first three digits. */
function stamped({ at, bytes }: LogEntry): Uint8Array {
  const whole = Math.floor(at)
  const stamp = new TextEncoder().encode(`${new Date(whole).toISOString().slice(0, 23)}000000Z `)
  const line = new Uint8Array(stamp.length + bytes.length)
  line.set(stamp)
  line.set(bytes, stamp.length)
  return line
}

function changed(log: ContainerLog, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const end = (): void => {
      off()
      signal.removeEventListener('abort', end)
      resolve()
    }
    const off = log.onChange(end)
    signal.addEventListener('abort', end, { once: true })
  })
}
