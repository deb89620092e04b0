import { describe, expect, it } from 'vitest'
import { VirtualClock } from '../clock/virtual-clock.ts'
import { pause, run, settled, type Task, together, until, within } from './task.ts'

const start = () => new VirtualClock({ start: 0 })

describe('a task', () => {
  it('goes on within the timer that it waits for', () => {
    const clock = start()
    const log: string[] = []
    function* work(): Task<number> {
      log.push(`begun ${clock.now()}`)
      yield* pause(clock, 0)
      yield* pause(clock, 10)
      log.push(`waited ${clock.now()}`)
      return 7
    }
    run(work(), { done: (value) => log.push(`done ${value}`) })
    clock.stepNow(10)
    expect(log).toEqual(['begun 0', 'waited 10', 'done 7'])
  })

  it('that is called off ends where it stands and leaves no timer', () => {
    const clock = start()
    const log: string[] = []
    function* work(): Task {
      try {
        yield* together([pause(clock, 10), pause(clock, 20)])
        log.push('never')
      } finally {
        log.push('left')
      }
    }
    const cancel = run(work(), { done: () => log.push('never') })
    clock.stepNow(10)
    cancel()
    expect(clock.pending).toBe(0)
    clock.stepNow(100)
    expect(log).toEqual(['left'])
  })

  it('may call itself off', () => {
    const clock = start()
    const log: string[] = []
    function* work(): Task {
      yield* pause(clock, 1)
      cancel()
      log.push('to the next wait')
      yield* pause(clock, 1)
      log.push('never')
    }
    const cancel = run(work())
    clock.stepNow(10)
    expect(log).toEqual(['to the next wait'])
    expect(clock.pending).toBe(0)
  })

  it('fails where one of several fails, once all are over', () => {
    const clock = start()
    const log: unknown[] = []
    function* failing(): Task {
      yield* pause(clock, 1)
      throw new Error('one')
    }
    run(together([failing(), pause(clock, 5)]), { failed: (error) => log.push((error as Error).message, clock.now()) })
    clock.stepNow(10)
    expect(log).toEqual(['one', 5])
  })

  it('waits no longer than it is told', () => {
    const clock = start()
    const log: unknown[] = []
    function* work(): Task {
      log.push(yield* until(within<string>(clock, 5, () => () => log.push('off'))))
      log.push(
        yield* until(
          within<string>(clock, 5, (resume) => {
            resume('at once')
            return () => {}
          }),
        ),
      )
      log.push(yield* until(within<string>(clock, 5, (resume) => clock.after(2, () => resume('in time')))))
    }
    run(work())
    clock.stepNow(100)
    expect(log).toEqual(['off', undefined, 'at once', 'in time'])
    expect(clock.pending).toBe(0)
  })

  it('takes what promises bring', async () => {
    const log: unknown[] = []
    function* work(): Task {
      log.push(yield* until(settled(Promise.resolve(1))))
      log.push(yield* until(settled(Promise.reject(new Error('no')))))
    }
    await new Promise<void>((done) => run(work(), { done }))
    expect(log).toEqual([{ value: 1 }, { error: new Error('no') }])
  })
})
