/** What a participant has done, for a page to print. Pure. */
import type { SeatProgress } from '../../protocol/workshop.ts'
import type { LabEntry } from '../labs/catalogue.ts'
import type { Milestone } from './milestones.ts'
import type { Seat, Workshop } from './workshop.ts'

export function progressOf(
  { name }: Pick<Seat, 'name'>,
  { title, startsAt, endsAt, labs }: Pick<Workshop, 'title' | 'startsAt' | 'endsAt' | 'labs'>,
  milestones: readonly Milestone[],
  catalogue: Pick<ReadonlyMap<string, LabEntry>, 'get'>,
): SeatProgress {
  return {
    name,
    workshop: { title, startsAt, endsAt },
    labs: labs.flatMap((lab) => {
      const entry = catalogue.get(lab)?.lab
      if (!entry) return []
      const steps = entry.steps.map((step) => {
        const done = milestones.find((one) => one.lab === lab && one.step === step.id)
        return {
          title: step.title,
          how: done?.how ?? null,
          openedAt: done?.openedAt ?? null,
          doneAt: done?.doneAt ?? null,
        }
      })
      return [{ lab, title: entry.title, steps }]
    }),
  }
}
