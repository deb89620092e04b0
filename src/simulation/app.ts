/** One copy of the app that both sides run: how it starts, how much it bears, when it answers. */

/** A release; one that does not work starts, and answers every request with an error. */
export interface Release {
  name: string
  works: boolean
}

/** From the start of its process until it answers, in ms. */
export const BOOT = 3000
/** Requests each second that one copy answers on one CPU. */
export const CAPACITY = 10
/** Requests that may wait for a copy; more than that give up. */
const QUEUE = 15

export interface App {
  release: Release
  /** `hung`: the process lives, and answers nothing. */
  state: 'off' | 'booting' | 'up' | 'hung'
  upAt: number
  /** Requests that it can take at this moment. */
  room: number
  /** All that it has answered. */
  served: number
  /** Work in each of the last seconds, in requests; the newest last. */
  work: number[]
}

export const newApp = (release: Release): App => ({ release, state: 'off', upAt: 0, room: 0, served: 0, work: [] })

export function startApp(app: App, now: number): void {
  app.state = 'booting'
  app.upAt = now + BOOT
}

export function stopApp(app: App): void {
  app.state = 'off'
  app.room = 0
  app.work = []
}

/** @param cpu how much of a CPU it has, from 0 to 1 */
export function tickApp(app: App, now: number, ms: number, cpu = 1): void {
  if (app.state === 'booting' && now >= app.upAt) {
    app.state = 'up'
    app.room = QUEUE
  }
  app.room = Math.min(QUEUE, app.room + (CAPACITY * cpu * ms) / 1000)
  if (now % 1000 === 0) app.work = [...app.work, 0].slice(-WINDOW)
}

/** Over how many seconds a copy's work is measured; metrics-server asks every 15 s. */
const WINDOW = 15

/** Whether it answers a request, and does so. */
export function ask(app: App): boolean {
  if (app.state !== 'up' || app.room < 1) return false
  app.room -= 1
  app.work[Math.max(0, app.work.length - 1)] = (app.work.at(-1) ?? 0) + 1
  if (!app.release.works) return false
  app.served++
  return true
}

/** What a health check or a probe sees. */
export const answers = (app: App): boolean => app.state === 'up' && app.release.works

/** How busy it is, as a part of one CPU, over the last 15 s. */
export function busy(app: App): number {
  if (app.work.length === 0) return 0
  return app.work.reduce((all, one) => all + one, 0) / app.work.length / CAPACITY
}
