import { describe, expect, it } from 'vitest'
import { sleep } from './clock.ts'
import { Random } from './random.ts'
import { VirtualClock } from './virtual-clock.ts'

describe('a virtual clock that is stepped', () => {
  it('stands still until it is moved', async () => {
    const clock = new VirtualClock({ start: 1000 })
    const fired: number[] = []
    clock.after(50, () => fired.push(clock.now()))
    await new Promise((resolve) => setTimeout(resolve, 5))
    expect(fired).toEqual([])
    expect(clock.now()).toBe(1000)
    await clock.step(49)
    expect(fired).toEqual([])
    await clock.step(1)
    expect(fired).toEqual([1050])
  })

  it('fires in the order of moments, then of setting, each at its own moment', () => {
    const clock = new VirtualClock({ start: 0 })
    const fired: string[] = []
    const log = (name: string) => () => fired.push(`${name}@${clock.now()}`)
    clock.after(20, log('c'))
    clock.after(10, log('a'))
    clock.after(10, log('b'))
    clock.after(10, () => clock.after(5, log('nested')))
    clock.stepNow(100)
    expect(fired).toEqual(['a@10', 'b@10', 'nested@15', 'c@20'])
    expect(clock.now()).toBe(100)
  })

  it('repeats until cancelled, without drift, also when cancelled from within', () => {
    const clock = new VirtualClock({ start: 0 })
    const fired: number[] = []
    const cancel = clock.every(30, () => {
      fired.push(clock.now())
      if (fired.length === 3) cancel()
    })
    clock.stepNow(1000)
    expect(fired).toEqual([30, 60, 90])
    expect(clock.pending).toBe(0)
  })

  it('lets promises run between timers', async () => {
    const clock = new VirtualClock({ start: 0 })
    const log: string[] = []
    const work = (async () => {
      for (let round = 0; round < 3; round++) {
        await sleep(clock, 10)
        log.push(`slept ${clock.now()}`)
      }
    })()
    clock.after(15, () => log.push(`timer ${clock.now()}`))
    await clock.step(100)
    await work
    expect(log).toEqual(['slept 10', 'timer 15', 'slept 20', 'slept 30'])
  })

  it('jumps to the next timer', async () => {
    const clock = new VirtualClock({ start: 0 })
    const fired: string[] = []
    clock.after(86_400_000, () => fired.push('day'))
    clock.after(10, () => fired.push('soon'))
    expect(await clock.jump()).toBe(true)
    expect([clock.now(), ...fired]).toEqual([10, 'soon'])
    expect(await clock.jump()).toBe(true)
    expect(clock.now()).toBe(86_400_000)
    expect(await clock.jump()).toBe(false)
  })

  it('keeps to the order with thousands of timers, half of them cancelled', () => {
    const clock = new VirtualClock({ start: 0 })
    const random = new Random(5)
    const expected: { at: number; order: number }[] = []
    const fired: { at: number; order: number }[] = []
    for (let order = 0; order < 5000; order++) {
      const at = random.below(300)
      const cancel = clock.after(at, () => fired.push({ at: clock.now(), order }))
      if (random.chance(0.6)) cancel()
      else expected.push({ at, order })
    }
    expect(clock.pending).toBe(expected.length)
    clock.stepNow(300)
    expect(fired).toEqual(expected.sort((a, b) => a.at - b.at || a.order - b.order))
  })

  it('aborts a sleep', async () => {
    const clock = new VirtualClock({ start: 0 })
    const controller = new AbortController()
    const sleeping = sleep(clock, 10, controller.signal)
    controller.abort(new Error('enough'))
    await expect(sleeping).rejects.toThrow('enough')
    expect(clock.pending).toBe(0)
  })
})

describe('a virtual clock that runs', () => {
  const pair = () => {
    const driver = new VirtualClock({ start: 500_000 })
    return { driver, clock: new VirtualClock({ start: 0, driver }) }
  }

  it('runs at a factor of its driver, pauses and goes on', () => {
    const { driver, clock } = pair()
    const fired: number[] = []
    clock.every(100, () => fired.push(clock.now()))
    driver.stepNow(1000)
    expect(clock.now()).toBe(0)
    clock.run(10)
    driver.stepNow(25)
    expect(clock.now()).toBe(250)
    expect(fired).toEqual([100, 200])
    clock.pause()
    driver.stepNow(1000)
    expect(clock.now()).toBe(250)
    clock.run(1)
    driver.stepNow(60)
    expect(clock.now()).toBe(310)
    expect(fired).toEqual([100, 200, 300])
    expect(clock.speed).toBe(1)
  })

  it('takes in timers that come before those already set', () => {
    const { driver, clock } = pair()
    const fired: string[] = []
    clock.run(2)
    clock.after(1000, () => fired.push('late'))
    clock.after(10, () => fired.push('early'))
    driver.stepNow(5)
    expect(fired).toEqual(['early'])
    driver.stepNow(495)
    expect(fired).toEqual(['early', 'late'])
  })

  it('drops the time that its driver slept through', () => {
    let now = 0
    let wake: (() => void) | undefined
    const driver = {
      now: () => now,
      after(_ms: number, call: () => void) {
        wake = call
        return () => {}
      },
      every: () => () => {},
    }
    const clock = new VirtualClock({ start: 0, driver })
    let beats = 0
    clock.every(1000, () => beats++)
    clock.run()
    now = 3_600_000
    wake?.()
    expect(beats).toBe(6)
    expect(clock.now()).toBe(6000)
    now += 1000
    wake?.()
    expect(beats).toBe(7)
  })

  it('may be paused by one of its own timers', () => {
    const { driver, clock } = pair()
    const fired: number[] = []
    clock.after(10, () => clock.pause())
    clock.after(11, () => fired.push(clock.now()))
    clock.run()
    driver.stepNow(100)
    expect(fired).toEqual([])
    expect(clock.now()).toBe(10)
    clock.stepNow(1)
    expect(fired).toEqual([11])
  })

  it('refuses to run without a driver or at no pace', () => {
    expect(() => new VirtualClock({ start: 0 }).run()).toThrow('A clock without a driver')
    expect(() => pair().clock.run(0)).toThrow(RangeError)
  })
})

it('repeats a run exactly, step by step', async () => {
  const run = async (seed: number) => {
    const clock = new VirtualClock({ start: 0 })
    const random = new Random(seed)
    const log: string[] = []
    const grow = (name: string, depth: number) => {
      const mine = random.split(name)
      clock.after(mine.below(500), async () => {
        log.push(`${clock.now()} ${name}`)
        await sleep(clock, mine.below(50))
        log.push(`${clock.now()} ${name} slept`)
        if (depth < 3) for (let child = 0; child < 3; child++) grow(`${name}/${child}`, depth + 1)
      })
    }
    for (let root = 0; root < 5; root++) grow(`${root}`, 0)
    while (await clock.jump());
    return log
  }
  const first = await run(42)
  expect(first).toHaveLength(5 * 40 * 2)
  expect(await run(42)).toEqual(first)
  expect(await run(43)).not.toEqual(first)
})
