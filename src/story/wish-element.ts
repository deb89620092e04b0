import { wish as strings } from '../strings/wish.ts'
import { drawScene } from './picture.ts'
import { crash, MOST, makeWish, power, sceneOf, turnLoop, type Wish, want } from './wish.ts'

/** How long one turn of the loop takes here, in milliseconds: slow enough to be seen. */
const TURN = 900

/** A wish that can be poked at. */
class WishElement extends HTMLElement {
  #wish: Wish | undefined
  #timer: ReturnType<typeof setTimeout> | undefined

  connectedCallback(): void {
    const nodes = [...this.querySelectorAll<HTMLElement>('[data-power]')].map(({ dataset }) => dataset.power ?? '')
    this.#wish = makeWish(Number(this.dataset.wanted), nodes)
    this.addEventListener('click', ({ target }) => this.#poke(target as Element))
  }

  disconnectedCallback(): void {
    clearTimeout(this.#timer)
  }

  #poke(target: Element): void {
    const wish = this.#wish
    if (wish === undefined) return
    const button = target.closest<HTMLElement>('button')
    const copy = target.closest('li[data-state]')
    const { more, power: node } = button?.dataset ?? {}
    if (more !== undefined) this.#wish = want(wish, wish.wanted + Number(more))
    else if (node !== undefined) this.#wish = power(wish, node)
    else if (button !== null) this.#wish = crash(wish)
    else if (copy !== null) this.#wish = crash(wish, Number(copy.textContent?.match(/\d+/)?.[0]))
    else return
    this.#draw()
    clearTimeout(this.#timer)
    this.#timer = setTimeout(() => this.#turn(), TURN)
  }

  #turn(): void {
    if (this.#wish === undefined) return
    const { wish, turn } = turnLoop(this.#wish)
    this.#wish = wish
    this.#draw()
    const said = this.querySelector('[data-said]')
    if (said !== null) said.textContent = strings.turns[turn]
    if (turn !== 'nothing' && turn !== 'full') this.#timer = setTimeout(() => this.#turn(), TURN)
  }

  #draw(): void {
    const wish = this.#wish
    if (wish === undefined) return
    drawScene(this, sceneOf(wish), (gauge, value) => (gauge === 'wanted' ? strings.wanted(value) : String(value)))
    for (const button of this.querySelectorAll<HTMLButtonElement>('[data-power]')) {
      const name = button.dataset.power ?? ''
      button.textContent = strings.power(name, wish.nodes[name] === true)
    }
    for (const button of this.querySelectorAll<HTMLButtonElement>('[data-more]')) {
      const end = button.dataset.more === '1' ? MOST : 0
      // Not disabled: that would take the focus away from whoever just pressed it.
      button.setAttribute('aria-disabled', String(wish.wanted === end))
    }
  }
}

customElements.define('quay-wish', WishElement)
