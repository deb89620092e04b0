import type { Cancel, Clock } from './clock.ts'
import { TimerQueue } from './timer-queue.ts'

export interface VirtualClockOptions {
  /** Milliseconds since 1970 at which it starts. */
  readonly start: number
  /** The clock that drives it while it runs. Without one it moves only when it is stepped. */
  readonly driver?: Clock
  /** Hands the event loop back between timers, so that what a timer has promised is done before the next one fires. */
  readonly settle?: () => Promise<void>
}

/**
 * How late the driver may be, in its own milliseconds, before lost time is dropped instead of caught up with: a laptop that has slept
 * for an hour finds its lab as it left it, not an hour of missed heartbeats.
 */
const LONGEST_CATCH_UP = 5_000

/** Shortest period of `every`, in ms: a period of nothing would never let a step end. */
const SHORTEST_PERIOD = 1

/**
 * Time that can stand still, be stepped, jump to what comes next, or run at a factor of another clock's.
 * A timer sees as now the moment for which it was set, however late it is called, and timers fire in the order of their moments: with the
 * same steps and the same seed a run repeats exactly. It starts paused.
 */
export class VirtualClock implements Clock {
  readonly #timers = new TimerQueue()
  readonly #driver: Clock | undefined
  readonly #settle: () => Promise<void>
  #now: number
  #run: Run | undefined
  #wakeAt: number | undefined
  #cancelWake: Cancel = () => {}
  /** While timers fire, now is theirs, not the driver's. */
  #firing = false

  constructor(options: VirtualClockOptions) {
    this.#now = options.start
    this.#driver = options.driver
    this.#settle = options.settle ?? nextTask
  }

  now(): number {
    if (this.#run === undefined || this.#driver === undefined || this.#firing) return this.#now
    return Math.max(this.#now, Math.floor(at(this.#run, this.#driver.now())))
  }

  after(ms: number, call: () => void): Cancel {
    const timer = this.#timers.add(this.now() + Math.max(0, ms), call)
    this.#wakeInTime()
    return () => this.#timers.cancel(timer)
  }

  every(ms: number, call: () => void): Cancel {
    const period = Math.max(SHORTEST_PERIOD, ms)
    let due = this.now() + period
    const again = () => {
      due += period
      timer = this.#timers.add(due, again)
      call()
    }
    let timer = this.#timers.add(due, again)
    this.#wakeInTime()
    return () => this.#timers.cancel(timer)
  }

  /** How many timers are waiting. */
  get pending(): number {
    return this.#timers.size
  }

  /** When the next timer is due, in ms since 1970. */
  get next(): number | undefined {
    return this.#timers.next()
  }

  /** The factor at which it runs; 0 while it is paused. */
  get speed(): number {
    return this.#run?.speed ?? 0
  }

  /** Runs at `speed` times the driver's pace. Throws without a driver, and for speeds that are not above 0. */
  run(speed = 1): void {
    if (this.#driver === undefined) throw new Error('A clock without a driver moves only when it is stepped.')
    if (!(speed > 0) || !Number.isFinite(speed)) throw new RangeError(`A clock cannot run at ${speed} times the pace.`)
    this.#now = this.now()
    this.#run = { speed, from: this.#now, driverFrom: this.#driver.now() }
    this.#rewake()
  }

  /** Stands still; what is due fires when it runs again or is stepped. */
  pause(): void {
    this.#now = this.now()
    this.#run = undefined
    this.#rewake()
  }

  /** Moves on by `ms`, with what falls due on the way; promises get their turn after each timer. */
  async step(ms: number): Promise<void> {
    const end = this.now() + Math.max(0, ms)
    await this.#settle()
    while (this.#fireNext(end)) await this.#settle()
    this.#arrive(end)
  }

  /** As step, but without letting promises run in between: for what is driven by timers alone. */
  stepNow(ms: number): void {
    const end = this.now() + Math.max(0, ms)
    while (this.#fireNext(end));
    this.#arrive(end)
  }

  /** Moves to the next timer's moment and fires all that is due then; false if none waits. */
  async jump(): Promise<boolean> {
    const due = this.next
    if (due === undefined) return false
    await this.step(due - this.now())
    return true
  }

  #fireNext(end: number): boolean {
    const timer = this.#timers.take(end)
    if (timer === undefined) return false
    if (timer.at > this.#now) this.#now = timer.at
    const nested = this.#firing
    this.#firing = true
    try {
      timer.call()
    } finally {
      this.#firing = nested
    }
    return true
  }

  #arrive(end: number): void {
    if (this.#run !== undefined && this.#driver !== undefined) {
      const now = Math.max(end, this.now())
      this.#run = { ...this.#run, from: now, driverFrom: this.#driver.now() }
    }
    if (end > this.#now) this.#now = end
    this.#rewake()
  }

  /** Sets the driver's timer for our next one, unless one is set that comes early enough. */
  #wakeInTime(): void {
    const due = this.next
    if (this.#run === undefined || this.#driver === undefined || this.#firing || due === undefined) return
    if (this.#wakeAt !== undefined && this.#wakeAt <= due) return
    this.#cancelWake()
    this.#wakeAt = due
    const late = at(this.#run, this.#driver.now())
    this.#cancelWake = this.#driver.after(Math.max(0, Math.ceil((due - late) / this.#run.speed)), () => this.#woken())
  }

  #rewake(): void {
    this.#cancelWake()
    this.#wakeAt = undefined
    this.#wakeInTime()
  }

  #woken(): void {
    if (this.#run === undefined || this.#driver === undefined || this.#wakeAt === undefined) return
    const slack = LONGEST_CATCH_UP * this.#run.speed
    const reached = at(this.#run, this.#driver.now())
    const until = Math.min(reached, Math.max(this.#wakeAt, this.#now) + slack)
    if (until < reached) this.#run = { ...this.#run, from: until, driverFrom: this.#driver.now() }
    try {
      while (this.#run !== undefined && this.#fireNext(until));
    } finally {
      this.#rewake()
    }
  }
}

/** Runs at a pace since a moment of both clocks. */
interface Run {
  readonly speed: number
  readonly from: number
  readonly driverFrom: number
}

const at = (run: Run, driverNow: number): number => run.from + (driverNow - run.driverFrom) * run.speed

/** A turn of the event loop: all promises that are settled by now have run their continuations when it resolves. */
function nextTask(): Promise<void> {
  return new Promise((resolve) => {
    const { port1, port2 } = new MessageChannel()
    port1.onmessage = () => {
      port1.close()
      resolve()
    }
    port2.postMessage(undefined)
  })
}
