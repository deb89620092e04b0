/** A walk in a page: one step at a time, the picture beside it. Without scripts all steps stand below each other. */

/** How long a step is shown before the next comes by itself, in milliseconds: time to read three lines. */
const PACE = 6000
/** How long what is sent takes from one box to the next, in milliseconds. */
const LEG = 600

class QuayWalk extends HTMLElement {
  #now = 0
  #timer: ReturnType<typeof setTimeout> | undefined
  #flight: Animation | undefined

  connectedCallback(): void {
    this.addEventListener('click', (event) => {
      const button = (event.target as Element).closest<HTMLElement>('[data-walk]')
      if (button !== null) this.#press(button.dataset.walk ?? '')
    })
    addEventListener('resize', () => this.#drawWay(false))
    this.#show(0, false)
  }

  get #steps(): HTMLElement[] {
    return [...this.querySelectorAll<HTMLElement>('[data-way]')]
  }

  #press(what: string): void {
    const going = this.#timer !== undefined
    this.#stop()
    if (what === 'again') this.#show(0, true)
    else if (what === 'back') this.#show(this.#now - 1, true)
    else if (what === 'next') this.#show(this.#now + 1, true)
    else if (!going) this.#play(this.#now === this.#steps.length - 1 ? 0 : this.#now + 1)
  }

  #play(step: number): void {
    this.#show(step, true)
    const last = this.#now === this.#steps.length - 1
    this.#timer = last ? undefined : setTimeout(() => this.#play(this.#now + 1), PACE)
    this.#name(last ? 'play' : 'pause')
  }

  #stop(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
    this.#name('play')
  }

  #name(what: 'play' | 'pause'): void {
    const button = this.querySelector<HTMLElement>('[data-walk="play"]')
    if (button !== null) button.textContent = button.dataset[what] ?? ''
  }

  #show(step: number, told: boolean): void {
    const steps = this.#steps
    this.#now = Math.min(Math.max(step, 0), steps.length - 1)
    steps.forEach((each, at) => {
      each.toggleAttribute('data-now', at === this.#now)
    })
    const number = this.#now + 1
    for (const each of this.querySelectorAll<HTMLElement>('[data-first]'))
      each.hidden = number < Number(each.dataset.first) || number > Number(each.dataset.last ?? steps.length)
    const count = this.querySelector('[data-count]')
    if (count !== null) count.textContent = steps[this.#now]?.dataset.count ?? ''
    // A disabled button would drop the focus: at either end the buttons stay, and say that they do nothing.
    for (const [name, end] of Object.entries({ back: 0, again: 0, next: steps.length - 1 }))
      this.querySelector(`[data-walk="${name}"]`)?.setAttribute('aria-disabled', String(this.#now === end))
    const status = this.querySelector('[role="status"]')
    if (told && status !== null)
      status.textContent = steps[this.#now]?.textContent?.replaceAll(/\s+/g, ' ').trim() ?? ''
    this.#drawWay(told)
  }

  #drawWay(moving: boolean): void {
    const way = (this.#steps[this.#now]?.dataset.way ?? '').split(' ')
    const boxes = way.flatMap((name) => this.querySelector<HTMLElement>(`[data-box="${name}"]`) ?? [])
    for (const box of this.querySelectorAll('[data-box]')) box.removeAttribute('data-at')
    boxes.forEach((box, at) => {
      box.dataset.at = at === 0 ? 'from' : 'to'
    })
    const picture = this.querySelector('.walk-picture')?.getBoundingClientRect()
    const line = this.querySelector('polyline')
    const packet = this.querySelector<HTMLElement>('.walk-packet')
    if (picture === undefined || line === null || packet === null) return
    const points = boxes.map((box) => {
      const { left, top, width, height } = box.getBoundingClientRect()
      return { x: left - picture.left + width / 2, y: top - picture.top + height / 2 }
    })
    line.setAttribute('points', points.map(({ x, y }) => `${x},${y}`).join(' '))
    this.#flight?.cancel()
    if (!moving || points.length < 2 || matchMedia('(prefers-reduced-motion: reduce)').matches) return
    this.#flight = packet.animate(
      points.map(({ x, y }) => ({ transform: `translate(${x}px, ${y}px)`, opacity: 1 })),
      { duration: LEG * (points.length - 1), easing: 'ease-in-out', delay: 150 },
    )
  }
}

customElements.define('quay-walk', QuayWalk)
