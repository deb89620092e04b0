import { story as strings } from '../strings/story.ts'

/** A story in a page. What it needs is fetched with the reader's first press. */
class Story extends HTMLElement {
  #open: Promise<(button: HTMLButtonElement) => void> | undefined

  connectedCallback(): void {
    this.addEventListener('click', (event) => {
      const button = (event.target as Element).closest('button')
      if (button !== null) this.#press(button)
    })
  }

  async #press(button: HTMLButtonElement): Promise<void> {
    this.#open ??= import('./player.ts').then(({ openStory }) => openStory(this))
    try {
      ;(await this.#open)(button)
    } catch {
      this.#open = undefined
      const log = this.querySelector('[data-log]')
      if (log !== null) log.textContent = strings.loadFailed
    }
  }
}

customElements.define('quay-story', Story)
