/**
 * Every lab is a test: on a fresh cluster no step passes; after a step's solution that step passes and no later one does.
 */
import type { Logger } from 'pino'
import type { Step } from '../../protocol/lab/schema.ts'
import { type CheckRunner, runChecks } from '../checks/runner.ts'
import { type Clock, sleep } from '../clock.ts'
import type { KubeObject } from '../kube/connection.ts'
import type { Cluster } from '../providers/provider.ts'
import type { LabEntry } from './catalogue.ts'

export interface Rehearsal {
  lab: string
  /** Milliseconds from the lab laid out to its Pods ready. */
  readyMs: number
  steps: {
    step: string
    /** Milliseconds that the solution ran. */
    solutionMs: number
    /** Milliseconds from the end of the solution to the step's tick; 0 if it came before. */
    tickMs: number
    /** What the solution printed. */
    output: string
  }[]
}

export interface RehearseOptions {
  entry: LabEntry
  /** With the lab laid out on it. */
  cluster: Cluster
  clock: Clock
  log: Logger
  signal?: AbortSignal
  /** Told as it goes on. */
  onStep?: (step: Rehearsal['steps'][number]) => void
}

/** The lab's own Pods are ready within this time, in milliseconds. */
const READY_WITHIN = 120_000
/** A solution with what it sets in motion is done within this time, in milliseconds. */
const PASS_WITHIN = 240_000
/** A step that must not pass is watched this long beyond the longest of its `stays`, in milliseconds: three rounds of requests. */
const QUIET = 4_000
/** Before a solution runs, the step's watches are given this long to be there, in milliseconds. */
const WATCHES_OPEN = 1_000
/** Between two looks at whether something is so, in milliseconds. */
const LOOK_EVERY = 250

/** @throws {Error} with a sentence that names the lab, the step and what was found */
export async function rehearse(options: RehearseOptions): Promise<Rehearsal> {
  const { entry, cluster, clock, signal = new AbortController().signal, onStep } = options
  const { lab } = entry
  const startedAt = clock.now()
  const readyMs = await rehearseStart(options)

  const steps: Rehearsal['steps'] = []
  for (const [index, step] of lab.steps.entries()) {
    const runner = openAlone(options, step, startedAt)
    try {
      await sleep(clock, WATCHES_OPEN, signal)
      const before = clock.now()
      const { code, output } = await cluster.run(step.solution, signal)
      const solutionMs = clock.now() - before
      if (code !== 0) throw failure(entry, `the solution of step "${step.id}" ends with code ${code}: ${output.trim()}`)
      const ran = clock.now()
      while (runner.progress[step.id] !== 'passed') {
        if (clock.now() - ran > PASS_WITHIN)
          throw failure(entry, `step "${step.id}" does not pass after its solution: ${foundBy(runner)}`)
        await sleep(clock, LOOK_EVERY, signal)
      }
      const report = { step: step.id, solutionMs, tickMs: clock.now() - ran, output }
      steps.push(report)
      onStep?.(report)
    } finally {
      runner.close()
    }
    const later = lab.steps.slice(index + 1)
    await nonePasses(options, later, startedAt, (id) => `step "${id}" passes after the solution of "${step.id}"`)
  }
  return { lab: lab.id, readyMs, steps }
}

/**
 * Waits for the lab's own Pods, then for any step to pass: none may. What a fresh cluster and a reset one have in common.
 * @returns milliseconds until the Pods were ready
 * @throws {Error} with a sentence, as {@link rehearse}
 */
export async function rehearseStart(options: RehearseOptions): Promise<number> {
  const startedAt = options.clock.now()
  const readyMs = await settled(options, startedAt)
  await nonePasses(options, options.entry.lab.steps, startedAt, (step) => `step "${step}" passes on a fresh cluster`)
  return readyMs
}

async function nonePasses(
  options: RehearseOptions,
  steps: readonly Step[],
  startedAt: number,
  sentence: (step: string) => string,
): Promise<void> {
  if (steps.length === 0) return
  const runners = steps.map((step) => ({ step, runner: openAlone(options, step, startedAt) }))
  try {
    const stays = steps.flatMap(({ checks }) =>
      checks.map((check) => Number.parseInt(check.stays ?? '0', 10) * unitOf(check.stays)),
    )
    await sleep(options.clock, QUIET + Math.max(...stays), options.signal)
    for (const { step, runner } of runners)
      if (runner.progress[step.id]) throw failure(options.entry, sentence(step.id))
  } finally {
    for (const { runner } of runners) runner.close()
  }
}

const unitOf = (duration: string | undefined) => (duration?.endsWith('m') ? 60_000 : 1_000)

/** A step as the only one of its lab: open at once, whatever comes before it. */
function openAlone({ entry, cluster, clock, log }: RehearseOptions, step: Step, startedAt: number): CheckRunner {
  const lab = { ...entry.lab, steps: [step] }
  return runChecks({ lab, kube: cluster.admin, clock, log, progress: {}, startedAt, onChange: () => {} })
}

const foundBy = (runner: CheckRunner) =>
  runner.steps
    .flatMap(({ checks }) => checks.filter(({ passed }) => !passed))
    .map(({ title, found }) => `"${title}": ${found ?? 'nothing was found'}`)
    .join('; ')

/** Waits for the Pods of the lab's own objects: before, that no step passes would say little. */
async function settled({ entry, cluster, clock, signal }: RehearseOptions, startedAt: number): Promise<number> {
  for (;;) {
    const waiting: string[] = []
    for (const { apiVersion, kind, metadata } of entry.setup) {
      const { name, namespace = 'default' } = metadata
      if (!isReady(await cluster.admin.get({ apiVersion, kind, name, namespace }, signal)))
        waiting.push(`${kind} "${name}"`)
    }
    if (waiting.length === 0) return clock.now() - startedAt
    if (clock.now() - startedAt > READY_WITHIN) throw failure(entry, `${waiting.join(', ')} of its setup is not ready`)
    await sleep(clock, LOOK_EVERY, signal)
  }
}

function isReady(object: KubeObject | undefined): boolean {
  if (!object) return false
  const { kind, spec, status } = object
  const { replicas = 1 } = (spec ?? {}) as { replicas?: number }
  const { readyReplicas = 0, conditions = [] } = (status ?? {}) as {
    readyReplicas?: number
    conditions?: { type: string; status: string }[]
  }
  if (kind === 'Deployment' || kind === 'StatefulSet') return readyReplicas >= replicas
  if (kind === 'Pod') return conditions.some((one) => one.type === 'Ready' && one.status === 'True')
  return true
}

const failure = (entry: LabEntry, sentence: string) => new Error(`Lab "${entry.lab.id}": ${sentence}.`)
