import { strict as assert } from 'node:assert'
import { object } from '../kinds.ts'
import { job } from '../objects.ts'
import { condition } from '../outcomes.ts'
import { scenario, type Theme } from '../scenario.ts'
import type { Json } from '../side.ts'
import type { Stage } from '../stage.ts'

const cronJob = (script: string, more: Json = {}): Json =>
  object('CronJob', 'tick', {
    spec: { schedule: '* * * * *', jobTemplate: { spec: job('tick', script).spec }, ...more },
  })

const MINUTE = 60
const HOUR = 60 * MINUTE

const finished = (one: Json) =>
  condition(one, 'Complete')?.status === 'True' || condition(one, 'Failed')?.status === 'True'
const active = (stage: Stage) => stage.list('Job').filter((one) => !finished(one))

/** How many Jobs were ever made, by their names. */
async function namesWhile(stage: Stage, seconds: number): Promise<Set<string>> {
  const names = new Set<string>()
  const end = stage.now() + seconds * 1000
  while (stage.now() < end) {
    for (const { metadata } of stage.list('Job')) names.add(metadata.name)
    await stage.sleep(20)
  }
  return names
}

const onEngine = { engineOnly: true }

export const cronJobs: Theme = {
  name: 'CronJobs',
  scenarios: [
    scenario('a CronJob makes a Job at its minute', async (stage) => {
      await stage.create(cronJob('sleep 2; echo tick'))
      await stage.until('a Job is done', () => stage.list('Job').some(finished))
      await stage.until('it is no longer active', () => stage.the('CronJob', 'tick').status.lastSuccessfulTime)
      const [one] = stage.list('Job')
      assert.equal(one.metadata.ownerReferences[0].name, 'tick')
      // No other comes meanwhile
      await stage.patch('CronJob', 'tick', { spec: { suspend: true } })
    }),

    scenario('a CronJob’s Job goes with it', async (stage) => {
      await stage.create(cronJob('exec sleep 3600'))
      await stage.until('a Job runs', () => stage.pods().some(({ status }) => status.phase === 'Running'))
      await stage.delete('CronJob', 'tick', { propagationPolicy: 'Background' })
      await stage.until('all is gone', () => stage.list('Job').length === 0 && stage.list('Pod').length === 0)
    }),

    scenario(
      'a suspended CronJob makes no Jobs',
      async (stage) => {
        await stage.create(cronJob('sleep 2', { suspend: true }))
        assert.equal((await namesWhile(stage, HOUR)).size, 0)
        await stage.patch('CronJob', 'tick', { spec: { suspend: false } })
        await stage.until('a Job is made', () => stage.list('Job').length > 0, 2 * MINUTE)
      },
      onEngine,
    ),

    scenario(
      'a CronJob keeps so many Jobs that have succeeded and failed',
      async (stage) => {
        const script = 'sleep 2; [ $(($(date +%M | sed "s/^0//") % 2)) = 0 ]'
        const one = cronJob(script, { successfulJobsHistoryLimit: 2, failedJobsHistoryLimit: 1 })
        one.spec.jobTemplate.spec.backoffLimit = 0
        await stage.create(one)
        const names = await namesWhile(stage, HOUR)
        assert.ok(names.size >= 59 && names.size <= 61, `${names.size} Jobs`)
        await stage.sleep(15)
        const left = stage.list('Job').filter(finished)
        assert.equal(left.filter((one) => condition(one, 'Complete')).length, 2)
        assert.equal(left.filter((one) => condition(one, 'Failed')).length, 1)
      },
      onEngine,
    ),

    scenario(
      'a CronJob that forbids it starts no Job beside another',
      async (stage) => {
        await stage.create(cronJob('sleep 150', { concurrencyPolicy: 'Forbid' }))
        const end = stage.now() + HOUR * 1000
        const names = new Set<string>()
        while (stage.now() < end) {
          assert.ok(active(stage).length <= 1)
          for (const { metadata } of stage.list('Job')) names.add(metadata.name)
          await stage.sleep(5)
        }
        // Each takes two and a half minutes, and the next begins at once, as its time was missed
        assert.ok(names.size >= 19 && names.size <= 25, `${names.size} Jobs`)
        assert.ok(stage.list('Event').some(({ reason }) => reason === 'JobAlreadyActive'))
      },
      onEngine,
    ),

    scenario(
      'a CronJob that replaces stops the Job before',
      async (stage) => {
        await stage.create(cronJob('exec sleep 3600', { concurrencyPolicy: 'Replace' }))
        const names = await namesWhile(stage, 10 * MINUTE)
        assert.ok(names.size >= 9, `${names.size} Jobs`)
        await stage.until('one is left', () => stage.list('Job').length === 1)
      },
      onEngine,
    ),

    scenario(
      'a CronJob that allows it starts Jobs beside one another',
      async (stage) => {
        await stage.create(cronJob('exec sleep 3600', { concurrencyPolicy: 'Allow' }))
        await namesWhile(stage, 5 * MINUTE)
        assert.ok(active(stage).length >= 4)
        assert.equal(stage.the('CronJob', 'tick').status.active.length, active(stage).length)
      },
      onEngine,
    ),

    scenario(
      'a CronJob passes over times that are too long ago',
      async (stage) => {
        await stage.create(cronJob('sleep 2', { schedule: '0 * * * *', startingDeadlineSeconds: 30, suspend: true }))
        // Into the hour after one that was missed
        await stage.sleep(HOUR + 10 * MINUTE)
        await stage.patch('CronJob', 'tick', { spec: { suspend: false } })
        await stage.never('a Job for the time before', () => stage.list('Job').length > 0, 30 * MINUTE)
        await stage.until('a Job at the next', () => stage.list('Job').length > 0, HOUR)
      },
      onEngine,
    ),

    scenario(
      'a CronJob catches up with the last time it has missed',
      async (stage) => {
        await stage.create(cronJob('sleep 2', { schedule: '0 * * * *', suspend: true }))
        await stage.sleep(HOUR + 10 * MINUTE)
        await stage.patch('CronJob', 'tick', { spec: { suspend: false } })
        await stage.until('a Job for the time before', () => stage.list('Job').length === 1, 2 * MINUTE)
        await stage.never('another', () => stage.list('Job').length > 1, 30 * MINUTE)
      },
      onEngine,
    ),

    scenario(
      'a CronJob keeps its zone’s hours',
      async (stage) => {
        await stage.create(cronJob('sleep 2', { schedule: '45 6 * * *', timeZone: 'Asia/Kolkata' }))
        const found = await stage.until('a Job', () => stage.list('Job')[0], 2 * HOUR)
        assert.match(found.metadata.creationTimestamp, /T01:15:/)
      },
      onEngine,
    ),
  ],
}
