/** Each lab's steps in a row of cells: the warmer, the more of the room are there now. */
import { create, say } from '../lab/elements.ts'
import { room as strings } from '../strings/room.ts'
import type { LabFacts } from './room.ts'
import { type Board, warmth } from './rows.ts'
import { span } from './times.ts'

export class HeatMap {
  readonly #root: HTMLElement
  readonly #labs: readonly LabFacts[]
  readonly #cells = new Map<string, HTMLButtonElement>()
  readonly #choose: (at: { lab: string; number: number }) => void
  #drawn = ''

  constructor(root: HTMLElement, labs: readonly LabFacts[], choose: (at: { lab: string; number: number }) => void) {
    this.#root = root
    this.#labs = labs
    this.#choose = choose
    root.replaceChildren()
  }

  draw({ workshop, heat, rows }: Board): void {
    const steps = workshop.labs.flatMap((lab) => heat.filter((one) => one.lab === lab))
    const layout = steps.map(({ lab, step }) => `${lab} ${step}`).join()
    if (layout !== this.#drawn) this.#lay(workshop.labs, steps)
    this.#drawn = layout
    for (const one of steps) {
      const cell = this.#cells.get(`${one.lab} ${one.number}`)
      if (cell === undefined) continue
      cell.style.setProperty('--heat', String(Math.round(warmth(one, rows.size) * 100)))
      const facts = cell.querySelectorAll('span')
      if (facts[0]) say(facts[0], strings.heat.cell(one.open, one.passed + one.skipped))
      if (facts[1]) say(facts[1], one.medianMs === null ? '' : strings.heat.median(span(one.medianMs, strings.span)))
    }
  }

  #lay(labs: readonly string[], steps: Board['heat']): void {
    this.#cells.clear()
    this.#root.replaceChildren(
      ...labs.flatMap((lab) => {
        const own = steps.filter((one) => one.lab === lab)
        if (own.length === 0) return []
        const list = create('ol', { class: 'heat' })
        for (const { number, title } of own) {
          const cell = create('button', { type: 'button' })
          cell.append(create('b', {}, `${number}. ${title}`), create('span'), create('span'))
          cell.onclick = () => this.#choose({ lab, number })
          this.#cells.set(`${lab} ${number}`, cell)
          const line = create('li')
          line.append(cell)
          list.append(line)
        }
        return [create('h4', {}, this.#labs.find(({ id }) => id === lab)?.title ?? lab), list]
      }),
    )
  }
}
