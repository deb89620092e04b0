import { describe, expect, it } from 'vitest'
import { Lab } from '../../protocol/lab/schema.ts'
import type { Place } from '../sessions/manager.ts'
import type { Machine } from './capacity.ts'
import { createHosting } from './hosting.ts'
import { capped, costAmong } from './offered.ts'

const GiB = 1024 ** 3
const labs = [1, 3].map((workers) => ({
  lab: Lab.parse({
    id: `with-${workers}`,
    title: 'Lab',
    summary: 'A lab.',
    minutes: 10,
    cluster: { workers },
    steps: [
      {
        id: 'one',
        title: 'One',
        checks: [{ title: 'It is', resource: { apiVersion: 'v1', kind: 'Pod' }, expect: 'true' }],
        solution: 'true',
      },
    ],
  }),
  setup: [],
  files: [],
}))
const settings = { maxSessions: 30, maxSimulated: 40 }
const machine: Machine = {
  memoryBytes: { total: 8 * GiB, available: 4 * GiB },
  cpus: 2,
  inotify: { instances: 8192, watches: 1_048_576 },
}
const provider = (simulated: boolean) =>
  ({ name: simulated ? 'embedded' : 'kind', title: 'Clusters', simulated }) as Place['provider']
const place = (simulated: boolean, most: number): Place => ({
  provider: provider(simulated),
  most,
  pool: 5,
  atOnce: 2,
  refillDelay: 0,
})

describe('places for clusters', () => {
  it('are no more than the machine bears, warm ones neither, whatever the settings say', () => {
    const found = capped([place(false, 30), place(true, 40)], { machine, settings, labs, running: () => 0 })
    expect(found.map(({ most, pool }) => [most, pool])).toEqual([
      [3, 3],
      [40, 5],
    ])
  })

  it('count those that run on from before, whose memory is not free any more', () => {
    const [found] = capped([place(false, 30)], { machine, settings, labs, running: () => 4 })
    expect(found?.most).toBe(7)
  })

  it('are for the largest cluster that a lab asks for', () => {
    expect(costAmong(labs, provider(false)).inotify.instances).toBe(71)
    expect(costAmong([], provider(false)).inotify.instances).toBe(29)
  })
})

describe('what this machine can host at this moment', () => {
  const offer = (change = {}) => ({
    provider: provider(false),
    availability: { available: true as const },
    room: true,
    most: 3,
    running: 1,
    ...change,
  })
  const hosting = (change = {}) =>
    createHosting({
      manager: { offers: () => [offer(change)] },
      catalogue: new Map(labs.map((entry) => [entry.lab.id, entry])),
      config: settings,
      machine: () => machine,
    })

  it('is said with what limits it', () => {
    expect(hosting().capacity().providers).toEqual([
      { name: 'kind', title: 'Clusters', seats: 4, limit: expect.stringMatching(/^Memory: 4\.0 GiB are free/) },
    ])
    expect(hosting().bears('kind')).toMatchObject({ most: 3, seats: 4 })
  })

  it('is not known of what is not there, or does not run at this moment', () => {
    expect(hosting().bears('embedded')).toBeUndefined()
    const away = hosting({ availability: { available: false, reason: 'Docker does not answer.' } })
    expect(away.bears('kind')).toBeUndefined()
    expect(away.capacity().providers[0]).toMatchObject({ seats: 0, limit: 'Docker does not answer.' })
  })
})
