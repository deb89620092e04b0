/**
 * The schema of `labs/<id>/mistakes.yaml`: what readers do wrong, and what each check then says. For the lab's test alone; it
 * never reaches a reader.
 */
import { z } from 'zod'

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
