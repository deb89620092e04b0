/** What a lab must have beyond its schema, so that a newcomer gets through it and its author knows that. */

import type { Mistakes } from '../../../protocol/lab/mistakes.ts'
import type { RunBlock } from '../../../protocol/lab/page-blocks.ts'
import type { Lab } from '../../../protocol/lab/schema.ts'

const STEPS = { fewest: 4, most: 8 }
const MINUTES = { fewest: 10, most: 20 }

/** @returns one sentence for each thing that is missing */
export function whatIsMissing(lab: Lab, mistakes: Mistakes, blocks: readonly RunBlock[]): string[] {
  const missing: string[] = []
  const { steps, minutes, timing } = lab
  if (steps.length < STEPS.fewest || steps.length > STEPS.most)
    missing.push(`It has ${steps.length} steps; expected ${STEPS.fewest} to ${STEPS.most}.`)
  if (minutes < MINUTES.fewest || minutes > MINUTES.most)
    missing.push(`It takes ${minutes} minutes; expected ${MINUTES.fewest} to ${MINUTES.most}.`)
  if (timing === undefined) missing.push('It has no note on its timing: expected "timing" in lab.yaml.')
  for (const step of steps) {
    for (const { title, found, hint } of step.checks) {
      const check = `Step "${step.id}", check "${title}"`
      if (found === undefined) missing.push(`${check}: it does not say what was found: expected "found" in lab.yaml.`)
      if (hint === undefined) missing.push(`${check}: it has no hint: expected "hint" in lab.yaml.`)
      if (!(mistakes[step.id] ?? []).some((mistake) => mistake.check === title))
        missing.push(`${check}: nobody does it wrong: expected a mistake in mistakes.yaml.`)
    }
    if (!blocks.some((block) => block.step === step.id))
      missing.push(`Step "${step.id}": the page has nothing to run in it: expected a block with "bash run".`)
  }
  return missing
}
