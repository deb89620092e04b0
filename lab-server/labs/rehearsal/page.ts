/** Does a lab as its page says: every block that has a button is run, in its order. */
import type { RunBlock } from '../../../protocol/lab/page-blocks.ts'
import type { Step } from '../../../protocol/lab/schema.ts'
import type { CheckRunner } from '../../checks/runner.ts'
import { openAlone, type Stage, untilPassed } from '../stage.ts'
import { LabFails, longestStay, mustPass, solve, stepsHere } from './stage.ts'

export interface Page {
  /** `content/labs/scaling.mdx` */
  file: string
  blocks: readonly RunBlock[]
}

export interface PageReport {
  /** Blocks that were run. */
  blocks: number
  /** Steps that the page's own commands do; the others are left to the reader. */
  done: string[]
}

/** A block without `until` ends within this time, in milliseconds. */
const BLOCK_WITHIN = 180_000
/** What a page's commands set in motion shows within this time, in milliseconds, or the rest is for the reader to do. */
const SHOWS_WITHIN = 5_000
/** Exit codes of what was interrupted: of `timeout`, and of a shell that got SIGINT. */
const INTERRUPTED = [124, 130]

/** @throws {LabFails} with file and line of the block that does not end as it says */
export async function rehearsePage(stage: Stage, page: Page): Promise<PageReport> {
  const steps = await stepsHere(stage)
  const ids = stage.entry.lab.steps.map(({ id }) => id)
  const here = new Set(steps.map(({ id }) => id))
  const report: PageReport = { blocks: 0, done: [] }
  const run = async (blocks: readonly RunBlock[]) => {
    for (const block of blocks) {
      await runBlock(stage, page.file, block)
      report.blocks++
    }
  }
  const firstStep = page.blocks.findIndex(({ step }) => step !== undefined && ids.includes(step))
  const outside = (block: RunBlock) => block.step === undefined
  await run(page.blocks.filter((block, at) => outside(block) && at < firstStep))
  for (const step of steps) {
    const runner = await openAlone(stage, step)
    try {
      await run(page.blocks.filter((block) => block.step === step.id && here.has(step.id)))
      if (await passesSoon(stage, runner, step)) report.done.push(step.id)
      else {
        await solve(stage, step)
        await mustPass(stage, runner, step, "the page's commands and its solution")
      }
    } finally {
      runner.close()
    }
  }
  await run(page.blocks.filter((block, at) => outside(block) && at > firstStep))
  return report
}

async function runBlock(stage: Stage, file: string, { line, code, until, fails }: RunBlock): Promise<void> {
  const seconds = (until ?? BLOCK_WITHIN) / 1_000
  // As in a terminal: the whole block is one job, which Ctrl+C ends.
  const script = `timeout --signal=INT --kill-after=5s ${seconds}s bash -c ${quoted(code)}`
  const { code: exit, output } = await stage.cluster.run(script, stage.signal)
  const ended = output.trim().slice(-2_000)
  const complain = (sentence: string) => new LabFails(stage, `${file}:${line}: ${sentence}: ${ended}`)
  if (until !== undefined) {
    if (exit !== 0 && !INTERRUPTED.includes(exit)) throw complain(`the block ends with code ${exit}`)
  } else if (INTERRUPTED.includes(exit)) throw complain(`the block does not end within ${seconds} s`)
  else if (fails && exit === 0) throw complain('the block is marked "fails" and does not')
  else if (!fails && exit !== 0) throw complain(`the block ends with code ${exit}`)
}

const quoted = (code: string) => `'${code.replaceAll("'", "'\\''")}'`

async function passesSoon(stage: Stage, runner: CheckRunner, step: Step): Promise<boolean> {
  return (await untilPassed(stage, runner, step, SHOWS_WITHIN + longestStay([step]))) === undefined
}
