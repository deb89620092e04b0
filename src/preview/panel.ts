/** The pages of a Service in a frame beside the terminal, which have an origin of their own. */
import type { PreviewRequest, PreviewView, ServiceView } from '../../protocol/preview.ts'
import { create, say } from '../lab/elements.ts'
import { loadStylesheet } from '../lab/stylesheet.ts'
import type { ViewPanel } from '../lab/views.ts'
import { preview as strings } from '../strings/preview.ts'
import stylesheet from './panel.css?url&no-inline'
import { inPath } from './path.ts'

export interface PreviewHost {
  /** Undefined after saying why there is no answer. */
  services(): Promise<ServiceView[] | undefined>
  open(request: PreviewRequest): Promise<PreviewView | undefined>
  notice(text: string): void
}

/**
 * All that a page may do in the frame. Not: to lead the whole window elsewhere.
 * `allow-same-origin` gives it its own origin back, which is another than ours.
 */
const SANDBOX = 'allow-scripts allow-forms allow-same-origin allow-popups allow-modals allow-downloads'

interface Shown {
  target: Omit<PreviewRequest, 'path'>
  origin: string
}

export class PreviewPanel implements ViewPanel {
  readonly #host: PreviewHost
  readonly #select = create('select', { 'aria-label': strings.service })
  readonly #path = create('input', { type: 'text', value: '/', spellcheck: 'false', autocapitalize: 'off' })
  readonly #show = create('button', { class: 'quay-button', 'data-small': '' }, strings.show)
  readonly #window = button(strings.window, { title: strings.windowHint })
  readonly #reload = create('button', { class: 'quay-button', 'data-small': '' }, strings.reload)
  readonly #empty = create('div', { class: 'preview-empty' })
  readonly #text = create('p')
  readonly #place = create('div', { class: 'preview-frame' })
  readonly #told = create('p', { class: 'sr-only', role: 'status' })
  #shown: Shown | undefined
  #over = false

  static async create(root: HTMLElement, host: PreviewHost): Promise<PreviewPanel> {
    await loadStylesheet(stylesheet)
    return new PreviewPanel(root, host)
  }

  private constructor(root: HTMLElement, host: PreviewHost) {
    this.#host = host
    const choice = create('form', { class: 'preview-bar' })
    choice.append(this.#select, this.#show)
    const address = create('form', { class: 'preview-bar preview-address' })
    const label = create('label', {}, strings.path)
    label.append(this.#path)
    address.append(label, this.#reload, this.#window)
    const again = button(strings.look)
    this.#empty.append(this.#text, again)
    this.#place.append(this.#empty)
    root.replaceChildren(choice, address, this.#told, this.#place)
    say(this.#text, strings.looking)

    choice.addEventListener('submit', (event) => {
      event.preventDefault()
      void this.#open()
    })
    address.addEventListener('submit', (event) => {
      event.preventDefault()
      this.#go()
    })
    this.#window.addEventListener('click', () => void this.#openWindow())
    again.addEventListener('click', () => void this.#look())
    this.#drawButtons()
  }

  shown(shown: boolean): void {
    if (shown) void this.#look()
  }

  dispose(): void {
    this.#over = true
    this.#place.replaceChildren()
  }

  /** Brings the list up to date; the choice stays. */
  async #look(): Promise<void> {
    const services = await this.#host.services()
    if (services === undefined || this.#over) return
    const chosen = this.#select.value
    const options = services.flatMap(({ namespace, name, ports, ready }) =>
      ports.map(({ port, name: portName }) => {
        const value = JSON.stringify({ namespace, service: name, port })
        return create('option', { value }, strings.option(name, namespace, strings.port(port, portName), ready))
      }),
    )
    const first = create('option', { value: '' }, strings.choose)
    this.#select.replaceChildren(...(options.length === 1 ? [] : [first]), ...options)
    if (options.some(({ value }) => value === chosen)) this.#select.value = chosen
    say(this.#text, options.length === 0 ? strings.none : strings.hint)
    this.#drawButtons()
  }

  get #target(): Shown['target'] | undefined {
    return this.#select.value === '' ? undefined : (JSON.parse(this.#select.value) as Shown['target'])
  }

  async #open(): Promise<void> {
    const target = this.#target
    if (target === undefined) {
      this.#select.focus()
      return
    }
    const opened = await this.#host.open({ ...target, path: inPath(this.#path.value) })
    if (opened === undefined || this.#over) return
    this.#shown = { target, origin: opened.origin }
    this.#path.value = inPath(this.#path.value)
    const frame = create('iframe', {
      sandbox: SANDBOX,
      referrerpolicy: 'no-referrer',
      title: strings.frame(target.service),
      src: opened.url,
    })
    this.#place.replaceChildren(frame)
    this.#drawButtons()
    say(this.#told, strings.shown(target.service))
  }

  /** To the path of the address bar, also if that is where it is: what the page itself has gone to we are not told. */
  #go(): void {
    const frame = this.#place.querySelector('iframe')
    if (this.#shown === undefined || frame === null) return
    this.#path.value = inPath(this.#path.value)
    frame.src = this.#shown.origin + this.#path.value
  }

  /** With an address of its own: a window's cookies are not those of a frame in our page. */
  async #openWindow(): Promise<void> {
    if (this.#shown === undefined) return
    // At once, as long as the browser knows that it was pressed for.
    const opened = window.open('', '_blank')
    if (opened === null) {
      this.#host.notice(strings.blocked)
      return
    }
    opened.opener = null
    const preview = await this.#host.open({ ...this.#shown.target, path: inPath(this.#path.value) })
    if (preview === undefined) opened.close()
    else opened.location.href = preview.url
  }

  #drawButtons(): void {
    this.#show.disabled = this.#select.options.length === 0
    for (const one of [this.#reload, this.#window]) one.disabled = this.#shown === undefined
  }
}

const button = (text: string, attributes: Record<string, string> = {}) =>
  create('button', { type: 'button', class: 'quay-button', 'data-small': '', ...attributes }, text)
