/** What a room under load was like, and what it should be like. Pure. */
import { percentile, seconds } from '../bench/report.ts'
import type { Seen } from './host.ts'
import type { Told } from './participant.ts'

export interface Measured {
  seats: number
  /** Milliseconds from the first who joined until the last had a prompt. */
  allInAfter: number
  told: readonly Told[]
  seen: readonly Seen[]
  /** What the host was refused. */
  hostRefused: readonly string[]
  server: {
    /** Bytes of its own process: at most, and at the end. */
    peakRss: number
    rss: number
    /** Bytes of the shells and what runs in them, at the end; what they share is counted once. */
    shells: number
    /** Milliseconds of processors' time until all were in, and while they worked. */
    cpu: { joining: number; working: number }
  }
  /** Milliseconds: of processors' time, and how long they worked. */
  clients: number
  workedFor: number
}

export interface Figures {
  seats: number
  refused: readonly string[]
  in: number
  allInAfter: number
  startP50: number
  startP95: number
  echoes: number
  echoP50: number
  echoP95: number
  echoP99: number
  stepsDone: number
  /** Steps that the board has not told of. */
  untold: number
  boardP50: number
  boardP95: number
  boardMax: number
}

export function figuresOf({ seats, allInAfter, told, seen, hostRefused }: Measured): Figures {
  const echoes = told.flatMap(({ echoes }) => echoes)
  const starts = told.flatMap(({ inAfter }) => inAfter ?? [])
  const shown = new Map(seen.map(({ name, step, at }) => [`${name} ${step}`, at]))
  const lags: number[] = []
  let untold = 0
  for (const [index, { done }] of told.entries()) {
    for (const { step, at } of done) {
      const found = shown.get(`Participant ${index + 1} ${step}`)
      if (found === undefined) untold++
      else lags.push(Math.max(0, found - at))
    }
  }
  return {
    seats,
    refused: [...told.flatMap(({ refused }) => refused), ...hostRefused],
    in: starts.length,
    allInAfter,
    startP50: percentile(starts, 50),
    startP95: percentile(starts, 95),
    echoes: echoes.length,
    echoP50: percentile(echoes, 50),
    echoP95: percentile(echoes, 95),
    echoP99: percentile(echoes, 99),
    stepsDone: lags.length + untold,
    untold,
    boardP50: percentile(lags, 50),
    boardP95: percentile(lags, 95),
    boardMax: percentile(lags, 100),
  }
}

/** In ms. */
export interface Wanted {
  allInWithin: number
  echoP95: number
  boardLag: number
}

export const WANTED: Wanted = { allInWithin: 60_000, echoP95: 50, boardLag: 2_000 }

/** What is not as it should be, in sentences. */
export function shortcomings(figures: Figures, wanted: Wanted): string[] {
  const { seats, refused, allInAfter, echoP95, boardMax, untold, stepsDone } = figures
  return [
    ...(refused.length > 0 ? [`${refused.length} were refused, the first: ${refused[0]}`] : []),
    ...(figures.in < seats ? [`only ${figures.in} of ${seats} came in`] : []),
    ...(allInAfter > wanted.allInWithin ? [`all were in after ${seconds(allInAfter)} only`] : []),
    ...(echoP95 <= wanted.echoP95 ? [] : [`the 95th percentile of echoes is ${echoP95.toFixed(0)} ms`]),
    ...(stepsDone === 0 ? ['nobody has done a step'] : []),
    ...(untold > 0 ? [`the board has not told of ${untold} of ${stepsDone} steps`] : []),
    ...(boardMax > wanted.boardLag ? [`the board was ${seconds(boardMax)} late`] : []),
  ]
}
