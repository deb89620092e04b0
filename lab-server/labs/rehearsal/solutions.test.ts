import pino from 'pino'
import { describe, expect, it } from 'vitest'
import type { Mistakes } from '../../../protocol/lab/mistakes.ts'
import { Lab } from '../../../protocol/lab/schema.ts'
import type { FakeKube } from '../../checks/kube.fake.ts'
import { ManualClock } from '../../clock.ts'
import type { KubeObject } from '../../kube/connection.ts'
import { fakeCluster } from '../cluster.fake.ts'
import { prepareLab } from '../prepare.ts'
import type { Stage } from '../stage.ts'
import { rehearseSolutions, type SolutionsReport } from './solutions.ts'

const web = (replicas: number, readyReplicas = replicas): KubeObject => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'web', namespace: 'default' },
  spec: { replicas },
  status: { readyReplicas },
})

const step = (id: string, expect: string, stays?: string) => ({
  id,
  title: id,
  checks: [
    {
      title: `It is ${id}`,
      resource: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'web' },
      expect,
      ...(stays ? { stays } : {}),
      found: 'string(object.spec.replicas) + " copies"',
    },
  ],
  solution: id,
})

const replicas = (count: number) => `object.status.readyReplicas == ${count}`

async function rehearsalOf(
  steps: object[],
  solve: (script: string, kube: FakeKube) => number,
  start = web(1),
  mistakes: Mistakes = {},
): Promise<{ report?: SolutionsReport; error?: string }> {
  const clock = new ManualClock()
  const cluster = fakeCluster(solve)
  const lab = Lab.parse({ id: 'demo', title: 'Demo', summary: 'Demo.', minutes: 1, steps })
  const entry = { lab, setup: [start], files: [] }
  await prepareLab(cluster, entry)
  const result: { report?: SolutionsReport; error?: string } = {}
  const stage: Stage = {
    entry,
    cluster,
    clock,
    log: pino({ level: 'silent' }),
    signal: new AbortController().signal,
    startedAt: clock.now(),
  }
  const done = rehearseSolutions(stage, mistakes).then(
    (report) => Object.assign(result, { report }),
    (error: Error) => Object.assign(result, { error: error.message }),
  )
  let over = false
  void done.then(() => {
    over = true
  })
  while (!over) await clock.advance(500)
  expect(clock.pending).toBe(0)
  expect(cluster.admin.watching).toEqual([])
  return result
}

const scaleTo = (script: string, kube: FakeKube) => {
  kube.put(web(Number(/to-(\d+)$/.exec(script)?.[1])))
  return 0
}

describe('a rehearsal', () => {
  const good = [step('to-2', replicas(2)), step('to-3', replicas(3), '10s')]

  it('reports how long each step took', async () => {
    const { report } = await rehearsalOf(good, scaleTo)
    expect(report?.steps).toEqual([
      { step: 'to-2', mistakesMs: 0, solutionMs: 0, tickMs: 250, output: 'done\n' },
      { step: 'to-3', mistakesMs: 0, solutionMs: 0, tickMs: 10_000, output: 'done\n' },
    ])
  })

  it.each<[string, object[], (script: string, kube: FakeKube) => number, string]>([
    [
      'a step that passes on a fresh cluster',
      [step('to-1', replicas(1), '20s')],
      scaleTo,
      'Lab "demo": step "to-1" passes on a fresh cluster.',
    ],
    [
      'a step that its solution does not solve',
      [step('to-2', replicas(4))],
      scaleTo,
      'Lab "demo": step "to-2" does not pass after its solution: “It is to-2”: 2 copies.',
    ],
    [
      'a solution that fails',
      good,
      () => 3,
      'Lab "demo": the solution of step "to-2" ends with code 3: it went wrong.',
    ],
    [
      'a solution that solves a later step too',
      [step('to-2', replicas(2)), step('to-3', 'object.spec.replicas >= 2', '10s')],
      scaleTo,
      'Lab "demo": step "to-3" passes after the solution of "to-2".',
    ],
  ])('tells of %s', async (_what, steps, solve, message) => {
    expect(await rehearsalOf(steps, solve)).toEqual({ error: message })
  })

  it('makes the mistakes first, and hears what their checks say', async () => {
    const scripts: string[] = []
    const mistake = { check: 'It is to-2', run: 'to-5', found: '* copies', undo: 'to-1' }
    const { report } = await rehearsalOf(
      good,
      (script, kube) => {
        scripts.push(script)
        return scaleTo(script, kube)
      },
      web(1),
      { 'to-2': [mistake] },
    )
    expect(report?.steps).toHaveLength(2)
    expect(scripts).toEqual(['to-5', 'to-1', 'set -e\nto-2', 'set -e\nto-3'])
  })

  it.each([
    [
      'a mistake that passes the step',
      { run: 'to-2', found: '* copies' },
      'Lab "demo": step "to-2" passes after the mistake "to-2".',
    ],
    [
      'a mistake that is answered otherwise',
      { run: 'to-5', found: '6 copies' },
      'Lab "demo": step "to-2", check "It is to-2": after the mistake "to-5" it says "5 copies", and "6 copies" was expected.',
    ],
  ])('tells of %s', async (_what, mistake, error) => {
    const mistakes = { 'to-2': [{ check: 'It is to-2', ...mistake }] }
    expect(await rehearsalOf(good, scaleTo, web(1), mistakes)).toEqual({ error })
  })

  it('tells of a setup that does not get ready', async () => {
    expect(await rehearsalOf(good, scaleTo, web(2, 1))).toEqual({
      error: 'Lab "demo": Deployment "web" of its setup is not ready.',
    })
  })
})
