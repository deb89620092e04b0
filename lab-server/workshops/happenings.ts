/** What happens in workshops, as far as it is of note outside: seen in what is written to the store, so that nothing is left out. */
import type { Clock } from '../clock.ts'
import type { LabEntry } from '../labs/catalogue.ts'
import type { Milestone } from './milestones.ts'
import type { WorkshopStore } from './store.ts'
import { type Seat, stateAt, type Workshop } from './workshop.ts'

export type Happening =
  | { kind: 'workshop-started' | 'workshop-ended'; workshop: Workshop }
  | { kind: 'joined' | 'hand-raised' | 'finished'; workshop: Workshop; seat: Seat }
  | { kind: 'step-done'; workshop: Workshop; seat: Seat; milestone: Milestone }

export const happeningKinds = [
  'workshop-started',
  'workshop-ended',
  'joined',
  'step-done',
  'hand-raised',
  'finished',
] as const satisfies Happening['kind'][]

/** Milliseconds after which the time is looked at again: a laptop that has slept wakes up late. */
const LOOK_EVERY = 10_000

export interface Happenings {
  /** The store, seen through. */
  readonly store: WorkshopStore
  /** Begins to look at the time; what was on before is not told again. */
  open(): void
  close(): void
}

export function observe(options: {
  store: WorkshopStore
  catalogue: Pick<ReadonlyMap<string, LabEntry>, 'get'>
  clock: Clock
  tell(happening: Happening): void
}): Happenings {
  const { store, catalogue, clock } = options
  /** Workshops that are on. */
  const on = new Set<string>()
  /** What is told once all of a change is written. */
  let held: Happening[] | undefined
  let cancel = () => {}

  const tell = (happening: Happening) => {
    if (held) held.push(happening)
    else options.tell(happening)
  }
  const look = (quietly = false) => {
    cancel()
    const now = clock.now()
    const all = store.workshops()
    for (const id of on) if (!all.some((workshop) => workshop.id === id)) on.delete(id)
    for (const workshop of all) lookAt(workshop, now, quietly)
    cancel = clock.after(LOOK_EVERY, look)
  }
  const lookAt = (workshop: Workshop, now: number, quietly = false) => {
    const running = stateAt(workshop, now) === 'running'
    if (running === on.has(workshop.id)) return
    if (running) on.add(workshop.id)
    else on.delete(workshop.id)
    if (!quietly) tell({ kind: running ? 'workshop-started' : 'workshop-ended', workshop })
  }

  const putSeat: WorkshopStore['putSeat'] = (seat) => {
    const before = store.seat(seat.id)
    store.putSeat(seat)
    const workshop = store.workshop(seat.workshop)
    if (!workshop) return
    if (!before) tell({ kind: 'joined', workshop, seat })
    if (seat.handAt !== null && (before?.handAt ?? null) === null) tell({ kind: 'hand-raised', workshop, seat })
  }
  const putMilestone: WorkshopStore['putMilestone'] = (milestone) => {
    const before = store.milestonesOf(milestone.seat)
    store.putMilestone(milestone)
    if (milestone.how === null || before.some((one) => isSame(one, milestone) && one.how !== null)) return
    const seat = store.seat(milestone.seat)
    const workshop = seat && store.workshop(seat.workshop)
    if (!workshop) return
    tell({ kind: 'step-done', workshop, seat, milestone })
    const finished = (milestones: Milestone[]) => isFinished(workshop, milestones, catalogue)
    if (finished(store.milestonesOf(seat.id)) && !finished(before)) tell({ kind: 'finished', workshop, seat })
  }

  return {
    store: {
      ...store,
      putSeat,
      putMilestone,
      putWorkshop(workshop) {
        store.putWorkshop(workshop)
        lookAt(workshop, clock.now())
      },
      together(change) {
        if (held) return store.together(change)
        const own: Happening[] = []
        held = own
        try {
          const result = store.together(change)
          held = undefined
          for (const happening of own) options.tell(happening)
          return result
        } finally {
          held = undefined
        }
      },
    },
    open: () => look(true),
    close: () => cancel(),
  }
}

const isSame = (one: Milestone, other: Milestone) => other.lab === one.lab && other.step === one.step

/** Whether all is done that can be: a step for which not every cluster has what it takes does not count. */
export function isFinished(
  { labs }: Pick<Workshop, 'labs'>,
  milestones: readonly Milestone[],
  catalogue: Pick<ReadonlyMap<string, LabEntry>, 'get'>,
): boolean {
  const done = (lab: string, step: string) =>
    milestones.some((one) => one.lab === lab && one.step === step && one.how !== null)
  return labs.every((lab) =>
    (catalogue.get(lab)?.lab.steps ?? []).every(({ id, needs }) => needs !== undefined || done(lab, id)),
  )
}
