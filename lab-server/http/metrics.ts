/** What /metrics shows. No label holds anything of a reader. */
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client'
import type { Sessions } from '../sessions/sessions.ts'

/** Seconds; from a warm hand-over to the slowest cold start that anybody waits for. */
const READY_BUCKETS = [0.25, 0.5, 1, 2, 5, 10, 20, 40, 60, 120, 300]

export type Metrics = ReturnType<typeof createMetrics>

export function createMetrics() {
  const registry = new Registry()
  const registers = [registry]
  collectDefaultMetrics({ register: registry })
  const starts = new Counter({
    name: 'quayside_sessions_started_total',
    help: 'Labs that readers started.',
    labelNames: ['lab'],
    registers,
  })
  const ready = new Histogram({
    name: 'quayside_session_ready_seconds',
    help: 'From the start to a prompt that can be typed at.',
    labelNames: ['lab'],
    buckets: READY_BUCKETS,
    registers,
  })
  const ended = new Counter({
    name: 'quayside_sessions_ended_total',
    help: 'Labs that ended, by reason.',
    labelNames: ['lab', 'reason'],
    registers,
  })
  const ticks = new Counter({
    name: 'quayside_steps_passed_total',
    help: 'Steps that turned green.',
    labelNames: ['lab', 'step'],
    registers,
  })
  const bytes = new Counter({
    name: 'quayside_terminal_bytes_total',
    help: 'Bytes that shells wrote.',
    registers,
  })
  const open = new Gauge({
    name: 'quayside_connections',
    help: 'Open event streams and terminals.',
    labelNames: ['kind'],
    registers,
  })
  const refused = new Counter({
    name: 'quayside_requests_refused_total',
    help: 'Requests answered with an error, by its code.',
    labelNames: ['code'],
    registers,
  })
  return {
    registry,
    started: (lab: string) => starts.inc({ lab }),
    ready: (lab: string, ms: number) => ready.observe({ lab }, ms / 1000),
    ended: (lab: string, reason: string) => ended.inc({ lab, reason }),
    stepPassed: (lab: string, step: string) => ticks.inc({ lab, step }),
    terminalBytes: (count: number) => bytes.inc(count),
    opened: (kind: 'events' | 'terminal') => open.inc({ kind }),
    closed: (kind: 'events' | 'terminal') => open.dec({ kind }),
    refused: (code: string) => refused.inc({ code }),
    /** Shows the sessions' own counts at the moment of each look. */
    observe(sessions: Pick<Sessions, 'counts'>) {
      new Gauge({
        name: 'quayside_sessions',
        help: 'Labs by state; pooled is a cluster that waits for a reader.',
        labelNames: ['state'],
        registers,
        collect() {
          for (const [state, count] of Object.entries(sessions.counts)) this.set({ state }, count)
        },
      })
    },
  }
}
