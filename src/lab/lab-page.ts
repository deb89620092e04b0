/** The part of a lab page that is loaded at once. Everything that needs a session is fetched when there is one. */
import type { ProviderView, ServerStatus, SessionView } from '../../protocol/session.ts'
import { watchProgress } from '../progress/storage.ts'
import { start as strings } from '../strings/start.ts'
import { api, NoServer, Refusal } from './api.ts'
import { need, say } from './elements.ts'
import { startLayout } from './layout.ts'
import { clock } from './time.ts'

/** What the work area shows. */
export type Phase = 'checking' | 'absent' | 'idle' | 'starting' | 'preparing' | 'ready' | 'ended'

const panelOf: Record<Phase, string> = {
  checking: 'start',
  absent: 'start',
  idle: 'start',
  starting: 'start',
  preparing: 'boot',
  ready: 'live',
  ended: 'ended',
}

export class QuayLab extends HTMLElement {
  #providers: readonly ProviderView[] = []

  get lab(): string {
    return this.dataset.lab ?? ''
  }

  get phase(): Phase {
    return (this.dataset.phase ?? 'checking') as Phase
  }

  set phase(phase: Phase) {
    this.dataset.phase = phase
    for (const panel of this.querySelectorAll<HTMLElement>('[data-panel]'))
      panel.hidden = panel.dataset.panel !== panelOf[phase]
    for (const button of this.startButtons)
      button.disabled = (phase !== 'idle' && phase !== 'ended') || 'full' in button.dataset
    need(this, '[data-host-link]').hidden = phase !== 'absent'
  }

  private get startButtons() {
    return this.querySelectorAll<HTMLButtonElement>('[data-start]')
  }

  private say(text: string, bad = false): void {
    // Also where "start again" stands: the message belongs to the button that was pressed.
    const message = need(this, '[data-start-message]')
    message.toggleAttribute('data-bad', bad)
    say(message, text)
  }

  connectedCallback(): void {
    startLayout(this)
    for (const button of this.startButtons) button.addEventListener('click', () => void this.start(button))
    watchProgress((progress) => {
      const steps = progress.labs[this.lab]?.steps ?? {}
      for (const step of this.querySelectorAll<HTMLElement>('[data-step]')) {
        const how = steps[step.dataset.step ?? '']?.how
        const mark = how === undefined ? '' : ` ${how === 'passed' ? '✓' : '–'}`
        const element = need(step, '[data-step-mark]')
        say(element, mark)
        if (how === undefined) element.removeAttribute('aria-label')
        else {
          element.setAttribute('role', 'img')
          element.setAttribute('aria-label', how === 'passed' ? strings.tick : strings.skipped)
        }
        // While a session runs, the numbers show its steps instead.
        if (this.phase !== 'ready') this.markPip(step.dataset.step ?? '', how)
      }
    })
    void this.look()
    if ('hasSeat' in document.documentElement.dataset)
      void import('../workshop/seat-bar.ts').then(({ showSeatBar }) => showSeatBar(this))
  }

  markPip(step: string, state: string | undefined): void {
    const pip = this.querySelector<HTMLElement>(`[data-pip="${step}"]`)
    if (pip === null) return
    if (state === undefined) delete pip.dataset.state
    else pip.dataset.state = state
  }

  /** Asks the server what it can do, and takes up a session that this reader already has. */
  async look(): Promise<void> {
    try {
      const [status, sessions] = await Promise.all([api.status(), api.sessions()])
      const live = sessions.filter((view) => view.status.state !== 'ended')
      const mine = live.find((view) => view.lab === this.lab)
      this.offer(status)
      if (mine !== undefined) return await this.attach(mine)
      this.phase = 'idle'
      this.say('')
      this.showOther(live[0])
      if (status.unavailable !== undefined) {
        for (const button of this.startButtons) button.disabled = true
        this.say(status.unavailable, true)
      }
    } catch (error) {
      if (error instanceof Refusal) {
        this.phase = 'idle'
        this.say(error.message, true)
        return
      }
      if (!(error instanceof NoServer)) throw error
      this.phase = 'absent'
      this.say(strings.absent)
    }
  }

  /** A button for each kind of cluster that runs here, those with a free place first; and what each is. */
  private offer({ providers }: ServerStatus): void {
    this.#providers = providers
    const here = providers.filter(({ unavailable }) => unavailable === undefined)
    const offered = [...here.filter(({ full }) => !full), ...here.filter(({ full }) => full)]
    const facts = need(this, '[data-provider]')
    facts.hidden = false
    facts.replaceChildren(
      ...(offered.length > 0 ? offered : providers.slice(0, 1)).map(({ title, about, full }) => {
        const line = document.createElement('p')
        say(line, `${strings.provider(title)} ${about}${full ? ` ${strings.full}` : ''}`)
        return line
      }),
    )
    const place = need(this, '[data-starts]')
    const [first, ...others] = place.querySelectorAll<HTMLButtonElement>('[data-start]')
    for (const other of others) other.remove()
    if (first === undefined || offered.length < 2) return
    for (const [at, { name, simulated, startsWithin, full }] of offered.entries()) {
      const button = at === 0 ? first : (first.cloneNode() as HTMLButtonElement)
      if (at > 0) {
        button.removeAttribute('data-primary')
        button.addEventListener('click', () => void this.start(button))
        place.append(' ', button)
      }
      button.dataset.kind = name
      button.toggleAttribute('data-full', full)
      say(button, strings.choice(simulated, startsWithin))
    }
  }

  private async start({ dataset }: HTMLButtonElement): Promise<void> {
    this.phase = 'starting'
    this.say(strings.starting)
    try {
      await this.attach(await api.start(this.lab, dataset.kind))
    } catch (error) {
      this.phase = 'idle'
      if (error instanceof Refusal) {
        // Another kind may have a place.
        if (this.#providers.length > 1) await this.look()
        if (this.phase !== 'idle') return
        this.say(error.message, true)
        const elsewhere = [...this.startButtons].some(
          (button) => button.dataset.kind !== dataset.kind && button.dataset.kind !== undefined && !button.disabled,
        )
        if (error.retryAfter !== undefined && !elsewhere) this.waitToRetry(error.message, error.retryAfter)
      } else if (error instanceof NoServer) this.say(strings.unreachable, true)
      else throw error
      need<HTMLButtonElement>(this, '[data-start]').focus()
    }
  }

  /** Keeps the button shut until the server said that it is worth trying again. */
  private waitToRetry(message: string, seconds: number): void {
    const until = Date.now() + seconds * 1000
    const draw = () => {
      const left = until - Date.now()
      if (left <= 0 || this.phase !== 'idle') {
        clearInterval(timer)
        if (this.phase === 'idle') {
          this.phase = 'idle'
          this.say('')
        }
        return
      }
      for (const button of this.startButtons) button.disabled = true
      this.say(`${message} ${strings.retryIn(clock(left))}`, true)
    }
    const timer = setInterval(draw, 1000)
    draw()
  }

  private showOther(other: SessionView | undefined): void {
    const line = need(this, '[data-other-lab]')
    line.hidden = other === undefined
    if (other === undefined) return
    const pages = JSON.parse(this.dataset.labPages ?? '{}') as Record<string, { href: string; title: string }>
    const page = pages[other.lab]
    say(need(line, 'span'), strings.otherLab)
    const link = need<HTMLAnchorElement>(line, 'a')
    say(link, page?.title ?? other.lab)
    if (page !== undefined) link.href = page.href
    const button = need<HTMLButtonElement>(line, 'button')
    say(button, strings.endOther)
    button.onclick = async () => {
      button.disabled = true
      await api.end(other.id).catch(() => undefined)
      button.disabled = false
      await this.look()
    }
  }

  private async attach(view: SessionView): Promise<void> {
    this.say('')
    const provider = this.#providers.find(({ name }) => name === view.provider)
    const differs = need(this, '[data-simulated]')
    differs.hidden = provider?.simulated !== true
    say(need(differs, 'summary'), strings.differs)
    say(need(differs, 'p'), provider?.about ?? '')
    const { followSession } = await import('./live-session.ts')
    followSession(this, view)
  }
}

customElements.define('quay-lab', QuayLab)
