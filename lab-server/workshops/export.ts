/** What a host takes home of a workshop: who did which step, when, and how long it took them. Pure. */
import type { LabEntry } from '../labs/catalogue.ts'
import type { Milestone } from './milestones.ts'
import type { Seat, Workshop } from './workshop.ts'

export interface ExportedStep {
  lab: string
  labTitle: string
  step: string
  /** From 1, in the lab's order. */
  number: number
  title: string
  how: 'passed' | 'skipped' | null
  /** Milliseconds since the epoch; null while it has not come to that. */
  openedAt: number | null
  doneAt: number | null
  /** From its opening until it was done. */
  seconds: number | null
}

export interface Export {
  workshop: Pick<Workshop, 'title' | 'labs' | 'startsAt' | 'endsAt' | 'seats' | 'provider'>
  seats: { name: string; joinedAt: number; steps: ExportedStep[] }[]
}

export function exportOf(
  workshop: Workshop,
  seats: readonly Pick<Seat, 'id' | 'name' | 'joinedAt'>[],
  milestones: readonly Milestone[],
  catalogue: Pick<ReadonlyMap<string, LabEntry>, 'get'>,
): Export {
  const { title, labs, startsAt, endsAt, provider } = workshop
  return {
    workshop: { title, labs, startsAt, endsAt, seats: workshop.seats, provider },
    seats: seats.map(({ id, name, joinedAt }) => {
      const own = milestones.filter(({ seat }) => seat === id)
      return { name, joinedAt, steps: labs.flatMap((lab) => stepsOf(lab, own, catalogue)) }
    }),
  }
}

/** As the lab is now; of a lab that is no longer offered, what was done in it. */
function stepsOf(
  lab: string,
  own: readonly Milestone[],
  catalogue: Pick<ReadonlyMap<string, LabEntry>, 'get'>,
): ExportedStep[] {
  const entry = catalogue.get(lab)?.lab
  const mine = own.filter((milestone) => milestone.lab === lab)
  const steps = entry?.steps ?? mine.map(({ step }) => ({ id: step, title: step }))
  return steps.map(({ id, title }, index) => {
    const { how = null, openedAt = null, doneAt = null } = mine.find(({ step }) => step === id) ?? {}
    const seconds = openedAt === null || doneAt === null ? null : Math.round((doneAt - openedAt) / 1000)
    const labTitle = entry?.title ?? lab
    return { lab, labTitle, step: id, number: index + 1, title, how, openedAt, doneAt, seconds }
  })
}

const COLUMNS = [
  'name',
  'joined',
  'lab',
  'lab title',
  'number',
  'step',
  'step title',
  'how',
  'opened',
  'done',
  'seconds',
]

/** A line for each step of each participant; of one who has joined and done nothing, too. */
export function csvOf({ seats }: Export): string {
  const lines = seats.flatMap(({ name, joinedAt, steps }) =>
    steps.map(({ lab, labTitle, number, step, title, how, openedAt, doneAt, seconds }) => [
      ...[name, timeOf(joinedAt), lab, labTitle, number, step, title],
      ...[how, timeOf(openedAt), timeOf(doneAt), seconds],
    ]),
  )
  // The mark at the beginning tells spreadsheets that it is UTF-8.
  return `\ufeff${[COLUMNS, ...lines].map((cells) => cells.map(cell).join(',')).join('\r\n')}\r\n`
}

/** ISO 8601, in UTC. */
const timeOf = (time: number | null) => (time === null ? null : new Date(time).toISOString())

/**
 * What spreadsheets take for the beginning of a formula, in the wide forms of East Asian keyboards too. Spaces before it do not
 * keep all of them from it.
 */
const FORMULA = /^[\s\u00a0]*[=+\-@\uff1d\uff0b\uff0d\uff20]|^[\t\r\n]/

/** One cell of CSV (RFC 4180). Text that a spreadsheet would run gets an apostrophe before it, and is text. */
export function cell(value: string | number | null): string {
  if (value === null) return ''
  if (typeof value === 'number') return String(value)
  const harmless = FORMULA.test(value) ? `'${value}` : value
  return /[",;\t\r\n']|^\s|\s$/.test(harmless) ? `"${harmless.replaceAll('"', '""')}"` : harmless
}

/** A name for the file: letters and digits of the title, as every system takes them. */
export function fileNameOf(
  { title, startsAt }: Pick<Workshop, 'title' | 'startsAt'>,
  extension: 'csv' | 'json',
): string {
  const words = title
    .normalize('NFKD')
    .replace(/[^A-Za-z0-9]+/g, '-')
    .replace(/^-+|-+$/g, '')
    .toLowerCase()
    .slice(0, 40)
  return `${[words || 'workshop', new Date(startsAt).toISOString().slice(0, 10)].join('-')}.${extension}`
}
