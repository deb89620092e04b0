import { strict as assert } from 'node:assert'
import { job } from '../objects.ts'
import { condition, gone, has } from '../outcomes.ts'
import { scenario, type Theme } from '../scenario.ts'
import type { Stage } from '../stage.ts'

const complete = (stage: Stage) => has(stage, 'Job', 'work', 'Complete')
const failed = (stage: Stage) => has(stage, 'Job', 'work', 'Failed')
/** Longer than what watches a container takes to notice it. */
const WORK = 'sleep 2'
const indexed = (completions: number, more: object = {}) => ({
  completionMode: 'Indexed',
  completions,
  parallelism: completions,
  ...more,
})
const running = (stage: Stage, count: number) =>
  stage.until(
    `${count} Pods run`,
    () => stage.pods().filter(({ status }) => status.phase === 'Running').length === count,
  )

export const jobs: Theme = {
  name: 'Jobs',
  scenarios: [
    scenario('a Job completes', async (stage) => {
      await stage.create(job('work', `${WORK}; echo done`))
      await complete(stage)
      const [pod] = stage.list('Pod')
      assert.equal(await stage.logs(pod.metadata.name), 'done\n')
    }),

    scenario('a Job fails at once where it may not try again', async (stage) => {
      await stage.create(job('work', `${WORK}; exit 3`, { backoffLimit: 0 }))
      const { status } = await failed(stage)
      assert.equal(status.failed, 1)
      assert.equal(condition({ status }, 'Failed').reason, 'BackoffLimitExceeded')
    }),

    scenario('a Job tries again with new Pods', async (stage) => {
      await stage.create(job('work', `${WORK}; exit 1`, { backoffLimit: 1 }))
      await failed(stage)
      assert.equal(stage.list('Pod').length, 2)
    }),

    scenario('a Job’s Pod is started again in place where it may', async (stage) => {
      const script = 'sleep 2; [ -f /work/once ] && exit 0; touch /work/once; exit 1'
      const work = job('work', script, {}, { restartPolicy: 'OnFailure', volumes: [{ name: 'work', emptyDir: {} }] })
      work.spec.template.spec.containers[0].volumeMounts = [{ name: 'work', mountPath: '/work' }]
      await stage.create(work)
      await complete(stage)
      assert.equal(stage.list('Pod').length, 1)
      assert.equal(stage.list('Pod')[0].status.containerStatuses[0].restartCount, 1)
    }),

    scenario('a Job runs so many at once and so many in all', async (stage) => {
      await stage.create(job('work', WORK, { parallelism: 2, completions: 4 }))
      await stage.until('all are done', () => {
        assert.ok((stage.get('Job', 'work')?.status.active ?? 0) <= 2)
        return condition(stage.get('Job', 'work'), 'Complete')
      })
      assert.equal(stage.the('Job', 'work').status.succeeded, 4)
    }),

    scenario('an indexed Job gives each Pod its number', async (stage) => {
      await stage.create(job('work', `${WORK}; echo $JOB_COMPLETION_INDEX`, indexed(3)))
      await complete(stage)
      const said = await Promise.all(stage.list('Pod').map((pod) => stage.logs(pod.metadata.name)))
      assert.deepEqual(said.sort(), ['0\n', '1\n', '2\n'])
      assert.equal(stage.the('Job', 'work').status.completedIndexes, '0-2')
    }),

    scenario('an indexed Job counts failures of each number apart', async (stage) => {
      const script = `${WORK}; [ $JOB_COMPLETION_INDEX != 1 ]`
      await stage.create(job('work', script, indexed(3, { backoffLimitPerIndex: 0 })))
      const { status } = await failed(stage)
      assert.equal(status.failedIndexes, '1')
      assert.equal(status.completedIndexes, '0,2')
    }),

    scenario('an indexed Job fails when too many numbers have', async (stage) => {
      const script = '[ $JOB_COMPLETION_INDEX -gt 1 ] && sleep 3600; sleep 2; exit 1'
      await stage.create(job('work', script, indexed(3, { backoffLimitPerIndex: 0, maxFailedIndexes: 1 })))
      await failed(stage)
      await stage.until('none is left running', () => (stage.the('Job', 'work').status.active ?? 0) === 0)
    }),

    scenario('a Job fails by the exit code that its policy names', async (stage) => {
      const podFailurePolicy = {
        rules: [{ action: 'FailJob', onExitCodes: { containerName: 'main', operator: 'In', values: [42] } }],
      }
      await stage.create(job('work', `${WORK}; exit 42`, { backoffLimit: 6, podFailurePolicy }))
      const { status } = await failed(stage)
      assert.equal(condition({ status }, 'Failed').reason, 'PodFailurePolicy')
      assert.equal(stage.list('Pod').length, 1)
    }),

    scenario('a Job does not count failures that its policy ignores', async (stage) => {
      const podFailurePolicy = { rules: [{ action: 'Ignore', onPodConditions: [{ type: 'DisruptionTarget' }] }] }
      await stage.create(
        job('work', 'trap "exit 1" TERM; i=0; while [ $i -lt 8 ]; do sleep 1; i=$((i+1)); done', {
          backoffLimit: 0,
          podFailurePolicy,
        }),
      )
      await running(stage, 1)
      const [first] = stage.pods()
      assert.equal((await stage.evict(first.metadata.name)).status, 201)
      await complete(stage)
      assert.equal(stage.the('Job', 'work').status.succeeded, 1)
    }),

    scenario('an indexed Job gives a number up by its policy', async (stage) => {
      const podFailurePolicy = {
        rules: [{ action: 'FailIndex', onExitCodes: { operator: 'In', values: [7] } }],
      }
      const script = `${WORK}; [ $JOB_COMPLETION_INDEX = 0 ] && exit 7; exit 0`
      await stage.create(job('work', script, indexed(2, { backoffLimitPerIndex: 3, podFailurePolicy })))
      const { status } = await failed(stage)
      assert.equal(status.failedIndexes, '0')
      assert.equal(stage.list('Pod').length, 2)
    }),

    scenario('a Job ends at its deadline', async (stage) => {
      await stage.create(job('work', 'exec sleep 3600', { activeDeadlineSeconds: 12 }))
      const { status } = await failed(stage)
      assert.equal(condition({ status }, 'Failed').reason, 'DeadlineExceeded')
      await stage.until('its Pod is gone', () => stage.list('Pod').length === 0)
    }),

    scenario('a Job that is over goes after its time', async (stage) => {
      await stage.create(job('work', WORK, { ttlSecondsAfterFinished: 4 }))
      await complete(stage)
      await gone(stage, 'Job', 'work')
      await stage.until('its Pods are gone too', () => stage.list('Pod').length === 0)
    }),

    scenario('a suspended Job begins when it is resumed', async (stage) => {
      await stage.create(job('work', WORK, { suspend: true }))
      await stage.never('a Pod is made', () => stage.list('Pod').length > 0, 3)
      await stage.patch('Job', 'work', { spec: { suspend: false } })
      await complete(stage)
    }),

    scenario('a Job that is suspended stops its Pods', async (stage) => {
      await stage.create(job('work', 'exec sleep 3600', { parallelism: 2, completions: 2 }))
      await running(stage, 2)
      await stage.patch('Job', 'work', { spec: { suspend: true } })
      await stage.until('no Pod is left', () => stage.list('Pod').length === 0)
      await has(stage, 'Job', 'work', 'Suspended')
    }),

    scenario('a Job is given more hands while it works', async (stage) => {
      await stage.create(job('work', 'exec sleep 3600', { parallelism: 1, completions: 3 }))
      await running(stage, 1)
      await stage.patch('Job', 'work', { spec: { parallelism: 3 } })
      await running(stage, 3)
      await stage.patch('Job', 'work', { spec: { parallelism: 1 } })
      await stage.until('one is left', () => stage.list('Pod').length === 1)
    }),

    scenario('a Job succeeds with those that its policy names', async (stage) => {
      const successPolicy = { rules: [{ succeededIndexes: '0' }] }
      const script = '[ $JOB_COMPLETION_INDEX = 0 ] && sleep 3 && exit 0; exec sleep 3600'
      await stage.create(job('work', script, indexed(2, { successPolicy })))
      await complete(stage)
      assert.equal(stage.the('Job', 'work').status.completedIndexes, '0')
    }),

    scenario('a Job that waits for Pods to end replaces them afterwards', async (stage) => {
      await stage.create(
        job(
          'work',
          'trap "sleep 3; exit 1" TERM; while true; do sleep 1; done',
          { podReplacementPolicy: 'Failed' },
          { terminationGracePeriodSeconds: 20 },
        ),
      )
      await running(stage, 1)
      const [first] = stage.pods()
      await stage.delete('Pod', first.metadata.name)
      await stage.until('another is made', () =>
        stage.list('Pod').some(({ metadata }) => metadata.uid !== first.metadata.uid),
      )
      await gone(stage, 'Pod', first.metadata.name)
      await running(stage, 1)
    }),

    scenario('a Pod of a Job that is deleted is replaced', async (stage) => {
      await stage.create(job('work', 'sleep 6'))
      await running(stage, 1)
      const [first] = stage.pods()
      await stage.delete('Pod', first.metadata.name)
      await complete(stage)
      assert.equal(stage.the('Job', 'work').status.succeeded, 1)
    }),
  ],
}
