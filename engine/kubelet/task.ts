import type { Cancel, Clock } from '../clock/clock.ts'

/** Something to wait for: it is given how to go on, and returns what calls the waiting off. */
export type Wait<T> = (resume: (value: T) => void) => Cancel

/**
 * Work that takes time, written as it happens: a generator that yields what it waits for. Unlike a promise it goes on at once, within the
 * timer or the event that it waited for, so that a stepped clock sees all of it, and it ends where it stands when it is called off.
 */
// biome-ignore lint/suspicious/noExplicitAny: what a wait brings is known where it is yielded alone
export type Task<T = void> = Generator<Wait<any>, T, any>

export interface TaskEnd<T> {
  done?(value: T): void
  failed?(error: unknown): void
}

/** Runs a task from its beginning to its first wait and on from there; what is returned ends it, and then neither `done` nor `failed` comes. */
export function run<T>(task: Task<T>, { done, failed }: TaskEnd<T> = {}): Cancel {
  let over = false
  let running = false
  let callOff: Cancel = () => {}
  const advance = (given: unknown): void => {
    let value = given
    for (;;) {
      if (over) return
      let next: IteratorResult<Wait<unknown>, T>
      running = true
      try {
        next = task.next(value)
      } catch (error) {
        over = true
        if (failed === undefined) throw error
        failed(error)
        return
      } finally {
        running = false
      }
      // Called off by what it did itself
      if (over) {
        task.return(undefined as T)
        return
      }
      if (next.done === true) {
        over = true
        done?.(next.value)
        return
      }
      let state: 'starting' | 'waiting' | 'resumed' = 'starting'
      let result: unknown
      callOff = next.value((resumed) => {
        const early = state === 'starting'
        if (state === 'resumed') return
        state = 'resumed'
        if (early) result = resumed
        else advance(resumed)
      })
      if ((state as string) !== 'resumed') {
        state = 'waiting'
        return
      }
      value = result
    }
  }
  advance(undefined)
  return () => {
    if (over) return
    over = true
    callOff()
    if (!running) task.return(undefined as T)
  }
}

/** Waits, and hands on what the waiting brought. */
export function* until<T>(wait: Wait<T>): Task<T> {
  return (yield wait) as T
}

/** Milliseconds; none are over at once. */
export function* pause(clock: Clock, ms: number): Task {
  if (ms > 0) yield (resume) => clock.after(ms, () => resume(undefined))
}

export type Settled<T> = { readonly value: T } | { readonly error: unknown }

export function settled<T>(promise: Promise<T>): Wait<Settled<T>> {
  return (resume) => {
    let wanted = true
    promise.then(
      (value) => wanted && resume({ value }),
      (error: unknown) => wanted && resume({ error }),
    )
    return () => {
      wanted = false
    }
  }
}

/** What the waiting brings, or undefined once so many milliseconds are over. */
export function within<T>(clock: Clock, ms: number, wait: Wait<T>): Wait<T | undefined> {
  return (resume) => {
    let over = false
    let late: Cancel = () => {}
    const end = (value: T | undefined): void => {
      if (over) return
      over = true
      late()
      callOff()
      resume(value)
    }
    let callOff: Cancel = () => {}
    const cancel = wait(end)
    callOff = cancel
    if (over) return () => {}
    late = clock.after(ms, () => end(undefined))
    return () => {
      over = true
      late()
      cancel()
    }
  }
}

/** All at the same time, until the last is over; throws what the first that failed threw. */
export function* together(tasks: readonly Task[]): Task {
  const errors: unknown[] = []
  yield (resume) => {
    let left = tasks.length
    const end = (): void => {
      left--
      if (left === 0) resume(undefined)
    }
    if (left === 0) resume(undefined)
    const failed = (error: unknown): void => {
      errors.push(error)
      end()
    }
    const cancels = tasks.map((task) => run(task, { done: end, failed }))
    return () => {
      for (const cancel of cancels) cancel()
    }
  }
  if (errors.length > 0) throw errors[0]
}
