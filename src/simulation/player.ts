/** Runs a simulation in a page: time, presses, pictures, and what is said aloud. */
import { drawInto } from '../map/shapes.ts'
import { sentence, simulation as strings } from '../strings/simulation.ts'
import type { Happening, Side } from './happenings.ts'
import { FLIGHT } from './requests.ts'
import type { Press, ScenarioName, Switch } from './scenarios.ts'
import { Simulation, TICK } from './simulation.ts'
import { dotsOf, drawSide, drawTable, sides, summaryOf, type View, viewOf } from './view.ts'

/** Pictures are drawn anew this often, in ms; requests on their way each frame. */
const DRAW_EVERY = 100
/** After a hidden tab, time does not catch up: the longest leap, in our ms. */
const LONGEST_LEAP = 200
/** A voice that speaks more often than this, in ms, is not listened to. */
const SPEAK_EVERY = 4000

/** What everyone sees in the picture, and nobody wants to hear each time. */
const quiet = new Set<Happening['what']>([
  'docker-answers',
  'pod-created',
  'pod-placed',
  'pod-ready',
  'docker-scaled',
  'scaled',
])

export class Player {
  private readonly root: HTMLElement
  private simulation: Simulation
  private running = false
  /** It runs, but is out of sight. */
  private hidden = false
  private speed: number
  private frame = 0
  private last = 0
  /** Simulated ms that are due and make no whole tick yet. */
  private due = 0
  private drawnAt = 0
  private readonly views = new Map<Side, View>()
  private spokenAt = Number.NEGATIVE_INFINITY
  /** Number of the last happening that has been said, or was not worth it. */
  private said = 0

  constructor(root: HTMLElement) {
    this.root = root
    this.simulation = this.fresh()
    this.speed = this.simulation.scenario.speed
    this.setFlight()
  }

  /** By itself, because it is in sight and motion is allowed. */
  begin(): void {
    this.run(true)
  }

  seen(inSight: boolean): void {
    this.hidden = !inSight
    this.schedule()
  }

  act(button: HTMLElement): void {
    const what = button.dataset.do ?? ''
    switch (what) {
      case 'run':
        this.run(!this.running)
        this.say(this.running ? strings.started : strings.paused)
        return
      case 'step':
        this.run(false)
        this.simulation.forward(this.simulation.scenario.step)
        this.draw()
        this.speak(true)
        return
      case 'reset':
        this.run(false)
        this.simulation = this.fresh()
        this.setFlight()
        this.said = 0
        this.draw()
        this.say(strings.wasReset)
        return
      default:
        this.simulation.press(what as Press)
        // Where nothing moves by itself, a press shows its first effect.
        if (!this.running) this.simulation.forward(TICK)
        this.draw()
        this.speak(true)
    }
  }

  change(control: HTMLElement): void {
    if (control instanceof HTMLSelectElement) {
      this.speed = Number(control.value)
      this.setFlight()
    } else if (control instanceof HTMLInputElement) {
      this.simulation.set(control.dataset.switch as Switch, control.checked)
      this.draw()
    }
  }

  draw(): void {
    for (const side of sides) {
      const place = this.root.querySelector(`[data-side="${side}"]`)
      const view = viewOf(this.simulation, side)
      this.views.set(side, view)
      if (place !== null) drawInto(place, drawSide(this.simulation, side, view))
    }
    this.set('[data-clock]', strings.clock(this.simulation.now))
    const table = this.root.querySelector('details[open] table')
    if (table !== null) drawInto(table, drawTable(this.simulation))
    this.drawnAt = performance.now()
  }

  private drawDots(): void {
    for (const [side, view] of this.views) {
      const dots = this.root.querySelector(`[data-side="${side}"] .sim-dots`)
      if (dots !== null) drawInto(dots, dotsOf(this.simulation, side, view, this.due))
    }
  }

  private fresh(): Simulation {
    const simulation = new Simulation(this.root.dataset.name as ScenarioName)
    for (const input of this.root.querySelectorAll<HTMLInputElement>('[data-switch]'))
      simulation.set(input.dataset.switch as Switch, input.checked)
    return simulation
  }

  private setFlight(): void {
    for (const side of sides) this.simulation.requests[side].flight = FLIGHT * Math.max(1, this.speed)
  }

  private run(running: boolean): void {
    this.running = running
    this.root.toggleAttribute('data-running', running)
    this.set('[data-do="run"]', running ? strings.pause : strings.start)
    this.schedule()
  }

  private schedule(): void {
    cancelAnimationFrame(this.frame)
    if (!this.running || this.hidden) return
    this.last = performance.now()
    const next = (now: number) => {
      this.due += Math.min(LONGEST_LEAP, Math.max(0, now - this.last)) * this.speed
      this.last = now
      const whole = this.due - (this.due % TICK)
      this.due -= whole
      this.simulation.forward(whole)
      if (now - this.drawnAt >= DRAW_EVERY) this.draw()
      this.drawDots()
      this.speak(false)
      this.frame = requestAnimationFrame(next)
    }
    this.frame = requestAnimationFrame(next)
  }

  /** Says what happened since the last time; not each small thing, and not too often unless it was asked for. */
  private speak(asked: boolean): void {
    const now = performance.now()
    if (!asked && now - this.spokenAt < SPEAK_EVERY) return
    const { log, traffic } = this.simulation
    const news = log.filter(({ number, happening }) => number > this.said && !quiet.has(happening.what))
    this.said = log.at(-1)?.number ?? this.said
    if (news.length > 0)
      this.say(
        news
          .slice(-3)
          .map(({ happening }) => sentence(happening))
          .join(' '),
      )
    else if (asked)
      this.say([strings.figures.traffic(traffic), ...sides.map((side) => summaryOf(this.simulation, side))].join('. '))
  }

  private say(text: string): void {
    this.spokenAt = performance.now()
    this.set('[role=status]', text)
  }

  private set(selector: string, text: string): void {
    const element = this.root.querySelector(selector)
    if (element !== null && element.textContent !== text) element.textContent = text
  }
}
