import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { JobStatus } from '../../kinds/batch/types.ts'
import { asPod, type Pod, statusOf } from '../../kinds/pod/status.ts'
import { formatTime } from '../../objects/time.ts'
import type { ApiObject, GroupResource } from '../../objects/types.ts'
import { PODS } from '../pod-control/pod-control.ts'
import { edit, Kubelet, submit } from '../pod-control/pods.testing.ts'
import { TtlAfterFinished } from '../ttl/ttl-after-finished.ts'
import { World } from '../world.testing.ts'
import { JobController } from './job-controller.ts'
import { isTracked } from './job-pods.ts'

const JOBS: GroupResource = { group: 'batch', resource: 'jobs' }
const SECOND = 1000

let world: World
let kubelet: Kubelet

beforeEach(async () => {
  world = await World.make((cluster, report) => [
    new JobController(cluster, report),
    new TtlAfterFinished(cluster, report),
  ])
  kubelet = new Kubelet(world)
})
afterEach(() => {
  expect(world.errors).toEqual([])
  world.close()
})

function job(spec: object = {}): ApiObject {
  const made = submit(world, JOBS, {
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: { name: 'work' },
    spec: {
      template: {
        metadata: {},
        spec: { restartPolicy: 'Never', containers: [{ name: 'work', image: 'busybox:1.36', resources: {} }] },
      },
      ...spec,
    },
    status: {},
  })
  world.step()
  return made
}

const status = (): JobStatus => (world.get(JOBS, 'work')?.status ?? {}) as JobStatus
const conditions = (): string[] =>
  (status().conditions ?? []).map((condition) => {
    const { type, status: is, reason } = condition as typeof condition & { reason?: string }
    return `${type}=${is} ${reason}`
  })
const pods = (): Pod[] => kubelet.pods().toSorted((a, b) => indexOf(a) - indexOf(b))
const running = (): Pod[] => pods().filter((pod) => !['Succeeded', 'Failed'].includes(statusOf(pod).phase ?? ''))
const indexOf = ({ metadata }: Pod): number =>
  Number(metadata.annotations?.['batch.kubernetes.io/job-completion-index'] ?? 0)

/** Ends a Pod's container with this code, now. */
function end(pod: ApiObject, exitCode: number): void {
  const finishedAt = formatTime(world.clock.now())
  world.update(
    PODS,
    pod.metadata.name,
    (now) => ({
      ...now,
      status: {
        ...statusOf(now),
        phase: exitCode === 0 ? 'Succeeded' : 'Failed',
        containerStatuses: [
          {
            name: 'work',
            image: '',
            imageID: '',
            ready: false,
            restartCount: 0,
            state: { terminated: { exitCode, finishedAt, startedAt: finishedAt } },
            lastState: {},
          },
        ],
      },
    }),
    { subresource: 'status' },
  )
  world.step(2 * SECOND)
}

const first = (): Pod => running()[0] as Pod

describe('a Job', () => {
  it('runs one Pod to its end, counts it once and lets go of it', () => {
    job()
    expect(pods()).toHaveLength(1)
    expect(isTracked(first())).toBe(true)
    expect(status()).toEqual({
      active: 1,
      ready: 0,
      terminating: 0,
      startTime: '2026-01-01T00:00:00Z',
      uncountedTerminatedPods: {},
    })
    kubelet.run(first())
    world.step(2 * SECOND)
    expect(status()).toMatchObject({ active: 1, ready: 1 })
    end(first(), 0)
    expect(status()).toMatchObject({ succeeded: 1, completionTime: expect.any(String), uncountedTerminatedPods: {} })
    expect(status().active).toBeUndefined()
    expect(conditions()).toEqual(['SuccessCriteriaMet=True CompletionsReached', 'Complete=True CompletionsReached'])
    expect(pods().map(isTracked)).toEqual([false])
    expect(world.eventsOf('Job', 'work')).toEqual([
      expect.stringMatching(/^Normal SuccessfulCreate Created pod: work-[a-z0-9]{5}$/),
      'Normal Completed Job completed',
    ])
  })

  it('runs as many beside each other as it may, until enough have succeeded', () => {
    job({ completions: 5, parallelism: 2 })
    const most: number[] = []
    while (running().length > 0) {
      most.push(running().length)
      end(first(), 0)
    }
    expect(most).toEqual([2, 2, 2, 2, 1])
    expect(status()).toMatchObject({ succeeded: 5 })
    expect(conditions()).toContain('Complete=True CompletionsReached')
  })

  it('waits 10, 20, 40 seconds after failures, and gives up beyond its limit', () => {
    job({ backoffLimit: 2 })
    const waits: number[] = []
    for (let attempt = 0; attempt < 3; attempt++) {
      const begun = world.clock.now()
      let steps = 0
      while (running().length === 0 && steps++ < 100) world.step(SECOND)
      waits.push(Math.round((world.clock.now() - begun) / SECOND))
      end(first(), 1)
    }
    expect(waits[0]).toBe(0)
    expect(waits[1]).toBeGreaterThanOrEqual(7)
    expect(waits[1]).toBeLessThanOrEqual(9)
    expect(waits[2]).toBeGreaterThanOrEqual(17)
    expect(waits[2]).toBeLessThanOrEqual(19)
    world.step(60 * SECOND)
    expect(running()).toEqual([])
    expect(status()).toMatchObject({ failed: 3 })
    expect(conditions()).toEqual(['FailureTarget=True BackoffLimitExceeded', 'Failed=True BackoffLimitExceeded'])
    expect(world.eventsOf('Job', 'work').at(-1)).toBe(
      'Warning BackoffLimitExceeded Job has reached the specified backoff limit',
    )
  })

  it('makes one Pod for each index, and makes those again that failed', () => {
    job({ completions: 3, parallelism: 3, completionMode: 'Indexed' })
    expect(pods().map(indexOf)).toEqual([0, 1, 2])
    const [zero] = pods()
    expect(zero?.metadata).toMatchObject({
      name: expect.stringMatching(/^work-0-[a-z0-9]{5}$/),
      labels: { 'batch.kubernetes.io/job-completion-index': '0' },
    })
    expect(zero?.spec.hostname).toBe('work-0')
    expect(zero?.spec.containers?.[0]?.env?.[0]).toEqual({
      name: 'JOB_COMPLETION_INDEX',
      valueFrom: {
        fieldRef: { apiVersion: 'v1', fieldPath: "metadata.labels['batch.kubernetes.io/job-completion-index']" },
      },
    })
    end(pods()[0] as Pod, 0)
    end(pods()[2] as Pod, 0)
    expect(status()).toMatchObject({ succeeded: 2, completedIndexes: '0,2' })
    end(pods()[1] as Pod, 3)
    world.step(15 * SECOND)
    expect(running().map(indexOf)).toEqual([1])
    end(first(), 0)
    expect(status()).toMatchObject({ succeeded: 3, failed: 1, completedIndexes: '0-2' })
    expect(conditions()).toContain('Complete=True CompletionsReached')
  })

  it('gives up an index beyond its own limit, and fails when the others are done', () => {
    job({ completions: 2, parallelism: 2, completionMode: 'Indexed', backoffLimitPerIndex: 1 })
    end(pods()[0] as Pod, 1)
    expect(status().failedIndexes).toBe('')
    world.step(12 * SECOND)
    const again = running().find((pod) => indexOf(pod) === 0) as Pod
    expect(again.metadata.annotations).toMatchObject({ 'batch.kubernetes.io/job-index-failure-count': '1' })
    end(again, 1)
    expect(status()).toMatchObject({ failedIndexes: '0', failed: 2 })
    end(running()[0] as Pod, 0)
    expect(conditions()).toEqual(['FailureTarget=True FailedIndexes', 'Failed=True FailedIndexes'])
  })

  it('fails at once where a rule says so, and says which', () => {
    job({
      backoffLimit: 6,
      podFailurePolicy: {
        rules: [
          { action: 'Ignore', onPodConditions: [{ type: 'DisruptionTarget', status: 'True' }] },
          { action: 'FailJob', onExitCodes: { operator: 'In', values: [42] } },
        ],
      },
    })
    const { name } = first().metadata
    end(first(), 42)
    expect(conditions()).toEqual(['FailureTarget=True PodFailurePolicy', 'Failed=True PodFailurePolicy'])
    expect(world.eventsOf('Job', 'work').at(-1)).toBe(
      `Warning PodFailurePolicy Container work for pod default/${name} failed with exit code 42 matching FailJob rule at index 1`,
    )
  })

  it('ends with its first successful indexes where a rule says so', () => {
    job({
      completions: 3,
      parallelism: 3,
      completionMode: 'Indexed',
      successPolicy: { rules: [{ succeededIndexes: '0', succeededCount: 1 }] },
    })
    end(pods()[0] as Pod, 0)
    for (const pod of pods().filter(({ metadata }) => metadata.deletionTimestamp !== undefined)) kubelet.end(pod)
    world.step(2 * SECOND)
    expect(conditions()).toEqual(['SuccessCriteriaMet=True SuccessPolicy', 'Complete=True SuccessPolicy'])
    expect(status()).toMatchObject({ succeeded: 1, completedIndexes: '0' })
  })

  it('stops its Pods at its deadline', () => {
    job({ activeDeadlineSeconds: 30 })
    kubelet.run(first())
    world.step(31 * SECOND)
    expect(pods()[0]?.metadata.deletionTimestamp).toBeDefined()
    expect(conditions()).toEqual(['FailureTarget=True DeadlineExceeded'])
    kubelet.end(pods()[0] as Pod)
    world.step(2 * SECOND)
    expect(conditions()).toEqual(['FailureTarget=True DeadlineExceeded', 'Failed=True DeadlineExceeded'])
    expect(pods()).toEqual([])
  })

  it('has no Pods while it is suspended', () => {
    job({ parallelism: 2, suspend: true })
    expect(pods()).toEqual([])
    expect(conditions()).toEqual(['Suspended=True JobSuspended'])
    expect(status().startTime).toBeUndefined()
    edit<object>(world, JOBS, 'work', (spec) => ({ ...spec, suspend: false }))
    world.step()
    expect(running()).toHaveLength(2)
    expect(conditions()).toEqual(['Suspended=False JobResumed'])
    edit<object>(world, JOBS, 'work', (spec) => ({ ...spec, suspend: true }))
    world.step()
    expect(pods().every(({ metadata }) => metadata.deletionTimestamp !== undefined)).toBe(true)
    expect(pods().some(isTracked)).toBe(false)
    expect(
      world.eventsOf('Job', 'work').filter((event) => event.includes('uspended') || event.includes('esumed')),
      // The second suspension counts up the event of the first
    ).toEqual(['Normal Resumed Job resumed', 'Normal Suspended Job suspended'])
  })

  it('takes Pods away when fewer may run', () => {
    job({ completions: 6, parallelism: 3 })
    edit<object>(world, JOBS, 'work', (spec) => ({ ...spec, parallelism: 1 }))
    world.step()
    expect(pods().filter(({ metadata }) => metadata.deletionTimestamp === undefined)).toHaveLength(1)
  })

  it('is deleted with its Pods when its time to live is over', () => {
    job({ ttlSecondsAfterFinished: 20 })
    end(first(), 0)
    world.step(17 * SECOND)
    expect(world.get(JOBS, 'work')).toBeDefined()
    world.step(5 * SECOND)
    for (const pod of pods()) kubelet.end(asPod(pod))
    world.step(2 * SECOND)
    expect(world.get(JOBS, 'work')).toBeUndefined()
    expect(pods()).toEqual([])
  })

  it('holds no Pod when it is deleted', () => {
    job({ parallelism: 2 })
    world.cluster.backend.registry(JOBS)?.delete('default', 'work', { propagationPolicy: 'Orphan' })
    world.step(2 * SECOND)
    expect(pods()).toHaveLength(2)
    expect(pods().some(isTracked)).toBe(false)
  })
})
