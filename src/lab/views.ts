/** The views of the work area, one at a time: terminal, files, preview. All but the terminal are loaded when they are first asked for. */
import { views as strings } from '../strings/views.ts'
import { need, say } from './elements.ts'
import { showPane } from './layout.ts'

export type ViewName = 'terminal' | 'files' | 'preview'

/** What is drawn in a view, while there is a session. */
export interface ViewPanel {
  /** Its view comes to the front, or goes. */
  shown(shown: boolean): void
  dispose(): void
}

/** Makes a view's panel in its place in the page. */
export type Loaders = Partial<Record<ViewName, (root: HTMLElement) => Promise<ViewPanel>>>

export class Views {
  readonly #lab: HTMLElement
  readonly #load: Loaders
  readonly #panels = new Map<ViewName, Promise<ViewPanel>>()
  readonly #over = new AbortController()
  #front: ViewName = 'terminal'

  constructor(lab: HTMLElement, load: Loaders) {
    this.#lab = lab
    this.#load = load
    const tabs = this.#tabs
    for (const [at, tab] of tabs.entries()) {
      tab.addEventListener('click', () => void this.show(nameOf(tab)), { signal: this.#over.signal })
      tab.addEventListener(
        'keydown',
        (event) => {
          const to = {
            ArrowLeft: tabs.at(at - 1),
            ArrowRight: tabs[(at + 1) % tabs.length],
            Home: tabs[0],
            End: tabs.at(-1),
          }[event.key]
          if (to === undefined) return
          event.preventDefault()
          to.focus()
          void this.show(nameOf(to))
        },
        { signal: this.#over.signal },
      )
    }
    this.#mark()
  }

  get front(): ViewName {
    return this.#front
  }

  /** Brings a view to the front; resolves when it is drawn, or could not be. */
  async show(name: ViewName): Promise<void> {
    if (this.#over.signal.aborted) return
    const before = this.#front
    this.#front = name
    this.#mark()
    if (before !== name) void this.#panels.get(before)?.then((panel) => panel.shown(false))
    const panel = await this.#panel(name)
    if (!this.#over.signal.aborted && this.#front === name) panel?.shown(true)
  }

  /** The same, on a phone from the text too. */
  bring(name: ViewName): Promise<void> {
    showPane(this.#lab, 'terminal')
    return this.show(name)
  }

  dispose(): void {
    this.#over.abort()
    for (const panel of this.#panels.values())
      void panel.then(
        (loaded) => loaded.dispose(),
        () => {},
      )
    for (const name of this.#panels.keys()) this.#root(name).replaceChildren()
    this.#panels.clear()
    this.#front = 'terminal'
    this.#mark()
  }

  get #tabs(): HTMLButtonElement[] {
    return [...this.#lab.querySelectorAll<HTMLButtonElement>('[data-view-tab]')]
  }

  #root(name: ViewName): HTMLElement {
    return need(this.#lab, `[data-view="${name}"]`)
  }

  async #panel(name: ViewName): Promise<ViewPanel | undefined> {
    const load = this.#load[name]
    if (load === undefined) return undefined
    const root = this.#root(name)
    let panel = this.#panels.get(name)
    if (panel === undefined) {
      say(root, strings.loading)
      panel = load(root)
      this.#panels.set(name, panel)
    }
    try {
      return await panel
    } catch {
      this.#panels.delete(name)
      say(root, strings.failed)
      return undefined
    }
  }

  #mark(): void {
    for (const tab of this.#tabs) {
      const front = nameOf(tab) === this.#front
      tab.setAttribute('aria-selected', String(front))
      tab.tabIndex = front ? 0 : -1
      this.#root(nameOf(tab)).hidden = !front
    }
  }
}

const nameOf = (tab: HTMLElement) => tab.dataset.viewTab as ViewName
