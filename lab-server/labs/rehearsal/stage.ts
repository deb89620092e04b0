/** What every part of a lab's test asks of its stage. */
import { milliseconds } from '../../../protocol/lab/duration.ts'
import type { Step } from '../../../protocol/lab/schema.ts'
import type { CheckRunner } from '../../checks/runner.ts'
import { sleep } from '../../clock.ts'
import { lacksOf } from '../needs.ts'
import { untilReady } from '../ready.ts'
import { hasPassed, runSolution, type Stage, untilPassed, watchAlone } from '../stage.ts'

/** What went wrong, in a sentence that names the lab. */
export class LabFails extends Error {
  override name = 'LabFails'

  constructor({ entry }: Pick<Stage, 'entry'>, sentence: string) {
    super(`Lab "${entry.lab.id}": ${sentence}.`)
  }
}

/** A step that must not pass is watched this long beyond the longest of its `stays`, in milliseconds: three rounds of requests. */
const QUIET = 4_000
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
  const watched = steps.map((step) => ({ step, runner: watchAlone(stage, step) }))
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
export async function allReady(stage: Stage): Promise<number> {
  const began = stage.clock.now()
  const waiting = await untilReady(stage)
  if (waiting.length > 0) throw new LabFails(stage, `${waiting.join(', ')} of its setup is not ready`)
  return stage.clock.now() - began
}

/**
 * @returns what the solution printed
 * @throws {LabFails} if it fails
 */
export async function solve(stage: Stage, step: Step): Promise<string> {
  const { code, output } = await runSolution(stage, step)
  if (code === 0) return output
  throw new LabFails(stage, `the solution of step "${step.id}" ends with code ${code}: ${output.trim()}`)
}

/** @throws {LabFails} with what was found, if it does not pass in time */
export async function mustPass(stage: Stage, runner: CheckRunner, step: Step, after: string): Promise<void> {
  const found = await untilPassed(stage, runner, step)
  if (found !== undefined) throw new LabFails(stage, `step "${step.id}" does not pass after ${after}: ${found}`)
}
