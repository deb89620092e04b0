/**
 * The schema of `labs/<id>/mistakes.yaml`: what readers do wrong, and what each check then says. For the lab's test alone; it
 * never reaches a reader.
 */
import { z } from 'zod'
import { LabFileError, labProblem, readYaml } from './parse.ts'
import { nameOf } from './positions.ts'
import { type Complaint, complaints, quoted } from './problems.ts'
import type { Lab } from './schema.ts'

const sentence = z.string().trim().min(1)

export const Mistake = z.strictObject({
  check: sentence.describe('Title of a check of the step.'),
  run: sentence.describe('Commands for bash that do not do the step, run in the reader’s shell.'),
  found: sentence.describe('What the check then says; `*` stands for any text.'),
  undo: sentence
    .optional()
    .describe('Commands that take the mistake back, where the step’s solution alone would not do.'),
})

export const Mistakes = z
  .record(z.string(), z.array(Mistake).min(1))
  .describe('By step. They are made in their order, in the state in which the step opens, before its solution runs.')

export type Mistake = z.infer<typeof Mistake>
export type Mistakes = z.infer<typeof Mistakes>

/**
 * @param text of a mistakes.yaml
 * @param file its name in messages, like `labs/scaling/mistakes.yaml`
 * @throws {LabFileError} with every problem found, steps and checks that the lab does not have among them
 */
export function parseMistakes(text: string, file: string, lab: Lab): Mistakes {
  const { value, where } = readYaml(text, file)
  const parsed = Mistakes.safeParse(value)
  const problems = parsed.success ? strangers(parsed.data, lab) : complaints(Mistakes, value, parsed.error.issues)
  if (!parsed.success || problems.length > 0) {
    throw new LabFileError(
      problems.map(({ path, found, expected }) =>
        labProblem({ file, line: where.line(path), field: nameOf(path), found, expected }),
      ),
    )
  }
  return parsed.data
}

function strangers(mistakes: Mistakes, lab: Lab): Complaint[] {
  return Object.entries(mistakes).flatMap(([id, made]): Complaint[] => {
    const step = lab.steps.find((candidate) => candidate.id === id)
    if (!step) {
      const expected = `a step of the lab: ${lab.steps.map(({ id }) => id).join(', ')}`
      return [{ path: [id], found: `the unknown step ${quoted(id)}`, expected }]
    }
    const titles = step.checks.map(({ title }) => title)
    return made.flatMap(({ check }, index) =>
      titles.includes(check)
        ? []
        : [
            {
              path: [id, index, 'check'],
              found: quoted(check),
              expected: `the title of a check of the step: ${titles.map(quoted).join(', ')}`,
            },
          ],
    )
  })
}

/** Whether a text is what a mistake's `found` describes: `*` stands for any text, spaces count as one. */
export function isFound(pattern: string, text: string): boolean {
  const plain = (part: string) => part.replace(/\s+/g, ' ').replace(/[.*+?^${}()|[\]\\]/g, '\\$&')
  return new RegExp(`^${pattern.trim().split('*').map(plain).join('[\\s\\S]*')}$`).test(
    text.replace(/\s+/g, ' ').trim(),
  )
}
