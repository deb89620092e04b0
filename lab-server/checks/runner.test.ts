import pino from 'pino'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { Lab, type Need } from '../../protocol/lab/schema.ts'
import { ManualClock } from '../clock.ts'
import { KubeError, type KubeObject } from '../kube/connection.ts'
import { FakeKube } from './kube.fake.ts'
import { MOST_EVENTS } from './observers.ts'
import { type CheckRunner, type Progress, runChecks } from './runner.ts'

const deployment = (ready: number, rest: object = {}): KubeObject => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'web', namespace: 'default', labels: { app: 'web' } },
  spec: { replicas: ready },
  status: { readyReplicas: ready },
  ...rest,
})

const pod = (name: string, created?: number): KubeObject => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: {
    name,
    namespace: 'default',
    ...(created === undefined ? {} : { creationTimestamp: new Date(created).toISOString() }),
  },
})

const ready = (count: number, rest: object = {}) => ({
  title: `${count} are ready`,
  resource: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'web' },
  expect: `object.status.readyReplicas == ${count}`,
  found: 'string(object.status.readyReplicas) + " are ready"',
  ...rest,
})

const hostnames = (count: number, requests = 4) => ({
  title: `${count} answer`,
  http: { service: 'web', port: 9898, path: '/env', requests },
  expect: `responses.map(r, r.json.hostname).unique().size() == ${count}`,
  found: 'string(responses.map(r, r.json.hostname).unique().size()) + " answer"',
})

const happened = (expression: string, rest: object = {}) => ({
  title: 'A Pod went',
  events: { kind: 'Pod', ...rest },
  expect: expression,
})

const lab = (...steps: [string, object[]][]): Lab =>
  Lab.parse({
    id: 'scaling',
    title: 'Scale',
    summary: 'Scale.',
    minutes: 5,
    steps: steps.map(([id, checks]) => ({ id, title: id, checks, solution: 'true' })),
  })

describe('a running lab', () => {
  let clock: ManualClock
  let kube: FakeKube
  let changes: number
  let logged: { msg: string; fault?: string }[]
  let runners: CheckRunner[]

  beforeEach(() => {
    clock = new ManualClock(1_000_000)
    kube = new FakeKube()
    changes = 0
    logged = []
    runners = []
  })

  afterEach(async () => {
    for (const runner of runners) runner.close()
    const before = changes
    kube.put(deployment(99))
    await clock.advance(120_000)
    expect(clock.pending, 'timers left').toBe(0)
    expect(kube.watching, 'watches left').toEqual([])
    expect(kube.requests.open, 'requests left').toBe(0)
    expect(changes, 'changes told after the end').toBe(before)
  })

  function run(of: Lab, progress: Progress = {}, lacks: readonly Need[] = []): CheckRunner {
    const log = pino({ base: null }, { write: (line: string) => void logged.push(JSON.parse(line)) })
    const onChange = () => void changes++
    const runner = runChecks({ lab: of, kube, clock, log, progress, lacks, startedAt: clock.now(), onChange })
    runners.push(runner)
    return runner
  }

  const statuses = (runner: CheckRunner) => runner.steps.map(({ status }) => status)
  const found = (runner: CheckRunner, step = 0, check = 0) => runner.steps[step]?.checks[check]?.found

  describe('steps', () => {
    it('opens the first and locks the rest', () => {
      const runner = run(lab(['one', [ready(1)]], ['two', [ready(2)]]))
      expect(statuses(runner)).toEqual(['open', 'locked'])
      expect(changes).toBe(0)
    })

    it('passes one when its check holds and opens the next at once', async () => {
      const runner = run(lab(['one', [ready(1)]], ['two', [ready(2)]]))
      await clock.advance(0)
      expect(found(runner)).toBe('Deployment "web" does not exist in namespace default.')
      kube.put(deployment(1))
      await clock.advance(100)
      expect(statuses(runner)).toEqual(['passed', 'open'])
      expect(runner.progress).toEqual({ one: 'passed' })
      expect(runner.steps[0]?.checks).toEqual([{ title: '1 are ready', passed: true }])
      await clock.advance(100)
      expect(found(runner, 1)).toBe('1 are ready')
    })

    it('passes several in a row when they hold already', async () => {
      kube.put(deployment(1))
      const runner = run(lab(['one', [ready(1)]], ['two', [ready(1)]]))
      await clock.advance(500)
      expect(statuses(runner)).toEqual(['passed', 'passed'])
      expect(kube.watching).toEqual([])
    })

    it('keeps a passed step passed when the object changes back', async () => {
      kube.put(deployment(1))
      const runner = run(lab(['one', [ready(1)]], ['two', [ready(2)]]))
      await clock.advance(500)
      kube.put(deployment(0))
      await clock.advance(500)
      expect(statuses(runner)).toEqual(['passed', 'open'])
    })

    it('passes only when all checks hold at the same time', async () => {
      kube.put(deployment(1))
      const runner = run(lab(['one', [ready(1), { ...ready(1), expect: 'object.spec.paused' }]]))
      await clock.advance(500)
      expect(runner.steps[0]?.checks.map(({ passed }) => passed)).toEqual([true, false])
      kube.put(deployment(2, { spec: { paused: true } }))
      await clock.advance(500)
      expect(runner.steps[0]?.checks.map(({ passed }) => passed)).toEqual([false, true])
      kube.put(deployment(1, { spec: { paused: true } }))
      await clock.advance(500)
      expect(statuses(runner)).toEqual(['passed'])
    })

    it('goes on where the store says it was', async () => {
      kube.put(deployment(2))
      const runner = run(lab(['one', [ready(1)]], ['two', [ready(2)]], ['three', [ready(3)]]), { one: 'skipped' })
      expect(statuses(runner)).toEqual(['skipped', 'open', 'locked'])
      await clock.advance(500)
      expect(runner.progress).toEqual({ one: 'skipped', two: 'passed' })
    })

    it('skips from the start what needs something that the cluster lacks, and says so', () => {
      const { steps, ...rest } = lab(['ingress', [ready(1)]], ['two', [ready(2)]])
      const needy: Lab = {
        ...rest,
        steps: steps.map((step) => (step.id === 'ingress' ? { ...step, needs: 'ingress-controller' } : step)),
      }
      expect(run(needy, {}, ['ingress-controller']).steps).toMatchObject([
        { id: 'ingress', status: 'skipped', lacks: 'ingress-controller' },
        { id: 'two', status: 'open' },
      ])
      expect(statuses(run(needy))).toEqual(['open', 'locked'])
    })

    it('skips the open one and no other', () => {
      const runner = run(lab(['one', [ready(1)]], ['two', [ready(2)]]))
      expect(() => runner.skip('two')).toThrow(expect.objectContaining({ code: 'step-not-open', status: 409 }))
      expect(() => runner.skip('ten')).toThrow(expect.objectContaining({ code: 'unknown-step', status: 404 }))
      runner.skip('one')
      expect(statuses(runner)).toEqual(['skipped', 'open'])
      expect(changes).toBe(1)
      expect(() => runner.skip('one')).toThrow(expect.objectContaining({ code: 'step-not-open' }))
    })

    it('opens steps as far as it is let, and what was done beyond stays done', async () => {
      kube.put(deployment(2))
      const three = lab(['one', [ready(1)]], ['two', [ready(2)]], ['three', [ready(3)]])
      const runner = run(three)
      runner.openUpTo(1)
      expect(statuses(runner)).toEqual(['open', 'locked', 'locked'])
      expect(changes).toBe(0)
      runner.skip('one')
      expect(statuses(runner)).toEqual(['skipped', 'locked', 'locked'])
      await clock.advance(500)
      expect(runner.progress).toEqual({ one: 'skipped' })
      expect(() => runner.skip('two')).toThrow(expect.objectContaining({ code: 'step-not-open' }))
      runner.openUpTo(2)
      expect(statuses(runner)).toEqual(['skipped', 'open', 'locked'])
      await clock.advance(500)
      expect(statuses(runner)).toEqual(['skipped', 'passed', 'locked'])
      runner.openUpTo(null)
      expect(statuses(runner)).toEqual(['skipped', 'passed', 'open'])
      runner.openUpTo(0)
      expect(statuses(runner)).toEqual(['skipped', 'passed', 'locked'])
      kube.put(deployment(3))
      await clock.advance(500)
      expect(statuses(runner)).toEqual(['skipped', 'passed', 'locked'])
    })

    it('tells only of what is another than before', async () => {
      kube.put(deployment(1))
      run(lab(['one', [ready(3)]]))
      await clock.advance(500)
      const before = changes
      kube.put(deployment(1, { metadata: { name: 'web', namespace: 'default', resourceVersion: '2' } }))
      await clock.advance(1_000)
      expect(changes).toBe(before)
    })

    it('judges a burst of changes together', async () => {
      run(lab(['one', [ready(-1)]]))
      await clock.advance(500)
      const before = changes
      for (let i = 0; i < 50; i++) kube.put(deployment(i))
      await clock.advance(100)
      expect(changes - before).toBe(1)
    })

    it('does not begin a change that is told within the one that is told of', async () => {
      kube.put(deployment(1))
      const runner: CheckRunner = runChecks({
        lab: lab(['one', [ready(1)]], ['two', [ready(1)]]),
        kube,
        clock,
        log: pino({ level: 'silent' }),
        progress: {},
        startedAt: 0,
        onChange: (changed) => changed.close(),
      })
      await clock.advance(500)
      expect(statuses(runner)).toEqual(['passed', 'open'])
    })
  })

  describe('stays', () => {
    const steady = lab(['one', [ready(1, { stays: '10s' })]])

    it('passes after the time has gone by without a break', async () => {
      kube.put(deployment(1))
      const runner = run(steady)
      await clock.advance(9_900)
      expect(statuses(runner)).toEqual(['open'])
      expect(runner.steps[0]?.checks[0]).toEqual({
        title: '1 are ready',
        passed: false,
        found: 'So it is now; it has to stay so for 10 s.',
      })
      await clock.advance(100)
      expect(statuses(runner)).toEqual(['passed'])
    })

    it('begins anew after a break, however short', async () => {
      kube.put(deployment(1))
      const runner = run(steady)
      await clock.advance(9_000)
      kube.put(deployment(0))
      kube.put(deployment(1))
      await clock.advance(9_900)
      expect(statuses(runner)).toEqual(['open'])
      await clock.advance(200)
      expect(statuses(runner)).toEqual(['passed'])
    })
  })

  describe('http', () => {
    const spread = lab(['one', [hostnames(2)]])
    let turn = 0
    const copies = (count: number) => () => ({
      status: 200,
      body: JSON.stringify({ hostname: `web-${turn++ % count}` }),
    })

    it('asks again about once a second until it holds', async () => {
      kube.answer = copies(1)
      const runner = run(spread)
      await clock.advance(3_500)
      expect(kube.requests.all).toBe(16)
      expect(found(runner)).toBe('1 answer')
      kube.answer = copies(2)
      await clock.advance(1_100)
      expect(statuses(runner)).toEqual(['passed'])
      await clock.advance(5_000)
      expect(kube.requests.all).toBe(20)
    })

    it('asks less often where answers take long: five times as long as a round, and five seconds at most', async () => {
      let ms = 400
      const begun: number[] = []
      kube.answer = () => {
        if (kube.requests.open === 1) begun.push(clock.now())
        return new Promise((resolve) => clock.after(ms, () => resolve({ status: 200, body: '{"hostname":"web"}' })))
      }
      run(spread)
      await clock.advance(6_000)
      const gaps = () => begun.slice(1).map((at, index) => at - (begun[index] ?? 0))
      expect(gaps()).toEqual([2_400, 2_400])
      ms = 4_000
      await clock.advance(30_000)
      expect(gaps().slice(-2)).toEqual([9_000, 9_000])
    })

    it('never has two rounds on their way', async () => {
      kube.answer = (_target, signal) =>
        new Promise((_resolve, reject) => signal?.addEventListener('abort', () => reject(signal.reason)))
      const runner = run(spread)
      await clock.advance(4_900)
      expect(kube.requests).toMatchObject({ open: 4, all: 4 })
      await clock.advance(200)
      expect(found(runner)).toBe('Service "web" does not answer in time.')
      expect(kube.requests.most).toBe(4)
    })

    it('says why the API server refuses', async () => {
      const runner = run(spread)
      await clock.advance(200)
      expect(found(runner)).toBe('Service "web" does not exist in namespace default.')
      kube.answer = () => {
        throw new KubeError(503, 'ServiceUnavailable', 'no endpoints available for service "web"')
      }
      await clock.advance(1_200)
      expect(found(runner)).toBe('Service "web" has no Pods behind it that are ready.')
      kube.answer = () => ({ status: 0, body: 'no endpoints available for service "web"' })
      await clock.advance(1_200)
      expect(found(runner)).toBe('Service "web" has no Pods behind it that are ready.')
      kube.answer = () => ({ status: 0, body: 'connection refused' })
      await clock.advance(1_200)
      expect(found(runner)).toBe('Service "web" does not answer.')
    })

    it('does not ask a hundred times for what is refused once', async () => {
      run(lab(['one', [hostnames(2, 100)]]))
      await clock.advance(500)
      expect(kube.requests.all).toBeLessThanOrEqual(4)
    })

    it('does not count with what came to hold only after it was asked', async () => {
      kube.answer = copies(2)
      kube.put(deployment(1))
      const runner = run(lab(['one', [ready(2), hostnames(2)]]))
      await clock.advance(900)
      // The Deployment is ready now, and its answers are not what they were a moment ago.
      kube.answer = copies(1)
      kube.put(deployment(2))
      await clock.advance(150)
      expect(statuses(runner)).toEqual(['open'])
      await clock.advance(5_000)
      expect(statuses(runner)).toEqual(['open'])
      kube.answer = copies(2)
      await clock.advance(1_500)
      expect(statuses(runner)).toEqual(['passed'])
    })

    it('asks again soon after another check of the step has seen a change', async () => {
      kube.answer = copies(1)
      kube.put(deployment(1))
      const runner = run(lab(['one', [ready(2), hostnames(2)]]))
      await clock.advance(500)
      kube.answer = copies(2)
      kube.put(deployment(2))
      await clock.advance(450)
      expect(statuses(runner)).toEqual(['passed'])
    })

    it('keeps no more of a body than it may', async () => {
      kube.answer = () => ({ status: 200, body: 'x'.repeat(1_000_000) })
      const runner = run(
        lab(['one', [{ title: 'x', http: { service: 'web', port: 80 }, expect: 'size(responses[0].body) == 65536' }]]),
      )
      await clock.advance(500)
      expect(statuses(runner)).toEqual(['passed'])
    })

    it('gives up its requests at the end', async () => {
      let aborted = 0
      kube.answer = (_target, signal) =>
        new Promise((_resolve, reject) =>
          signal?.addEventListener('abort', () => {
            aborted++
            reject(signal.reason)
          }),
        )
      run(spread).close()
      await clock.advance(0)
      expect(aborted).toBe(4)
    })
  })

  describe('events', () => {
    const deleted = "events.exists(e, e.type == 'DELETED')"
    const added = "events.exists(e, e.type == 'ADDED')"

    it('counts what happened since the step opened', async () => {
      kube.put(pod('a'))
      kube.put(pod('b'))
      const runner = run(lab(['one', [ready(1)]], ['two', [happened(deleted)]]))
      await clock.advance(500)
      kube.remove('Pod', 'a')
      kube.put(deployment(1))
      await clock.advance(500)
      expect(statuses(runner)).toEqual(['passed', 'open'])
      expect(found(runner, 1)).toBe('Nothing has happened to Pods in namespace default yet.')
      kube.remove('Pod', 'b')
      await clock.advance(500)
      expect(statuses(runner)).toEqual(['passed', 'passed'])
    })

    it('misses nothing that happens in the moment that a step opens', async () => {
      kube.put(pod('a'))
      const runner = run(lab(['one', [ready(1)]], ['two', [happened(deleted)]]))
      await clock.advance(500)
      runner.skip('one')
      kube.remove('Pod', 'a')
      await clock.advance(500)
      expect(statuses(runner)).toEqual(['skipped', 'passed'])
    })

    it('does not count the end of what was being deleted before the step opened', async () => {
      const known = (name: string, more = {}) => ({
        ...pod(name),
        metadata: { ...pod(name).metadata, uid: name, ...more },
      })
      kube.put(known('a'))
      kube.put(known('b'))
      const runner = run(lab(['one', [ready(1)]], ['two', [happened(deleted)]]))
      await clock.advance(500)
      kube.put(known('a', { deletionTimestamp: '2026-01-01T00:00:00Z' }))
      runner.skip('one')
      await clock.advance(500)
      kube.remove('Pod', 'a')
      await clock.advance(500)
      expect(statuses(runner)).toEqual(['skipped', 'open'])
      kube.remove('Pod', 'b')
      await clock.advance(500)
      expect(statuses(runner)).toEqual(['skipped', 'passed'])
    })

    it('does not count it either where it was there when the lab itself opened', async () => {
      const leaving = { ...pod('a').metadata, uid: 'a', deletionTimestamp: '2026-01-01T00:00:00Z' }
      kube.put({ ...pod('a'), metadata: leaving })
      const runner = run(lab(['one', [happened(deleted)]]))
      await clock.advance(500)
      kube.remove('Pod', 'a')
      await clock.advance(500)
      expect(statuses(runner)).toEqual(['open'])
    })

    it('counts what happened since the start where that is asked for', async () => {
      kube.put(pod('a'))
      const runner = run(lab(['one', [ready(1)]], ['two', [happened(deleted, { since: 'start' })]]))
      await clock.advance(500)
      kube.remove('Pod', 'a')
      runner.skip('one')
      await clock.advance(500)
      expect(statuses(runner)).toEqual(['skipped', 'passed'])
    })

    it('does not take the first list for news', async () => {
      kube.put(pod('a', clock.now() - 5_000))
      const steps: [string, object[]][] = [['one', [happened(added)]]]
      const runner = run(lab(...steps))
      const fromStart = run(lab(['one', [happened(added, { since: 'start' })]]))
      await clock.advance(500)
      expect(statuses(runner)).toEqual(['open'])
      expect(statuses(fromStart)).toEqual(['open'])
    })

    it('takes what was made since the start for news also after a restart of the server', async () => {
      kube.put(pod('a', clock.now() + 5_000))
      const runner = run(lab(['one', [happened(added, { since: 'start' })]]))
      await clock.advance(500)
      expect(statuses(runner)).toEqual(['passed'])
    })

    it('keeps only the latest of very many', async () => {
      const runner = run(lab(['one', [happened(`events.size() > ${MOST_EVENTS}`)]]))
      await clock.advance(500)
      for (let i = 0; i < MOST_EVENTS + 50; i++) kube.put(pod(`p${i}`))
      await clock.advance(500)
      expect(found(runner)).toBe(`${MOST_EVENTS} changes of Pods in namespace default, not the expected one yet.`)
    })
  })

  describe('tried', () => {
    const tried = (runner: CheckRunner) => runner.steps[0]?.tried

    it('is so three seconds after the last change that a person made', async () => {
      kube.put(deployment(1))
      const runner = run(lab(['one', [ready(3)]]))
      await clock.advance(10_000)
      expect(tried(runner)).toBe(false)
      kube.put(deployment(2))
      await clock.advance(2_000)
      kube.put(deployment(4))
      await clock.advance(2_900)
      expect(tried(runner)).toBe(false)
      await clock.advance(200)
      expect(tried(runner)).toBe(true)
    })

    it('is not so because only a status changed', async () => {
      kube.put(deployment(1))
      const runner = run(lab(['one', [ready(3)]]))
      await clock.advance(500)
      kube.put({ ...deployment(1), status: { readyReplicas: 0 } })
      await clock.advance(10_000)
      expect(tried(runner)).toBe(false)
    })

    it('is so after a minute in any case', async () => {
      const runner = run(lab(['one', [ready(3)]]))
      await clock.advance(59_900)
      expect(tried(runner)).toBe(false)
      await clock.advance(200)
      expect(tried(runner)).toBe(true)
    })
  })

  it('says that there is no such kind yet, and takes it up once it is defined', async () => {
    kube.forget('Deployment')
    kube.forget('Pod')
    const count = { ...happened('events.size() > 0'), found: 'string(events.size()) + " changes"' }
    const runner = run(lab(['one', [ready(3), count]]))
    await clock.advance(500)
    expect(found(runner)).toBe('The cluster does not know the kind Deployment of apps/v1 yet.')
    expect(found(runner, 0, 1)).toBe('The cluster does not know the kind Pod of v1 yet.')

    kube.define('Deployment')
    kube.define('Pod')
    await clock.advance(100)
    expect(found(runner)).toBe('Deployment "web" does not exist in namespace default.')
    expect(found(runner, 0, 1)).toBe('0 changes')

    kube.put(deployment(3))
    await clock.advance(100)
    expect(runner.steps[0]?.checks.map(({ passed }) => passed)).toEqual([true, false])
    kube.put({ apiVersion: 'v1', kind: 'Pod', metadata: { name: 'a', namespace: 'default', labels: { app: 'web' } } })
    await clock.advance(100)
    expect(runner.progress).toEqual({ one: 'passed' })
  })

  it('says what may not be watched, and logs it', async () => {
    kube.forbidden.add('Deployment')
    kube.forbidden.add('Pod')
    const runner = run(lab(['one', [ready(3), happened('events.size() > 0')]]))
    await clock.advance(500)
    expect(found(runner)).toBe('Deployment "web" cannot be looked at on this cluster.')
    expect(found(runner, 0, 1)).toBe('Pods cannot be looked at on this cluster.')
    expect(logged.map(({ msg }) => msg)).toEqual(['check cannot watch', 'check cannot watch'])
  })

  it('logs the fault of a check once', async () => {
    kube.put(deployment(1))
    const runner = run(lab(['one', [ready(1, { expect: 'object.status.readyReplicas > "3"' })]]))
    await clock.advance(500)
    kube.put(deployment(2))
    await clock.advance(500)
    expect(found(runner)).toBe('This check has a fault, not you: no such overload: dyn<int> > string.')
    expect(logged).toHaveLength(1)
    expect(logged[0]).toMatchObject({ msg: 'check at fault', step: 'one' })
  })
})
