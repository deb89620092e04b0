import { afterEach, describe, expect, it } from 'vitest'
import type { ApiObject, GroupResource } from '../../objects/types.ts'
import { World } from '../world.testing.ts'
import { CronJobController } from './cron-job-controller.ts'

const CRON_JOBS: GroupResource = { group: 'batch', resource: 'cronjobs' }
const JOBS: GroupResource = { group: 'batch', resource: 'jobs' }
const MINUTE = 60_000

let world: World
afterEach(() => {
  expect(world.errors).toEqual([])
  world.close()
})

async function start(): Promise<void> {
  world = await World.make((cluster, report) => [new CronJobController(cluster, report)])
}

const template = {
  spec: {
    template: {
      metadata: {},
      spec: { restartPolicy: 'Never', containers: [{ name: 'work', image: 'busybox:1.36', resources: {} }] },
    },
  },
}

function cronJob(spec: object = {}): ApiObject {
  return world.cluster.backend.submit({
    resource: CRON_JOBS,
    namespace: 'default',
    user: { username: 'someone', groups: [] },
    manager: 'test',
    object: {
      apiVersion: 'batch/v1',
      kind: 'CronJob',
      metadata: { name: 'tick' },
      spec: { schedule: '*/5 * * * *', jobTemplate: template, ...spec },
      status: {},
    },
  })
}

const jobs = (): string[] => world.list(JOBS).map(({ metadata }) => metadata.name)
const nameAt = (time: string): string => `tick-${Date.parse(time) / MINUTE}`
const status = (): unknown => world.get(CRON_JOBS, 'tick')?.status

function finish(name: string, type: 'Complete' | 'Failed'): void {
  const time = new Date(world.clock.now()).toISOString().replace(/\.\d+/, '')
  const condition = { type, status: 'True', lastProbeTime: time, lastTransitionTime: time }
  const target = { ...condition, type: type === 'Complete' ? 'SuccessCriteriaMet' : 'FailureTarget' }
  const ended = type === 'Complete' ? { completionTime: time, succeeded: 1 } : {}
  world.update(
    JOBS,
    name,
    (job) => ({ ...job, status: { startTime: time, ...ended, conditions: [target, condition] } }),
    {
      subresource: 'status',
    },
  )
  world.step()
}

describe('a CronJob', () => {
  it('makes a Job at each of its times, and remembers it', async () => {
    await start()
    cronJob()
    world.step(4 * MINUTE)
    expect(jobs()).toEqual([])
    world.step(MINUTE + 200)
    expect(jobs()).toEqual([nameAt('2026-01-01T00:05:00Z')])
    expect(status()).toMatchObject({
      active: [{ kind: 'Job', name: nameAt('2026-01-01T00:05:00Z'), namespace: 'default', apiVersion: 'batch/v1' }],
      lastScheduleTime: '2026-01-01T00:05:00Z',
    })
    const job = world.get(JOBS, nameAt('2026-01-01T00:05:00Z'))
    expect(job?.metadata.annotations).toEqual({
      'batch.kubernetes.io/cronjob-scheduled-timestamp': '2026-01-01T00:05:00Z',
    })
    expect(job?.metadata.ownerReferences).toMatchObject([{ kind: 'CronJob', name: 'tick', controller: true }])
    world.step(5 * MINUTE)
    expect(jobs()).toHaveLength(2)
    expect(world.eventsOf('CronJob', 'tick')).toEqual([
      `Normal SuccessfulCreate Created job ${nameAt('2026-01-01T00:05:00Z')}`,
      `Normal SuccessfulCreate Created job ${nameAt('2026-01-01T00:10:00Z')}`,
    ])
  })

  it('takes finished Jobs off its list and keeps the last three that went well', async () => {
    await start()
    cronJob()
    for (let round = 0; round < 5; round++) {
      world.step(5 * MINUTE + (round === 0 ? 200 : 0))
      finish(jobs().at(-1) as string, 'Complete')
    }
    expect(jobs()).toEqual([
      nameAt('2026-01-01T00:15:00Z'),
      nameAt('2026-01-01T00:20:00Z'),
      nameAt('2026-01-01T00:25:00Z'),
    ])
    expect(status()).toEqual({
      lastScheduleTime: '2026-01-01T00:25:00Z',
      lastSuccessfulTime: '2026-01-01T00:25:00Z',
    })
    expect(world.eventsOf('CronJob', 'tick')).toContain(
      `Normal SawCompletedJob Saw completed job: ${nameAt('2026-01-01T00:05:00Z')}, condition: Complete`,
    )
  })

  it('waits for the one before if it may not run beside it', async () => {
    await start()
    cronJob({ concurrencyPolicy: 'Forbid' })
    world.step(10 * MINUTE + 200)
    expect(jobs()).toEqual([nameAt('2026-01-01T00:05:00Z')])
    expect(world.eventsOf('CronJob', 'tick')).toContain(
      'Normal JobAlreadyActive Not starting job because prior execution is running and concurrency policy is Forbid',
    )
    finish(nameAt('2026-01-01T00:05:00Z'), 'Complete')
    expect(jobs()).toContain(nameAt('2026-01-01T00:10:00Z'))
  })

  it('replaces the one before if it says so', async () => {
    await start()
    cronJob({ concurrencyPolicy: 'Replace' })
    world.step(10 * MINUTE + 200)
    expect(jobs()).toEqual([nameAt('2026-01-01T00:10:00Z')])
    expect(world.eventsOf('CronJob', 'tick')).toContain(
      `Normal SuccessfulDelete Deleted job ${nameAt('2026-01-01T00:05:00Z')}`,
    )
  })

  it('does nothing while it is suspended, and makes up for the last time it missed', async () => {
    await start()
    cronJob({ suspend: true })
    world.step(12 * MINUTE)
    expect(jobs()).toEqual([])
    world.update(CRON_JOBS, 'tick', (now) => ({ ...now, spec: { ...(now.spec as object), suspend: false } }))
    world.step()
    expect(jobs()).toEqual([nameAt('2026-01-01T00:10:00Z')])
  })

  it('keeps to its zone, and says when in that zone a Job was meant to start', async () => {
    await start()
    cronJob({ schedule: '0 2 * * *', timeZone: 'Europe/Berlin' })
    world.step(60 * MINUTE + 200)
    expect(world.list(JOBS)[0]?.metadata.annotations).toEqual({
      'batch.kubernetes.io/cronjob-scheduled-timestamp': '2026-01-01T02:00:00+01:00',
    })
  })
})
