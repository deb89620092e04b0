/** Reads a lab.yaml; says all that is wrong with it at once, with line, field, what was found and what was expected. */
import { constructFromEvents, parseEvents, YAMLException } from 'js-yaml'
import { examine, variableOf, type Wanted } from './expressions.ts'
import { nameOf, type Positions, positions } from './positions.ts'
import { type Complaint, complaints, quoted } from './problems.ts'
import { Lab } from './schema.ts'

export interface LabProblem {
  file: string
  /** From 1. */
  line: number
  /** Path of the field, like `steps[1].checks[0].expect`; empty for the file as a whole. */
  field: string
  found: string
  expected: string
  /** All of the above in one line. */
  message: string
}

/** What is wrong with a lab; the message lists it, one line each. */
export class LabFileError extends Error {
  override name = 'LabFileError'
  readonly problems: LabProblem[]

  constructor(problems: LabProblem[]) {
    super(problems.map((problem) => problem.message).join('\n'))
    this.problems = problems
  }
}

export function labProblem(problem: Omit<LabProblem, 'message'>): LabProblem {
  const { file, line, field, found, expected } = problem
  return { ...problem, message: `${file}:${line}: ${field && `${field}: `}found ${found}; expected ${expected}` }
}

/**
 * @param text of a lab.yaml
 * @param file its name in messages, like `labs/scaling/lab.yaml`
 * @throws {LabFileError} with every problem found
 */
export function parseLab(text: string, file: string): Lab {
  return readLab(text, file).lab
}

/** As {@link parseLab}, with the places of the fields for messages about what a lab's files hold. */
export function readLab(text: string, file: string): { lab: Lab; positions: Positions } {
  const { value, where } = readYaml(text, file)
  const parsed = Lab.safeParse(value)
  const problems = parsed.success
    ? [...duplicateSteps(parsed.data), ...expressionProblems(parsed.data)]
    : complaints(Lab, value, parsed.error.issues)
  if (!parsed.success || problems.length > 0) {
    const placed = problems.map(({ path, found, expected, offset = 0 }: Complaint & { offset?: number }) =>
      labProblem({ file, line: where.lineWithin(path, offset), field: nameOf(path), found, expected }),
    )
    throw new LabFileError(placed.sort((a, b) => a.line - b.line))
  }
  return { lab: parsed.data, positions: where }
}

/** @throws {LabFileError} for what is not one YAML document */
export function readYaml(text: string, file: string): { value: unknown; where: Positions } {
  try {
    const events = parseEvents(text, { filename: file })
    const documents = constructFromEvents(events, { source: text, filename: file })
    if (documents.length !== 1) {
      const found = documents.length === 0 ? 'nothing' : `${documents.length} documents`
      throw new LabFileError([labProblem({ file, line: 1, field: '', found, expected: 'one YAML document' })])
    }
    return { value: documents[0], where: positions(text, events) }
  } catch (error) {
    if (!(error instanceof YAMLException)) throw error
    const line = (error.mark?.line ?? 0) + 1
    throw new LabFileError([labProblem({ file, line, field: '', found: error.reason, expected: 'YAML' })])
  }
}

function duplicateSteps(lab: Lab): Complaint[] {
  const seen = new Set<string>()
  return lab.steps.flatMap((step, index) => {
    if (!seen.has(step.id)) {
      seen.add(step.id)
      return []
    }
    return [
      {
        path: ['steps', index, 'id'],
        found: `a second step ${quoted(step.id)}`,
        expected: 'an id of its own for each step',
      },
    ]
  })
}

function expressionProblems(lab: Lab): (Complaint & { offset: number })[] {
  return lab.steps.flatMap((step, s) =>
    step.checks.flatMap((check, c) => {
      const examined = (field: 'expect' | 'found', wanted: Wanted) => {
        const source = check[field]
        if (source === undefined) return []
        const problem = examine(source, variableOf(check), wanted)
        return problem ? [{ path: ['steps', s, 'checks', c, field], ...problem }] : []
      }
      return [...examined('expect', 'bool'), ...examined('found', 'string')]
    }),
  )
}
