import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { createMetrics } from './metrics.ts'

const root = join(import.meta.dirname, '..', '..')
const dashboard = JSON.parse(readFileSync(join(root, 'hosting', 'grafana-dashboard.json'), 'utf8')) as {
  panels: { title: string; targets?: { expr: string }[] }[]
}

function all() {
  const metrics = createMetrics()
  metrics.observe({ counts: { queued: 0, preparing: 0, ready: 2, pooled: 1 } })
  metrics.observeWorkshops(() => ({
    workshops: { planned: 0, open: 0, running: 1, over: 0 },
    seats: { taken: 3, free: 4 },
    hands: 1,
    labs: 2,
  }))
  metrics.observeCapacity(() => ({
    memoryBytes: { total: 1, available: 1 },
    cpus: 1,
    inotify: null,
    providers: [{ name: 'kind', title: 'kind', seats: 7, limit: '' }],
  }))
  return metrics
}

/** Names as they are asked for: a histogram has three. */
async function names() {
  const found = await all().registry.getMetricsAsJSON()
  return new Set(
    found.flatMap(({ name, type }) =>
      String(type) === 'histogram' ? [`${name}_bucket`, `${name}_sum`, `${name}_count`] : [name],
    ),
  )
}

/** What in an expression is a metric: a word that is followed by no call, and stands in no braces or brackets. */
const metricsIn = (expr: string) =>
  [
    ...expr
      .replace(/\{[^}]*\}|\[[^\]]*\]|\b(?:by|without)\s*\([^)]*\)/g, ' ')
      .matchAll(/\b[a-z_][a-z0-9_]*\b(?!\s*\()/g),
  ].map(([name]) => name)

describe('metrics', () => {
  it('show workshops, and what this machine bears', async () => {
    const text = await all().registry.metrics()
    for (const line of [
      'quayside_workshops{state="running"} 1',
      'quayside_workshop_seats{state="free"} 4',
      'quayside_workshop_hands 1',
      'quayside_workshop_labs 2',
      'quayside_capacity_seats{provider="kind"} 7',
      'quayside_workshop_events_total{kind="hand-raised"} 0',
    ])
      expect(text).toContain(line)
  })

  it('are there under each name that the dashboard asks for', async () => {
    const known = await names()
    const asked = dashboard.panels.flatMap(({ title, targets = [] }) =>
      targets.flatMap(({ expr }) => metricsIn(expr).map((name) => ({ title, name }))),
    )
    expect(asked.length).toBeGreaterThan(15)
    for (const { title, name } of asked) expect(known, `${title}: ${name}`).toContain(name)
  })

  it('of workshops and labs are all on the dashboard', async () => {
    const asked = new Set(
      dashboard.panels.flatMap(({ targets = [] }) => targets.flatMap(({ expr }) => metricsIn(expr))),
    )
    const own = [...(await names())].filter((name) => name.startsWith('quayside_') && !/_(sum|count)$/.test(name))
    for (const name of own) expect(asked, name).toContain(name)
  })
})
