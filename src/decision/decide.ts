/** What six answers speak for. Pure: answers in, sides out. */

export const questions = ['outage', 'size', 'services', 'releases', 'traffic', 'people'] as const
export type Question = (typeof questions)[number]

/** 0 speaks for Docker on one machine, 2 for Kubernetes, 1 for neither. */
export type Answer = 0 | 1 | 2
export type Answers = Partial<Record<Question, Answer>>

export type Verdict = 'docker' | 'between' | 'kubernetes' | 'managed'

export interface Decision {
  answered: number
  /** Once all six are answered. */
  verdict?: Verdict
  /** Questions whose answers speak for a side, in their order. */
  docker: Question[]
  kubernetes: Question[]
}

/** What one machine cannot give, whatever else is answered. */
const beyondOneMachine: readonly Question[] = ['outage', 'size']

export function decide(answers: Answers): Decision {
  const speaksFor = (answer: Answer) => questions.filter((question) => answers[question] === answer)
  const docker = speaksFor(0)
  const kubernetes = speaksFor(2)
  const answered = questions.filter((question) => answers[question] !== undefined).length
  if (answered < questions.length) return { answered, docker, kubernetes }

  // That people could run it is no reason to.
  const needs = kubernetes.filter((question) => question !== 'people').length
  const against = docker.filter((question) => question !== 'people').length
  const mustLeave = beyondOneMachine.some((question) => answers[question] === 2)
  const pays = needs > against && needs >= (mustLeave ? 2 : 3)
  const enough = !mustLeave && needs <= 1
  const verdict: Verdict = pays ? (answers.people === 0 ? 'managed' : 'kubernetes') : enough ? 'docker' : 'between'
  return { answered, verdict, docker, kubernetes }
}
