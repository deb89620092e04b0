/** The form in which a workshop is made, or changed before it starts. */
import type { ServerStatus } from '../../protocol/session.ts'
import type { Capacity, WorkshopDraft, WorkshopView } from '../../protocol/workshop.ts'
import { NoServer, Refusal } from '../lab/api.ts'
import { create, need, say } from '../lab/elements.ts'
import { room as strings } from '../strings/room.ts'
import { host } from './api.ts'
import type { LabFacts } from './room.ts'
import { fromInput, nextQuarter, toInput } from './times.ts'

const HOUR = 60 * 60_000

export class WorkshopForm {
  readonly #root: HTMLElement
  readonly #form: HTMLFormElement
  readonly #labs: readonly LabFacts[]
  readonly #status: ServerStatus
  #chosen: string[] = []
  #capacity: Capacity | undefined
  /** Of the start, in milliseconds: the end goes along with it. */
  #lasts = 2 * HOUR
  #workshop: WorkshopView | undefined
  #answer: (saved: WorkshopView | undefined) => void = () => {}

  constructor(page: HTMLElement, labs: readonly LabFacts[], status: ServerStatus) {
    this.#root = need(page, '[data-part="edit"]')
    this.#form = need<HTMLFormElement>(this.#root, '[data-workshop]')
    // What the server has, and what has a page here.
    this.#labs = labs.filter(({ id }) => status.labs.includes(id))
    this.#status = status
    this.#form.onsubmit = (event) => {
      event.preventDefault()
      void this.#save()
    }
    need(this.#root, '[data-cancel]').onclick = () => this.#answer(undefined)
    need(this.#root, '[data-add-lab]').onclick = () => this.#add()
    this.#field('startsAt').onchange = () => this.#moveEnd()
    this.#field('endsAt').onchange = () => this.#readLength()
    for (const name of ['seats', 'provider']) this.#field(name).onchange = () => this.#drawCapacity()
    this.#field('provider').replaceChildren(
      ...status.providers
        .filter(({ unavailable }) => unavailable === undefined)
        .map(({ name, title }) => create('option', { value: name }, title)),
    )
  }

  /** Resolves with the workshop when it is saved, or with undefined when nothing is to be saved. */
  fill(workshop: WorkshopView | undefined): Promise<WorkshopView | undefined> {
    this.#workshop = workshop
    const word = ({ dataset }: HTMLElement) => (workshop ? dataset.changed : dataset.fresh) ?? ''
    for (const element of [need(this.#root, 'h2'), need(this.#root, '[data-save]')]) say(element, word(element))
    say(need(this.#form, '[data-problem]'), '')
    const startsAt = workshop?.startsAt ?? nextQuarter(Date.now())
    const endsAt = workshop?.endsAt ?? startsAt + 2 * HOUR
    this.#lasts = endsAt - startsAt
    this.#field('title').value = workshop?.title ?? ''
    this.#field('startsAt').value = toInput(startsAt)
    this.#field('endsAt').value = toInput(endsAt)
    this.#field('seats').value = String(workshop?.seats ?? 20)
    this.#field('warmUpMinutes').value = String(workshop?.warmUpMinutes ?? 10)
    this.#field('provider').value = workshop?.provider ?? this.#status.provider.name
    need<HTMLInputElement>(this.#form, `[name=codes][value="${workshop?.codes ?? 'one'}"]`).checked = true
    this.#chosen = [...(workshop?.labs ?? [])]
    this.#drawChosen()
    void this.#askCapacity()
    return new Promise((resolve) => {
      this.#answer = resolve
    })
  }

  #field(name: string): HTMLInputElement {
    return need<HTMLInputElement>(this.#form, `[name="${name}"]`)
  }

  // ---- labs ----

  #drawChosen(): void {
    const title = (id: string) => this.#labs.find((lab) => lab.id === id)?.title ?? id
    const move = (from: number, to: number) => {
      const [lab = ''] = this.#chosen.splice(from, 1)
      this.#chosen.splice(to, 0, lab)
      this.#drawChosen()
      need(this.#root, `[data-chosen] li:nth-child(${to + 1}) button:not(:disabled)`).focus()
    }
    need(this.#root, '[data-chosen]').replaceChildren(
      ...this.#chosen.map((id, at) => {
        const line = create('li')
        line.append(create('span', {}, title(id)))
        const button = (mark: string, label: string, act: () => void) => {
          const made = create('button', { type: 'button', class: 'quay-button', 'data-small': '', 'aria-label': label })
          made.textContent = mark
          made.onclick = act
          line.append(made)
          return made
        }
        button('↑', strings.form.up(title(id)), () => move(at, at - 1)).disabled = at === 0
        const last = at === this.#chosen.length - 1
        button('↓', strings.form.down(title(id)), () => move(at, at + 1)).disabled = last
        button('×', strings.form.remove(title(id)), () => {
          this.#chosen.splice(at, 1)
          this.#drawChosen()
          need(this.#root, '[data-lab-choice]').focus()
        })
        return line
      }),
    )
    const choice = need<HTMLSelectElement>(this.#root, '[data-lab-choice]')
    const left = this.#labs.filter(({ id }) => !this.#chosen.includes(id))
    choice.replaceChildren(...left.map((lab) => create('option', { value: lab.id }, lab.title)))
    need<HTMLButtonElement>(this.#root, '[data-add-lab]').disabled = choice.disabled = left.length === 0
  }

  #add(): void {
    const { value } = need<HTMLSelectElement>(this.#root, '[data-lab-choice]')
    if (value === '') return
    this.#chosen.push(value)
    this.#drawChosen()
  }

  // ---- times ----

  #moveEnd(): void {
    const start = fromInput(this.#field('startsAt').value)
    if (start !== undefined) this.#field('endsAt').value = toInput(start + this.#lasts)
  }

  #readLength(): void {
    const [start, end] = [fromInput(this.#field('startsAt').value), fromInput(this.#field('endsAt').value)]
    if (start !== undefined && end !== undefined && end > start) this.#lasts = end - start
  }

  // ---- what this machine bears ----

  async #askCapacity(): Promise<void> {
    // A workshop can be made without knowing it.
    this.#capacity = await host.capacity().catch(() => undefined)
    this.#drawCapacity()
  }

  #drawCapacity(): void {
    const line = need(this.#root, '[data-capacity]')
    const found = this.#capacity?.providers.find(({ name }) => name === this.#field('provider').value)
    const tooMany = found !== undefined && Number(this.#field('seats').value) > found.seats
    line.classList.toggle('workshop-signal', tooMany)
    if (found === undefined) say(line, '')
    else say(line, strings.form[tooMany ? 'tooMany' : 'capacity'](found.seats, found.limit))
  }

  // ---- saving ----

  async #save(): Promise<void> {
    const problem = need(this.#form, '[data-problem]')
    say(problem, '')
    const startsAt = fromInput(this.#field('startsAt').value)
    const endsAt = fromInput(this.#field('endsAt').value)
    if (this.#chosen.length === 0) return say(problem, strings.form.noLab)
    if (startsAt === undefined || endsAt === undefined) return say(problem, strings.form.noTime)
    const draft: WorkshopDraft = {
      title: this.#field('title').value.trim(),
      labs: this.#chosen,
      startsAt,
      endsAt,
      seats: Number(this.#field('seats').value),
      codes: need<HTMLInputElement>(this.#form, '[name=codes]:checked').value as WorkshopDraft['codes'],
      provider: this.#field('provider').value,
      warmUpMinutes: Number(this.#field('warmUpMinutes').value),
    }
    const button = need<HTMLButtonElement>(this.#root, '[data-save]')
    button.disabled = true
    try {
      const saved = this.#workshop ? host.change(this.#workshop.id, draft) : host.create(draft)
      this.#answer(await saved)
    } catch (error) {
      if (error instanceof Refusal) say(problem, error.message)
      else if (error instanceof NoServer) say(problem, strings.unreachable)
      else throw error
    } finally {
      button.disabled = false
    }
  }
}
