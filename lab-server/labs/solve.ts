/** Does a step of a lab for the reader. */
import type { Step } from '../../protocol/lab/schema.ts'
import { ReaderError } from '../errors.ts'
import { openAlone, runSolution, type Stage, untilPassed } from './stage.ts'

/** Characters of what a solution said last that are shown. */
const SHOWN = 300

/**
 * Runs the step's solution and waits until its checks hold.
 * @throws {ReaderError} solution-failed, with why; or what the signal was aborted with
 */
export async function solveStep(stage: Stage, step: Step): Promise<void> {
  const runner = await openAlone(stage, step)
  try {
    const { code, output } = await runSolution(stage, step)
    if (code !== 0) {
      const said = output.trim().slice(-SHOWN).split('\n').at(-1) ?? ''
      throw failed(`its solution ended with code ${code}${said === '' ? '' : `: ${said}`}`)
    }
    const found = await untilPassed(stage, runner, step)
    if (found !== undefined) throw failed(`its solution ran, but it does not pass: ${found}`)
  } finally {
    runner.close()
  }
}

const failed = (why: string) => new ReaderError('solution-failed', why, { status: 409 })
