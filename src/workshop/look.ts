/** A participant's terminal as the host sees it: to look at, and to type in once they allow it. */
import stylesheet from '@xterm/xterm/css/xterm.css?url&no-inline'
import type { BoardRow } from '../../protocol/workshop.ts'
import { create, need, say } from '../lab/elements.ts'
import { loadStylesheet } from '../lab/stylesheet.ts'
import { room as strings } from '../strings/room.ts'
import { type LinkState, TerminalLink } from '../terminal/link.ts'
import { loadSettings } from '../terminal/settings.ts'
import { XtermScreen } from '../terminal/xterm-screen.ts'

export class Look {
  readonly #root: HTMLElement
  readonly #label: string
  readonly #connect: (shell: number) => WebSocket
  readonly #over = new AbortController()
  #shell: number | undefined
  #screen: XtermScreen | undefined
  #link: TerminalLink | undefined
  #mayType = false

  constructor(root: HTMLElement, label: string, connect: (shell: number) => WebSocket) {
    this.#root = root
    this.#label = label
    this.#connect = connect
    // While there is nothing to type, keys are the page's: Escape closes, Tab goes on.
    need(root, '[data-screen]').addEventListener(
      'keydown',
      (event) => {
        if (!this.#mayType) event.stopPropagation()
      },
      { capture: true, signal: this.#over.signal },
    )
  }

  update({ shells, typing }: BoardRow): void {
    this.#mayType = typing === 'allowed'
    const words = { no: strings.look.looking, asked: strings.look.asked, allowed: strings.look.allowed }
    const state = need(this.#root, '[data-typing]')
    if (this.#link !== undefined) say(state, typing === null ? strings.look.connecting : words[typing])
    state.toggleAttribute('data-allowed', this.#mayType)
    need(this.#root, '[data-ask]').hidden = typing !== 'no'
    need(this.#root, '[data-stop]').hidden = typing !== 'asked' && typing !== 'allowed'
    this.#drawShells(shells)
    if (this.#shell === undefined || !shells.includes(this.#shell)) {
      const last = shells.at(-1)
      if (last === undefined) say(state, strings.look.noShell)
      else void this.#show(last)
    }
  }

  dispose(): void {
    this.#over.abort()
    this.#leave()
  }

  #drawShells(shells: readonly number[]): void {
    const place = need(this.#root, '[data-shells]')
    place.hidden = shells.length < 2
    const key = `${shells.join()} ${this.#shell}`
    if (place.dataset.key === key) return
    place.dataset.key = key
    place.replaceChildren(
      ...shells.map((shell) => {
        const button = create(
          'button',
          { type: 'button', class: 'quay-button', 'data-small': '', 'aria-pressed': String(shell === this.#shell) },
          strings.look.shell(shell),
        )
        button.onclick = () => void this.#show(shell)
        return button
      }),
    )
  }

  #leave(): void {
    this.#link?.dispose()
    this.#screen?.dispose()
    this.#link = undefined
    this.#screen = undefined
    need(this.#root, '[data-screen]').replaceChildren()
  }

  async #show(shell: number): Promise<void> {
    this.#leave()
    this.#shell = shell
    // Measuring text before its style is there would give wrong sizes.
    await loadStylesheet(stylesheet)
    if (this.#over.signal.aborted || this.#shell !== shell || this.#link !== undefined) return
    const parent = create('div', { class: 'lab-screen-xterm' })
    need(this.#root, '[data-screen]').append(parent)
    const send = (data: Uint8Array) => {
      if (this.#mayType) this.#link?.send(data)
    }
    this.#screen = new XtermScreen(parent, this.#label, loadSettings(), {
      input: send,
      resized: () => {},
      // What a participant's programs write opens nothing in the host's browser.
      follow: () => {},
      leave: () =>
        need(this.#root, '[data-ask]').closest('dialog')?.querySelector<HTMLElement>('[data-close]')?.focus(),
      copy: () => {},
      page: () => {},
    })
    this.#link = new TerminalLink(() => this.#connect(shell), this.#screen, {
      state: (state) => this.#say(state),
      notice: () => {},
    })
  }

  #say({ state }: LinkState): void {
    const words = {
      connecting: strings.look.connecting,
      open: undefined,
      waiting: strings.look.waiting,
      refused: strings.look.refused,
      exited: strings.look.exited,
    }[state]
    if (words !== undefined) say(need(this.#root, '[data-typing]'), words)
  }
}
