/**
 * Who of many clusters in one thread works next: the one that has worked least, one piece of work at a time, and none for more
 * than its share of the thread, whether or not others wait. As a processor's fair scheduler, with work that cannot be interrupted.
 */

export interface TurnsOptions {
  /** Milliseconds, of a clock that never goes back; parts count. */
  now(): number
  /** Calls both in order with nothing between but what the first leaves to do at once. */
  soon(first: () => void, second: () => void): void
  after(ms: number, call: () => void): () => void
  /** The part of the thread's time that one cluster may take in the long run: 0.5 is half. */
  share: number
  /** Milliseconds of work that a cluster which was quiet may do at one go. */
  burst: number
}

/** One cluster's turns. */
export interface Share {
  /** Does the work when its turn comes. What is returned takes it back. */
  run(work: () => void): () => void
  /** Pieces of work that wait. */
  readonly waiting: number
  /** Milliseconds that all its work has taken. */
  readonly used: number
  /** Nothing of it is done any more. */
  end(): void
}

class Queue {
  work: { call: (() => void) | undefined }[] = []
  waiting = 0
  used = 0
  /** Compared between clusters: like `used`, but no saved up time counts. */
  virtual = 0
  allowance: number
  refilledAt: number

  constructor(burst: number, now: number) {
    this.allowance = burst
    this.refilledAt = now
  }

  /** The next piece that was not taken back. */
  next(): (() => void) | undefined {
    for (let entry = this.work.shift(); entry !== undefined; entry = this.work.shift()) {
      if (entry.call === undefined) continue
      this.waiting--
      const { call } = entry
      entry.call = undefined
      return call
    }
    return undefined
  }
}

export class Turns {
  readonly #options: TurnsOptions
  /** Those with work. */
  readonly #queues = new Set<Queue>()
  #scheduled = false
  #cancelWait: (() => void) | undefined
  /** The `virtual` of who had the last turn: who comes anew begins there. */
  #floor = 0
  #current: { queue: Queue; since: number } | undefined

  constructor(options: TurnsOptions) {
    this.#options = options
  }

  share(): Share {
    const queue = new Queue(this.#options.burst, this.#options.now())
    let ended = false
    return {
      run: (call) => {
        if (ended) return () => {}
        const entry: Queue['work'][number] = { call }
        if (queue.waiting === 0) queue.virtual = Math.max(queue.virtual, this.#floor)
        queue.work.push(entry)
        queue.waiting++
        this.#queues.add(queue)
        this.#schedule()
        return () => {
          if (entry.call === undefined) return
          entry.call = undefined
          if (--queue.waiting === 0) this.#forget(queue)
        }
      },
      get waiting() {
        return queue.waiting
      },
      get used() {
        return queue.used
      },
      end: () => {
        ended = true
        for (const entry of queue.work) entry.call = undefined
        queue.waiting = 0
        this.#forget(queue)
      },
    }
  }

  #forget(queue: Queue): void {
    queue.work = []
    this.#queues.delete(queue)
    if (this.#queues.size > 0) return
    this.#cancelWait?.()
    this.#cancelWait = undefined
  }

  #schedule(): void {
    if (this.#scheduled) return
    this.#scheduled = true
    this.#cancelWait?.()
    this.#cancelWait = undefined
    this.#options.soon(
      () => this.#turn(),
      () => this.#over(),
    )
  }

  #turn(): void {
    const now = this.#options.now()
    let next: Queue | undefined
    for (const queue of this.#queues) {
      this.#refill(queue, now)
      if (queue.allowance > 0 && (next === undefined || queue.virtual < next.virtual)) next = queue
    }
    const call = next?.next()
    if (next === undefined || call === undefined) return
    this.#floor = next.virtual
    this.#current = { queue: next, since: now }
    if (next.waiting === 0) this.#forget(next)
    call()
  }

  #over(): void {
    this.#scheduled = false
    const now = this.#options.now()
    if (this.#current !== undefined) {
      const { queue, since } = this.#current
      const took = now - since
      queue.used += took
      queue.virtual += took
      queue.allowance -= took
      this.#current = undefined
    }
    if (this.#queues.size === 0) return
    let wait = Number.POSITIVE_INFINITY
    for (const queue of this.#queues) {
      this.#refill(queue, now)
      if (queue.allowance > 0) {
        this.#schedule()
        return
      }
      wait = Math.min(wait, -queue.allowance / this.#options.share)
    }
    // All that wait have used up their shares; who comes meanwhile need not wait for them.
    this.#cancelWait = this.#options.after(Math.ceil(wait) + 1, () => this.#schedule())
  }

  #refill(queue: Queue, now: number): void {
    const { share, burst } = this.#options
    queue.allowance = Math.min(burst, queue.allowance + (now - queue.refilledAt) * share)
    queue.refilledAt = now
  }
}
