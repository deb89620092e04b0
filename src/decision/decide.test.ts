import { expect, it } from 'vitest'
import { type Answer, type Answers, decide, questions } from './decide.ts'

const all = (answer: Answer, but: Answers = {}): Answers => ({
  ...Object.fromEntries(questions.map((question) => [question, answer])),
  ...but,
})

it('says nothing before all six are answered, but already lists what speaks for which side', () => {
  expect(decide({ outage: 2, people: 0 })).toEqual({ answered: 2, docker: ['people'], kubernetes: ['outage'] })
})

it('sends a small app with little traffic to Docker', () => {
  expect(decide(all(0)).verdict).toBe('docker')
})

it('sends a large app with a team to Kubernetes', () => {
  expect(decide(all(2)).verdict).toBe('kubernetes')
})

it('does not send people to Kubernetes because they could run it', () => {
  expect(decide(all(0, { people: 2 })).verdict).toBe('docker')
})

it('sends those who need it and have nobody for it to a managed cluster', () => {
  expect(decide(all(2, { people: 0 })).verdict).toBe('managed')
})

it('knows ways between for one who has outgrown a machine and nothing else', () => {
  expect(decide(all(0, { size: 2 })).verdict).toBe('between')
})

it('leaves it open where as much speaks for one side as for the other', () => {
  expect(decide({ outage: 2, size: 0, services: 1, releases: 2, traffic: 0, people: 1 }).verdict).toBe('between')
})

it('comes to a verdict for every set of answers', () => {
  const answers: Answer[] = [0, 1, 2]
  const sets = questions.reduce<Answers[]>(
    (sets, question) => sets.flatMap((set) => answers.map((answer) => ({ ...set, [question]: answer }))),
    [{}],
  )
  expect(sets).toHaveLength(729)
  const verdicts = sets.map((set) => decide(set).verdict)
  expect(new Set(verdicts)).toEqual(new Set(['docker', 'between', 'kubernetes', 'managed']))
})
