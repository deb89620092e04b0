/** What every part of a lab's test stands on: a cluster with the lab laid out, and steps that are watched one at a time. */
import type { Logger } from 'pino'
import { milliseconds } from '../../../protocol/lab/duration.ts'
import type { Step } from '../../../protocol/lab/schema.ts'
import { type CheckRunner, runChecks } from '../../checks/runner.ts'
import { type Clock, sleep } from '../../clock.ts'
import type { KubeObject } from '../../kube/connection.ts'
import type { Cluster } from '../../providers/provider.ts'
import type { LabEntry } from '../catalogue.ts'
import { lacksOf } from '../needs.ts'

export interface Stage {
  entry: LabEntry
  /** With the lab laid out on it. */
  cluster: Cluster
  clock: Clock
  log: Logger
  signal: AbortSignal
  /** When the lab was laid out, milliseconds since the epoch. */
  startedAt: number
}

/** What went wrong, in a sentence that names the lab. */
export class LabFails extends Error {
  override name = 'LabFails'

  constructor({ entry }: Pick<Stage, 'entry'>, sentence: string) {
    super(`Lab "${entry.lab.id}": ${sentence}.`)
  }
}

/** The lab's own Pods are ready within this time, in milliseconds. */
const READY_WITHIN = 120_000
/** What a solution sets in motion is done within this time, in milliseconds. */
const PASS_WITHIN = 240_000
/** A step that must not pass is watched this long beyond the longest of its `stays`, in milliseconds: three rounds of requests. */
const QUIET = 4_000
/** Before commands run, the step's watches are given this long to be there, in milliseconds. */
const WATCHES_OPEN = 1_000
/** Between two looks at whether something is so, in milliseconds. */
export const LOOK_EVERY = 250

/** Runs checks of a step as the only one of its lab: open at once, whatever comes before it. They are watching when this resolves. */
export async function openAlone(stage: Stage, step: Step): Promise<CheckRunner> {
  const runner = watch(stage, step)
  await sleep(stage.clock, WATCHES_OPEN, stage.signal)
  return runner
}

function watch({ entry, cluster, clock, log, startedAt }: Stage, { needs: _, ...step }: Step): CheckRunner {
  const lab = { ...entry.lab, steps: [step] }
  return runChecks({ lab, kube: cluster.admin, clock, log, progress: {}, startedAt, onChange: () => {} })
}

export const hasPassed = (runner: CheckRunner, step: Step) => runner.progress[step.id] === 'passed'

/** @throws {LabFails} with what was found, if it does not pass in time */
export async function untilPassed(stage: Stage, runner: CheckRunner, step: Step, after: string): Promise<void> {
  const began = stage.clock.now()
  while (!hasPassed(runner, step)) {
    if (stage.clock.now() - began > PASS_WITHIN)
      throw new LabFails(stage, `step "${step.id}" does not pass after ${after}: ${foundBy(runner)}`)
    await sleep(stage.clock, LOOK_EVERY, stage.signal)
  }
}

const foundBy = (runner: CheckRunner) =>
  runner.steps
    .flatMap(({ checks }) => checks.filter(({ passed }) => !passed))
    .map(({ title, found }) => `"${title}": ${found ?? 'nothing was found'}`)
    .join('; ')

/** The longest time for which a check of the steps must have held, in milliseconds. */
export const longestStay = (steps: readonly Step[]) =>
  Math.max(0, ...steps.flatMap(({ checks }) => checks.map(({ stays }) => milliseconds(stays))))

/** @throws {LabFails} if one of the steps passes, though nobody does anything for it */
export async function nonePasses(
  stage: Stage,
  steps: readonly Step[],
  sentence: (step: string) => string,
): Promise<void> {
  if (steps.length === 0) return
  const watched = steps.map((step) => ({ step, runner: watch(stage, step) }))
  try {
    await sleep(stage.clock, QUIET + longestStay(steps), stage.signal)
    for (const { step, runner } of watched) if (hasPassed(runner, step)) throw new LabFails(stage, sentence(step.id))
  } finally {
    for (const { runner } of watched) runner.close()
  }
}

/**
 * The steps of a lab that can be done on a cluster: those that need what it does not have are passed over.
 */
export async function stepsHere({ entry, cluster, signal }: Stage): Promise<Step[]> {
  const lacks = await lacksOf(cluster.admin, entry.lab, signal)
  return entry.lab.steps.filter(({ needs }) => needs === undefined || !lacks.includes(needs))
}

/**
 * Waits for the Pods of the lab's own objects: before, that no step passes would say little.
 * @returns milliseconds until they were ready
 */
export async function untilReady(stage: Stage): Promise<number> {
  const { entry, cluster, clock, signal } = stage
  const began = clock.now()
  for (;;) {
    const waiting: string[] = []
    for (const { apiVersion, kind, metadata } of entry.setup) {
      const { name, namespace = 'default' } = metadata
      if (!isReady(await cluster.admin.get({ apiVersion, kind, name, namespace }, signal)))
        waiting.push(`${kind} "${name}"`)
    }
    if (waiting.length === 0) return clock.now() - began
    if (clock.now() - began > READY_WITHIN) throw new LabFails(stage, `${waiting.join(', ')} of its setup is not ready`)
    await sleep(clock, LOOK_EVERY, signal)
  }
}

/** An object whose author says so is broken on purpose: it is not waited for. */
const BROKEN = 'quayside.dev/starts-broken'

function isReady(object: KubeObject | undefined): boolean {
  if (!object) return false
  const { kind, metadata, spec, status } = object
  if (metadata.annotations?.[BROKEN] === 'true') return true
  const { replicas = 1 } = (spec ?? {}) as { replicas?: number }
  const { readyReplicas = 0, conditions = [] } = (status ?? {}) as {
    readyReplicas?: number
    conditions?: { type: string; status: string }[]
  }
  if (kind === 'Deployment' || kind === 'StatefulSet') return readyReplicas >= replicas
  if (kind === 'Pod') return conditions.some((one) => one.type === 'Ready' && one.status === 'True')
  return true
}
