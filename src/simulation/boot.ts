/** The little that a page loads of a simulation at once: the rest comes with the first press, or when it is scrolled to. */
import type { Player } from './player.ts'

/** Motion is allowed: the reader has not asked for less of it. */
const moving = () => !matchMedia('(prefers-reduced-motion: reduce)').matches

class QuaySimulation extends HTMLElement {
  private player: Promise<Player> | undefined

  connectedCallback(): void {
    this.addEventListener('click', (event) => {
      const button = event.target instanceof Element ? event.target.closest<HTMLElement>('[data-do]') : null
      if (button !== null) void this.load().then((player) => player.act(button))
    })
    this.addEventListener('change', (event) => {
      if (event.target instanceof HTMLElement)
        void this.load().then((player) => player.change(event.target as HTMLElement))
    })
    this.querySelector('details')?.addEventListener('toggle', () => void this.load().then((player) => player.draw()))
    // It begins by itself once half of it is seen, and stands still while it is out of sight.
    new IntersectionObserver(
      ([entry]) => {
        const seen = entry?.isIntersecting === true
        if (this.player !== undefined) void this.player.then((player) => player.seen(seen))
        else if (seen && moving()) void this.load().then((player) => player.begin())
      },
      { threshold: 0.5 },
    ).observe(this)
  }

  private load(): Promise<Player> {
    this.player ??= import('./player.ts').then(({ Player }) => new Player(this))
    return this.player
  }
}

customElements.define('quay-simulation', QuaySimulation)
