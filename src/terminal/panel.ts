/** The shells of a session as tabs, and the tools beneath them. */
import stylesheet from '@xterm/xterm/css/xterm.css?url&no-inline'
import type { ShellView } from '../../protocol/session.ts'
import type { Question } from '../lab/dialog.ts'
import { create, need, say } from '../lab/elements.ts'
import { loadStylesheet } from '../lab/stylesheet.ts'
import { session as sessionStrings } from '../strings/session.ts'
import { terminal as strings } from '../strings/terminal.ts'
import { keyFor } from './extra-keys.ts'
import { type LinkState, TerminalLink } from './link.ts'
import { clampFont, withControl } from './policy.ts'
import { loadSettings, saveSettings } from './settings.ts'
import { XtermScreen } from './xterm-screen.ts'

export interface PanelHost {
  connect(shell: number): WebSocket
  openShell(size: { cols: number; rows: number }): Promise<ShellView | undefined>
  closeShell(shell: number): Promise<unknown>
  /** The server refused a terminal: the session may be over. */
  refused(): void
  notice(text: string): void
  ask(question: Question): Promise<boolean>
  /** A program wrote something for the page. */
  page(message: string): void
}

interface Tab {
  id: number
  button: HTMLButtonElement
  element: HTMLElement
  state: HTMLElement
  screen?: XtermScreen
  link?: TerminalLink
  over: boolean
}

export class TerminalPanel {
  private readonly root: HTMLElement
  private readonly host: PanelHost
  private readonly tabs = new Map<number, Tab>()
  private readonly settings = loadSettings()
  private readonly stop = new AbortController()
  private readonly styled: Promise<void>
  private selected: number | undefined
  private control = false

  constructor(root: HTMLElement, host: PanelHost) {
    this.root = root
    this.host = host
    // Measuring text before its style is there would give the shell a wrong size.
    this.styled = loadStylesheet(stylesheet)
    this.startTools()
  }

  /** Brings the tabs in line with the session's shells. */
  update(shells: ShellView[]): void {
    if (this.stop.signal.aborted) return
    const known = new Set(shells.map((shell) => shell.id))
    for (const tab of [...this.tabs.values()]) if (!known.has(tab.id)) this.remove(tab)
    for (const shell of shells) if (!this.tabs.has(shell.id)) this.add(shell.id)
    need(this.root, '[data-close-shell]').hidden = this.tabs.size < 2
    const fallback = [...this.tabs.keys()].at(-1)
    if ((this.selected === undefined || !this.tabs.has(this.selected)) && fallback !== undefined)
      this.select(shells.find((shell) => shell.state === 'running')?.id ?? fallback)
  }

  /** Types a command of the page into the shell that is shown. */
  run(command: string): void {
    const tab = this.current()
    if (tab?.screen === undefined || tab.over) {
      this.host.notice(strings.notOpen)
      return
    }
    tab.screen.run(command)
    this.host.notice(strings.sent)
  }

  focus(): void {
    this.current()?.screen?.terminal.focus()
  }

  dispose(): void {
    this.stop.abort()
    for (const tab of [...this.tabs.values()]) this.remove(tab)
  }

  private current(): Tab | undefined {
    return this.selected === undefined ? undefined : this.tabs.get(this.selected)
  }

  // ---- tabs ----

  private add(id: number): void {
    const button = create(
      'button',
      { type: 'button', role: 'tab', id: `shell-tab-${id}`, 'aria-controls': `shell-${id}`, 'data-shell': String(id) },
      strings.shell(id),
    )
    const element = create('div', {
      class: 'lab-screen',
      role: 'tabpanel',
      id: `shell-${id}`,
      'aria-labelledby': `shell-tab-${id}`,
      'data-shell-panel': String(id),
    })
    const state = create('p', { class: 'lab-screen-state', role: 'status', 'data-shell-state': '' })
    element.append(state)
    const tab: Tab = { id, button, element, state, over: false }
    button.addEventListener('click', () => this.select(id))
    button.addEventListener('keydown', (event) => this.moveAlong(event, tab))
    this.tabs.set(id, tab)
    need(this.root, '[data-tablist]').append(button)
    need(this.root, '[data-screens]').append(element)
    this.markSelected()
  }

  private remove(tab: Tab): void {
    tab.link?.dispose()
    tab.screen?.dispose()
    tab.button.remove()
    tab.element.remove()
    this.tabs.delete(tab.id)
  }

  private markSelected(): void {
    for (const tab of this.tabs.values()) {
      const selected = tab.id === this.selected
      tab.button.setAttribute('aria-selected', String(selected))
      tab.button.tabIndex = selected ? 0 : -1
      tab.element.hidden = !selected
    }
  }

  private select(id: number): void {
    const tab = this.tabs.get(id)
    if (tab === undefined) return
    this.selected = id
    this.markSelected()
    // Only what was looked at is connected: a shell nobody looks at costs nobody anything.
    if (tab.screen === undefined) void this.styled.then(() => this.open(tab))
  }

  private moveAlong(event: KeyboardEvent, tab: Tab): void {
    const ids = [...this.tabs.keys()]
    const at = ids.indexOf(tab.id)
    const to = {
      ArrowLeft: ids.at(at - 1),
      ArrowRight: ids[(at + 1) % ids.length],
      Home: ids[0],
      End: ids.at(-1),
    }[event.key]
    if (to !== undefined) {
      event.preventDefault()
      this.select(to)
      this.tabs.get(to)?.button.focus()
    } else if (event.key === 'Delete' && this.tabs.size > 1) void this.close(tab)
  }

  private async close(tab: Tab): Promise<void> {
    if (!tab.over && !(await this.host.ask(sessionStrings.ask.closeShell))) return
    await this.host.closeShell(tab.id)
    this.current()?.button.focus()
  }

  private async openShell(): Promise<void> {
    const size = this.current()?.screen?.size ?? { cols: 80, rows: 24 }
    const shell = await this.host.openShell(size)
    if (shell === undefined || this.stop.signal.aborted) return
    if (!this.tabs.has(shell.id)) this.add(shell.id)
    this.select(shell.id)
    need(this.root, '[data-close-shell]').hidden = this.tabs.size < 2
    this.tabs.get(shell.id)?.screen?.terminal.focus()
  }

  // ---- one shell ----

  private open(tab: Tab): void {
    if (tab.screen !== undefined || !this.tabs.has(tab.id)) return
    const parent = create('div', { class: 'lab-screen-xterm' })
    tab.element.append(parent)
    const screen = new XtermScreen(parent, strings.label(tab.id), this.settings, {
      input: (data) => tab.link?.send(this.controlled(data)),
      resized: (cols, rows) => tab.link?.resize(cols, rows),
      follow: (address) => void this.follow(address),
      leave: () => tab.button.focus(),
      copy: () => void this.copy(),
      page: (message) => this.host.page(message),
    })
    tab.screen = screen
    this.root.style.setProperty('--lab-screen', screen.terminal.options.theme?.background ?? '')
    tab.link = new TerminalLink(() => this.host.connect(tab.id), screen, {
      state: (state) => this.drawState(tab, state),
      notice: (notice) => this.host.notice(strings[notice]),
    })
  }

  private drawState(tab: Tab, link: LinkState): void {
    tab.element.dataset.link = link.state
    switch (link.state) {
      case 'connecting':
        say(tab.state, strings.connecting)
        break
      case 'open':
        say(tab.state, '')
        break
      case 'waiting':
        say(tab.state, link.full ? strings.full : strings.reconnecting)
        break
      case 'refused':
        tab.over = true
        say(tab.state, strings.refused)
        this.host.refused()
        break
      case 'exited': {
        tab.over = true
        say(tab.state, strings.exited(link.code))
        const again = create('button', { type: 'button', class: 'quay-button', 'data-small': '' }, strings.anotherShell)
        again.addEventListener('click', () => void this.openShell())
        tab.state.append(' ', again)
      }
    }
  }

  private async follow(address: string): Promise<void> {
    const { title, text, confirm } = sessionStrings.ask.link
    if (await this.host.ask({ title, text: text(address), confirm })) open(address, '_blank', 'noopener,noreferrer')
  }

  // ---- tools ----

  private startTools(): void {
    const { signal } = this.stop
    const on = (selector: string, act: () => void) =>
      need(this.root, selector).addEventListener('click', act, { signal })
    on('[data-new-shell]', () => void this.openShell())
    on('[data-close-shell]', () => {
      const tab = this.current()
      if (tab !== undefined) void this.close(tab)
    })
    on('[data-smaller]', () => this.resizeText(-1))
    on('[data-larger]', () => this.resizeText(1))
    on('[data-copy-selection]', () => void this.copy())
    on('[data-paste]', () => void this.paste())
    on('[data-screen-reader]', () => {
      this.settings.screenReader = !this.settings.screenReader
      this.applySettings()
      this.host.notice(this.settings.screenReader ? strings.screenReaderOn : strings.screenReaderOff)
    })
    for (const button of this.root.querySelectorAll<HTMLElement>('[data-key]')) {
      // The keyboard of a phone stays open only while the terminal keeps the focus.
      button.addEventListener('pointerdown', (event) => event.preventDefault(), { signal })
      button.addEventListener('click', () => this.press(button.dataset.key ?? ''), { signal })
    }
    this.applySettings()
  }

  private resizeText(by: number): void {
    this.settings.fontSize = clampFont(this.settings.fontSize + by)
    this.applySettings()
    this.host.notice(strings.fontSize(this.settings.fontSize))
  }

  private applySettings(): void {
    need(this.root, '[data-screen-reader]').setAttribute('aria-pressed', String(this.settings.screenReader))
    for (const tab of this.tabs.values()) tab.screen?.apply(this.settings)
    saveSettings(this.settings)
  }

  private async copy(): Promise<void> {
    const terminal = this.current()?.screen?.terminal
    const text = terminal?.getSelection()
    if (!text) {
      this.host.notice(strings.nothingSelected)
      return
    }
    try {
      await navigator.clipboard.writeText(text)
      terminal?.clearSelection()
      this.host.notice(strings.copied)
    } catch {
      this.host.notice(strings.copyFailed)
    }
  }

  private async paste(): Promise<void> {
    const terminal = this.current()?.screen?.terminal
    try {
      const text = await navigator.clipboard.readText()
      terminal?.paste(text)
      terminal?.focus()
    } catch {
      this.host.notice(strings.pasteFailed)
    }
  }

  private press(key: string): void {
    const terminal = this.current()?.screen?.terminal
    if (terminal === undefined) return
    if (key === 'control') this.holdControl(!this.control)
    else terminal.input(keyFor(key, terminal.modes.applicationCursorKeysMode))
    terminal.focus()
  }

  private holdControl(held: boolean): void {
    this.control = held
    need(this.root, '[data-key="control"]').setAttribute('aria-pressed', String(held))
  }

  private controlled(data: Uint8Array): Uint8Array {
    if (!this.control) return data
    const text = withControl(new TextDecoder().decode(data))
    this.holdControl(false)
    return text === undefined ? data : new TextEncoder().encode(text)
  }
}
