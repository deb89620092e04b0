/** One xterm.js terminal: what it draws, which keys it leaves to the page, what it never answers. */
import { FitAddon } from '@xterm/addon-fit'
import { WebLinksAddon } from '@xterm/addon-web-links'
import { Terminal } from '@xterm/xterm'
import { PAGE_OSC } from '../../protocol/terminal.ts'
import { terminal as strings } from '../strings/terminal.ts'
import type { Screen } from './link.ts'
import { commandInput, isWebAddress, keyMeaning } from './policy.ts'
import type { TerminalSettings } from './settings.ts'
import { currentTheme, watchTheme } from './themes.ts'

export interface ScreenEvents {
  input(data: Uint8Array): void
  resized(cols: number, rows: number): void
  /** The reader followed a link that a program wrote. */
  follow(address: string): void
  /** Shift+Tab: the focus is to go back to the page. */
  leave(): void
  copy(): void
  /** What a program wrote for the page, as protocol/terminal.ts has it. */
  page(message: string): void
}

const encoder = new TextEncoder()

export class XtermScreen implements Screen {
  readonly terminal: Terminal
  private readonly fit = new FitAddon()
  private readonly over = new AbortController()
  private replaying = false
  /** Its size is that of somebody else's terminal, whatever room there is here. */
  private fixed = false

  constructor(parent: HTMLElement, label: string, settings: TerminalSettings, events: ScreenEvents) {
    this.terminal = new Terminal({
      theme: currentTheme(),
      fontSize: settings.fontSize,
      fontFamily: getComputedStyle(parent).getPropertyValue('--sl-font-system-mono') || 'monospace',
      minimumContrastRatio: 4.5,
      screenReaderMode: settings.screenReader,
      scrollback: 5000,
      cursorBlink: !matchMedia('(prefers-reduced-motion: reduce)').matches,
      linkHandler: { activate: (_, address) => isWebAddress(address) && events.follow(address) },
    })
    this.terminal.loadAddon(this.fit)
    this.terminal.loadAddon(new WebLinksAddon((_, address) => isWebAddress(address) && events.follow(address)))
    this.refuseAnswers()
    this.terminal.parser.registerOscHandler(PAGE_OSC, (message) => {
      if (!this.replaying) events.page(message)
      return true
    })
    this.terminal.open(parent)
    this.terminal.textarea?.setAttribute('aria-label', label)
    this.terminal.textarea?.setAttribute('aria-describedby', 'lab-leave')

    this.terminal.onData((data) => events.input(encoder.encode(data)))
    this.terminal.onBinary((data) => events.input(Uint8Array.from(data, (character) => character.charCodeAt(0))))
    this.terminal.onResize(({ cols, rows }) => events.resized(cols, rows))
    this.terminal.attachCustomKeyEventHandler((event) => this.handleKey(event, events))

    const { signal } = this.over
    watchTheme((theme) => {
      this.terminal.options.theme = theme
    }, signal)
    const observer = new ResizeObserver(() => this.refit())
    observer.observe(parent)
    signal.addEventListener('abort', () => observer.disconnect())
    this.refit()
  }

  get size() {
    return { cols: this.terminal.cols, rows: this.terminal.rows }
  }

  write(data: Uint8Array, replayed: boolean, drawn: () => void): void {
    // Writes are parsed in their order, and the callback of an empty one comes just before what follows it.
    this.terminal.write('', () => {
      this.replaying = replayed
    })
    this.terminal.write(data, () => {
      this.replaying = false
      drawn()
    })
  }

  reset(): void {
    this.terminal.reset()
  }

  gap(): void {
    this.terminal.write(`\r\n\x1b[2m[${strings.lostOutput}]\x1b[0m\r\n`)
  }

  sized({ cols, rows }: { cols: number; rows: number }): void {
    this.fixed = true
    this.terminal.resize(cols, rows)
  }

  /** Types a command of the page and presses Enter. */
  run(command: string): void {
    this.terminal.input(commandInput(command, this.terminal.modes.bracketedPasteMode))
    this.terminal.scrollToBottom()
  }

  apply(settings: TerminalSettings): void {
    this.terminal.options.fontSize = settings.fontSize
    this.terminal.options.screenReaderMode = settings.screenReader
    this.refit()
  }

  dispose(): void {
    this.over.abort()
    this.terminal.dispose()
  }

  private refit(): void {
    if (this.fixed) return
    // A pane that is not shown has no size; fitting to it would make the shell one column wide.
    const parent = this.terminal.element?.parentElement
    if (parent && parent.clientWidth > 0 && parent.clientHeight > 0) this.fit.fit()
  }

  private handleKey(event: KeyboardEvent, events: ScreenEvents): boolean {
    const meaning = keyMeaning(event, this.terminal.hasSelection())
    if (meaning === 'shell') return true
    if (event.type !== 'keydown') return false
    if (meaning === 'leave') {
      event.preventDefault()
      events.leave()
    } else if (meaning === 'copy') {
      event.preventDefault()
      events.copy()
    }
    // Paste is left to the browser: it hands the text to xterm.js, which marks it as a paste.
    return false
  }

  /**
   * Programs ask the terminal things (what are you? where is the cursor? which colours?) and read the answer as input. In a
   * replay nobody waits for it any more: it would be typed into the shell.
   */
  private refuseAnswers(): void {
    const { parser } = this.terminal
    const swallow = () => this.replaying
    for (const id of [
      { final: 'c' },
      { prefix: '>', final: 'c' },
      { prefix: '=', final: 'c' },
      { final: 'n' },
      { prefix: '?', final: 'n' },
      { intermediates: '$', final: 'p' },
      { prefix: '?', intermediates: '$', final: 'p' },
      { prefix: '>', final: 'q' },
      { final: 't' },
      { final: 'x' },
    ])
      parser.registerCsiHandler(id, swallow)
    parser.registerDcsHandler({ intermediates: '$', final: 'q' }, swallow)
    const isQuery = (data: string) => this.replaying && data.includes('?')
    for (const id of [4, 10, 11, 12]) parser.registerOscHandler(id, isQuery)
    // A program may not write to the reader's clipboard, nor read it.
    parser.registerOscHandler(52, () => true)
  }
}
