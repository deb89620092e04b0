/** What /metrics shows. No label holds anything of a reader. */
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client'
import type { Capacity } from '../../protocol/workshop.ts'
import type { Sessions } from '../sessions/sessions.ts'
import type { WorkshopCounts } from '../workshops/counts.ts'
import { type Happening, happeningKinds } from '../workshops/happenings.ts'
import type { Outcome } from '../workshops/webhooks.ts'

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
  const happened = new Counter({
    name: 'quayside_workshop_events_total',
    help: 'What happened in workshops, by kind.',
    labelNames: ['kind'],
    registers,
  })
  for (const kind of happeningKinds) happened.inc({ kind }, 0)
  const webhooks = new Counter({
    name: 'quayside_webhooks_total',
    help: 'Attempts to deliver webhooks, by outcome.',
    labelNames: ['outcome'],
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
    happened: (kind: Happening['kind']) => happened.inc({ kind }),
    webhook: (outcome: Outcome) => webhooks.inc({ outcome }),
    /** Shows how workshops stand at the moment of each look. */
    observeWorkshops(count: () => WorkshopCounts) {
      const gauge = (name: string, help: string, labelNames: string[], collect: (gauge: Gauge) => void) =>
        new Gauge({
          name,
          help,
          labelNames,
          registers,
          collect() {
            this.reset()
            collect(this)
          },
        })
      gauge('quayside_workshops', 'Workshops, by state.', ['state'], (own) => {
        for (const [state, value] of Object.entries(count().workshops)) own.set({ state }, value)
      })
      gauge(
        'quayside_workshop_seats',
        'Seats of workshops that are open or running; taken, or free.',
        ['state'],
        (own) => {
          for (const [state, value] of Object.entries(count().seats)) own.set({ state }, value)
        },
      )
      gauge('quayside_workshop_hands', 'Hands that are raised at this moment.', [], (own) => own.set(count().hands))
      gauge('quayside_workshop_labs', 'Labs of workshops that run at this moment.', [], (own) => own.set(count().labs))
    },
    /** Shows what this machine can host at the moment of each look. */
    observeCapacity(capacity: () => Capacity) {
      new Gauge({
        name: 'quayside_capacity_seats',
        help: 'Seats that this machine bears, by what makes the clusters.',
        labelNames: ['provider'],
        registers,
        collect() {
          for (const { name, seats } of capacity().providers) this.set({ provider: name }, seats)
        },
      })
    },
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
