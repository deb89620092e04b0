/** Follows what seats do in their sessions: writes down when steps are opened and done, and knows which lab each was last at. */
import type { SessionView } from '../../protocol/session.ts'
import type { RoomSession } from '../sessions/sessions.ts'
import { milestonesIn } from './milestones.ts'
import type { News } from './news.ts'
import type { WorkshopStore } from './store.ts'

interface Followed {
  session: RoomSession
  view: SessionView
  /** The step that is open, and since when it is this time. */
  step: string | undefined
  openedAt: number
}

export interface FollowingOptions {
  store: Pick<WorkshopStore, 'seat' | 'seatOfReader' | 'milestonesOf' | 'putMilestone'>
  news: Pick<News, 'onBoard'>
}

export class Following {
  readonly #store: FollowingOptions['store']
  readonly #news: FollowingOptions['news']
  /** By seat; of those that have ended only the last. */
  readonly #seats = new Map<string, Followed[]>()

  constructor(options: FollowingOptions) {
    this.#store = options.store
    this.#news = options.news
  }

  /** Until it ends. One that is followed already is left alone. */
  follow(session: RoomSession): void {
    const seat = this.#store.seatOfReader(session.reader)
    if (!seat) return
    const before = this.#seats.get(seat.id) ?? []
    if (before.some((one) => one.session.id === session.id)) return
    const followed: Followed = { session, view: session.view(), step: undefined, openedAt: 0 }
    this.#seats.set(seat.id, [...before.filter(isOn), followed])
    const known = this.#store.milestonesOf(seat.id)
    const note = (view = session.view()) => {
      const open = view.steps.find(({ status }) => status === 'open')?.id
      if (open !== followed.step) Object.assign(followed, { step: open, openedAt: view.now })
      followed.view = view
      for (const milestone of milestonesIn(view, seat.id, known)) {
        const at = known.findIndex(({ lab, step }) => lab === milestone.lab && step === milestone.step)
        known.splice(at < 0 ? known.length : at, 1, milestone)
        // The seat may have been taken away a moment ago.
        if (this.#store.seat(seat.id)) this.#store.putMilestone(milestone)
      }
      if (!isOn(followed)) this.#ended(seat.id, followed)
      this.#news.onBoard(seat)
    }
    session.subscribe(note)
    note()
  }

  /** The session that this seat was last at: of those that run the one that was last typed into, else the last that ended. */
  of(seat: string): Readonly<Followed> | undefined {
    const all = this.#seats.get(seat) ?? []
    const running = all.filter(isOn)
    return running.length === 0
      ? all.at(-1)
      : running.reduce((last, one) => (one.session.lastInputAt >= last.session.lastInputAt ? one : last))
  }

  forget(seat: string): void {
    this.#seats.delete(seat)
  }

  #ended(seat: string, followed: Followed): void {
    const all = this.#seats.get(seat)
    if (!all) return
    const running = all.filter(isOn)
    this.#seats.set(seat, running.length === 0 ? [followed] : running)
  }
}

const isOn = ({ view }: Followed) => view.status.state !== 'ended'
