/**
 * Every lab is a test: on a fresh cluster no step passes; after a step's solution that step passes and no later one does. What
 * is wrong does not pass it, and gets an answer that says what was found.
 */
import { isFound, type Mistake, type Mistakes } from '../../../protocol/lab/mistakes.ts'
import type { Step } from '../../../protocol/lab/schema.ts'
import type { CheckRunner } from '../../checks/runner.ts'
import { sleep } from '../../clock.ts'
import { hasPassed, LOOK_EVERY, openAlone, runInTime, type Stage } from '../stage.ts'
import { allReady, LabFails, mustPass, nonePasses, solve, stepsHere } from './stage.ts'

export interface StepReport {
  step: string
  /** Milliseconds that its mistakes took, until each was answered. */
  mistakesMs: number
  /** Milliseconds that the solution ran. */
  solutionMs: number
  /** Milliseconds from the end of the solution to the step's tick; 0 if it came before. */
  tickMs: number
  /** What the solution printed. */
  output: string
}

export interface SolutionsReport {
  /** Milliseconds from the lab laid out to its Pods ready. */
  readyMs: number
  steps: StepReport[]
}

/** What a check said before a mistake is no answer to it: watches and requests need this long, in milliseconds. */
const ANSWERS_AFTER = 1_000
/** A check answers a mistake within this time, in milliseconds: a node that is lost is noticed after 50 s. */
const FOUND_WITHIN = 120_000

/**
 * @param onStep told as it goes on
 * @throws {LabFails} with a sentence that names the lab, the step and what was found
 */
export async function rehearseSolutions(
  stage: Stage,
  mistakes: Mistakes,
  onStep: (report: StepReport) => void = () => {},
): Promise<SolutionsReport> {
  const readyMs = await rehearseStart(stage)
  const reports: StepReport[] = []
  const steps = await stepsHere(stage)
  for (const [index, step] of steps.entries()) {
    const began = stage.clock.now()
    await rehearseMistakes(stage, step, mistakes[step.id] ?? [])
    const mistakesMs = stage.clock.now() - began
    const report = { ...(await rehearseSolution(stage, step)), mistakesMs }
    reports.push(report)
    onStep(report)
    await nonePasses(stage, steps.slice(index + 1), (id) => `step "${id}" passes after the solution of "${step.id}"`)
    await passesAgain(stage, step)
  }
  return { readyMs, steps: reports }
}

/**
 * Waits for the lab's own Pods, then for any step to pass: none may. What a fresh cluster and a reset one have in common.
 * @returns milliseconds until the Pods were ready
 */
export async function rehearseStart(stage: Stage): Promise<number> {
  const readyMs = await allReady(stage)
  await nonePasses(stage, await stepsHere(stage), (step) => `step "${step}" passes on a fresh cluster`)
  return readyMs
}

async function rehearseMistakes(stage: Stage, step: Step, mistakes: readonly Mistake[]): Promise<void> {
  if (mistakes.length === 0) return
  const runner = await openAlone(stage, step)
  try {
    for (const mistake of mistakes) {
      // What a mistake ends with is its own affair: many are refused.
      await runInTime(stage, mistake.run)
      await untilFound(stage, runner, step, mistake)
      if (mistake.undo === undefined) continue
      const { code, output } = await runInTime(stage, mistake.undo)
      if (code !== 0)
        throw new LabFails(
          stage,
          `step "${step.id}": the undoing of "${mistake.run}" ends with code ${code}: ${output.trim()}`,
        )
    }
  } finally {
    runner.close()
  }
}

async function untilFound(
  stage: Stage,
  runner: CheckRunner,
  step: Step,
  { check, run, found }: Mistake,
): Promise<void> {
  const { clock, signal } = stage
  const began = clock.now()
  await sleep(clock, ANSWERS_AFTER, signal)
  for (;;) {
    const view = runner.steps[0]?.checks.find(({ title }) => title === check)
    if (hasPassed(runner, step)) throw new LabFails(stage, `step "${step.id}" passes after the mistake "${run.trim()}"`)
    if (view?.found !== undefined && isFound(found, view.found)) return
    if (clock.now() - began > FOUND_WITHIN) {
      const says = view?.passed ? 'it has passed' : (view?.found ?? 'nothing')
      throw new LabFails(
        stage,
        `step "${step.id}", check "${check}": after the mistake "${run.trim()}" it says "${says}", and "${found}" was expected`,
      )
    }
    await sleep(clock, LOOK_EVERY, signal)
  }
}

async function rehearseSolution(stage: Stage, step: Step): Promise<Omit<StepReport, 'mistakesMs'>> {
  const { clock } = stage
  const runner = await openAlone(stage, step)
  try {
    const before = clock.now()
    const output = await solve(stage, step)
    const solutionMs = clock.now() - before
    const ran = clock.now()
    await mustPass(stage, runner, step, 'its solution')
    return { step: step.id, solutionMs, tickMs: clock.now() - ran, output }
  } finally {
    runner.close()
  }
}

/** A second run of the checks gives the same answer; of what has happened, and not only is, it would see nothing. */
async function passesAgain(stage: Stage, step: Step): Promise<void> {
  const checks = step.checks.filter((check) => !('events' in check))
  if (checks.length === 0) return
  const again = { ...step, checks }
  const runner = await openAlone(stage, again)
  try {
    await mustPass(stage, runner, again, 'it has passed once, when its checks run a second time')
  } finally {
    runner.close()
  }
}
