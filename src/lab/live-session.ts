/** One session from its start to its end: follows what the server says of it and does what the reader asks. */
import type { MapEvent } from '../../protocol/map.ts'
import type { JourneyView, RestoredView, SessionView } from '../../protocol/session.ts'
import type { FilesPanel } from '../files/panel.ts'
import { forget, remember, remembered, type Waiting } from '../files/waiting.ts'
import type { ClusterMap } from '../map/cluster-map.ts'
import type { PreviewPanel } from '../preview/panel.ts'
import { session as strings } from '../strings/session.ts'
import type { TerminalPanel } from '../terminal/panel.ts'
import { backoff } from '../terminal/policy.ts'
import { api, NoServer, Refusal } from './api.ts'
import { drawBoot, drawElapsed, numberOf } from './boot.ts'
import { ask, type Question } from './dialog.ts'
import { need, say } from './elements.ts'
import type { QuayLab } from './lab-page.ts'
import { clearSteps, drawSteps } from './steps.ts'
import { clock, timeLeft } from './time.ts'
import { Views } from './views.ts'

/** Milliseconds after which a restart of the server is nothing to tell a reader who opens the page. */
const RESTART_IS_NEWS = 10 * 60_000

export function followSession(lab: QuayLab, first: SessionView): void {
  new LiveSession(lab, first).follow()
}

class LiveSession {
  private readonly lab: QuayLab
  private view: SessionView
  /** The server's clock minus this one, in milliseconds. */
  private ahead = 0
  private events: EventSource | undefined
  private attempt = 0
  private retry: ReturnType<typeof setTimeout> | undefined
  private panel: TerminalPanel | undefined
  private loading = false
  /** Drawn while the reader wants to see it. */
  private map: ClusterMap | undefined
  private readonly views: Views
  private files: FilesPanel | undefined
  /** Where the lab goes at this moment, and since when, by the server's clock. */
  private journey: JourneyView | undefined
  private leftAt = 0
  /** What was last said of a journey that failed. */
  private trouble: string | undefined
  /** When the server was there again after a restart, as far as it was told. */
  private restoredAt: number | undefined
  private readonly over = new AbortController()

  constructor(lab: QuayLab, first: SessionView) {
    this.lab = lab
    this.view = first
    this.views = new Views(lab, {
      files: (root) => this.loadFiles(root),
      preview: (root) => this.loadPreview(root),
    })
  }

  follow(): void {
    const { signal } = this.over
    const on = (selector: string, act: (element: HTMLElement) => Promise<unknown>) => {
      for (const element of this.lab.querySelectorAll<HTMLElement>(selector))
        element.addEventListener('click', () => void this.attempted(act(element)), { signal })
    }
    on('[data-extend]', () => this.extend())
    on('[data-reset]', () => this.confirmed(strings.ask.reset, () => api.reset(this.view.id), strings.resetDone))
    on('[data-end]', () => this.confirmed(strings.ask.end, () => api.end(this.view.id)))
    on('[data-map-button]', () => this.toggleMap())
    on('[data-step-skip]', (button) => this.skip(button))
    on('[data-step-restart]', (button) => this.restart(button))
    on('[data-step-catch-up]', (button) => this.catchUp(button))
    on('[data-run]', async (button) => this.run(button.dataset.run ?? ''))

    const timer = setInterval(() => this.drawTime(), 1000)
    signal.addEventListener('abort', () => clearInterval(timer))
    this.draw(this.view)
    if (!signal.aborted) this.listen()
  }

  // ---- what the server says ----

  private listen(): void {
    if (this.over.signal.aborted) return
    this.events?.close()
    const events = api.events(this.view.id, this.map !== undefined)
    this.events = events
    events.addEventListener('open', () => {
      this.attempt = 0
    })
    events.addEventListener('session', (event) => {
      this.attempt = 0
      this.draw(JSON.parse((event as MessageEvent<string>).data) as SessionView)
    })
    events.addEventListener('map', (event) => {
      this.map?.apply(JSON.parse((event as MessageEvent<string>).data) as MapEvent)
    })
    events.addEventListener('error', () => {
      this.notice(strings.lost)
      // While it is connecting the browser tries again by itself; closed means the server refused.
      if (events.readyState === EventSource.CLOSED) this.checkLater()
    })
  }

  private checkLater(): void {
    this.events?.close()
    clearTimeout(this.retry)
    this.retry = setTimeout(() => void this.check(), backoff(this.attempt++, Math.random()))
  }

  /** Finds out why the stream or a terminal was refused. */
  private async check(): Promise<void> {
    try {
      this.draw(await api.session(this.view.id))
      this.listen()
    } catch (error) {
      if (error instanceof Refusal && (error.status === 404 || error.status === 403)) this.gone()
      else this.checkLater()
    }
  }

  private gone(): void {
    this.draw({ ...this.view, status: { state: 'ended', reason: 'vanished', message: strings.gone } })
  }

  private draw(view: SessionView): void {
    if (this.over.signal.aborted) return
    const { status } = view
    this.view = view
    this.ahead = view.now - Date.now()
    if (this.notices().textContent === strings.lost) this.notice('')
    switch (status.state) {
      case 'queued':
      case 'preparing':
        if (status.state === 'preparing' && status.journey !== undefined) this.leave(status.journey)
        if (this.lab.phase !== 'preparing') this.lab.phase = 'preparing'
        drawBoot(this.lab, status)
        break
      case 'ready':
        if (this.lab.phase !== 'ready') this.lab.phase = 'ready'
        this.drawReady(view)
        this.arrive(status.trouble)
        this.comeBack(status.restored)
        break
      case 'ended':
        this.end(status)
        return
    }
    this.drawTime()
  }

  /** The lab goes elsewhere: the button that was pressed is hidden, so the focus goes to what says where. */
  private leave(journey: JourneyView): void {
    const begins = this.journey === undefined
    this.journey = journey
    const isHere = document.activeElement?.closest('.lab-step-ways') ?? document.activeElement === document.body
    drawSteps(this.lab, this.view.steps, journey)
    if (!begins) return
    this.leftAt = this.view.now
    this.notice('')
    this.lab.phase = 'preparing'
    if (isHere) need(this.lab, '#lab-boot-title').focus()
  }

  /** The reader goes on where the lab is now, unless they are somewhere else already. */
  private arrive(trouble: string | undefined): void {
    const { journey } = this
    const isNew = trouble !== this.trouble
    this.trouble = trouble
    if (journey === undefined) {
      if (trouble !== undefined && isNew) this.notice(trouble)
      return
    }
    this.journey = undefined
    const open = this.view.steps.find((step) => step.status === 'open')?.id ?? journey.to
    this.notice(trouble ?? strings.journey.arrived(numberOf(this.lab, open)))
    const { activeElement } = document
    if (activeElement === document.body || activeElement?.id === 'lab-boot-title')
      this.lab.querySelector<HTMLElement>(`#step-${open}-title`)?.focus()
  }

  /** The server was restarted: said once, and not to whoever opens the page long after. */
  private comeBack(restored: RestoredView | undefined): void {
    if (restored === undefined || restored.at === this.restoredAt) return
    this.restoredAt = restored.at
    if (this.view.now - restored.at > RESTART_IS_NEWS) return
    const time = new Date(restored.at).toLocaleTimeString([], { hour: '2-digit', minute: '2-digit' })
    this.notice(strings.restored(time, restored.seconds))
  }

  private drawReady(view: SessionView): void {
    drawSteps(this.lab, view.steps)
    for (const button of this.lab.querySelectorAll<HTMLElement>('[data-run]')) button.hidden = false
    need<HTMLButtonElement>(this.lab, '[data-extend]').disabled = view.extensionsLeft === 0
    if (this.panel !== undefined) this.panel.update(view.shells)
    else void this.loadTerminal()
    const done = view.steps.every((step) => step.status === 'passed' || step.status === 'skipped')
    if (done && this.lab.dataset.done === undefined) this.notice(strings.allDone)
    this.lab.toggleAttribute('data-done', done)
  }

  private async loadTerminal(): Promise<void> {
    if (this.loading) return
    this.loading = true
    try {
      const { TerminalPanel } = await import('../terminal/panel.ts')
      if (this.over.signal.aborted) return
      this.panel = new TerminalPanel(need(this.lab, '[data-terminal]'), {
        connect: (shell) => api.terminal(this.view.id, shell),
        openShell: (size) => this.attempted(api.openShell(this.view.id, size)),
        closeShell: (shell) => this.attempted(api.closeShell(this.view.id, shell)),
        refused: () => this.checkLater(),
        notice: (text) => this.notice(text),
        ask: (question) => ask(this.lab, question),
        page: (message) => void this.wanted(message),
      })
      this.panel.update(this.view.shells)
      void this.takeUpEdit()
    } finally {
      this.loading = false
    }
  }

  private async loadFiles(root: HTMLElement): Promise<FilesPanel> {
    const { FilesPanel } = await import('../files/panel.ts')
    const id = this.view.id
    this.files = await FilesPanel.create(root, {
      list: () => this.attempted(api.files(id)),
      read: (path) => this.attempted(api.file(id, path)),
      save: (request) =>
        this.attempted(
          api.saveFile(id, request).catch((error: unknown) => {
            const known = error instanceof Refusal && (error.code === 'changed' || error.code === 'file-exists')
            if (known) return { refused: error.code }
            throw error
          }),
        ),
      remove: async (path) => (await this.attempted(api.removeFile(id, path).then(() => true))) === true,
      rename: async (from, to) => (await this.attempted(api.renameFile(id, from, to).then(() => true))) === true,
      answer: (edit, state) => {
        if (state !== 'open') forget(id, edit)
        // Whoever waited may have gone, and nobody misses the answer then.
        return api.answerEdit(id, edit, state).catch(() => undefined)
      },
      ask: (question) => ask(this.lab, question),
      leave: () => {
        void this.views.bring('terminal')
        this.panel?.focus()
      },
    })
    return this.files
  }

  /** A program of a shell wants something of the page. Any program can say so: it is shown a file, and no more. */
  private async wanted(message: string): Promise<void> {
    const [what, id = '', encoded = ''] = message.split(';')
    if (!/^[a-z0-9]{1,32}$/.test(id)) return
    if (what === 'end') {
      forget(this.view.id, id)
      this.files?.endEdit(id)
    }
    if (what !== 'edit') return
    const path = fromBase64(encoded)
    if (path !== undefined) await this.edit({ id, path })
  }

  private async edit(waiting: Waiting): Promise<void> {
    remember(this.view.id, waiting)
    await this.views.bring('files')
    await this.files?.edit(waiting.id, waiting.path)
  }

  /** After a reload of the page. */
  private async takeUpEdit(): Promise<void> {
    const waiting = remembered(this.view.id)
    if (waiting === undefined) return
    try {
      await api.answerEdit(this.view.id, waiting.id, 'open')
    } catch {
      forget(this.view.id, waiting.id)
      return
    }
    await this.edit(waiting)
  }

  private async loadPreview(root: HTMLElement): Promise<PreviewPanel> {
    const { PreviewPanel } = await import('../preview/panel.ts')
    return PreviewPanel.create(root, {
      services: () => this.attempted(api.services(this.view.id)),
      open: (request) => this.attempted(api.openPreview(this.view.id, request)),
      notice: (text) => this.notice(text),
    })
  }

  /** The server watches the cluster for this page only while the map is shown. */
  private async toggleMap(): Promise<void> {
    if (this.map !== undefined) this.closeMap()
    else {
      const { ClusterMap } = await import('../map/cluster-map.ts')
      if (this.over.signal.aborted || this.map !== undefined) return
      const panel = need(this.lab, '#lab-map')
      panel.hidden = false
      need(this.lab, '[data-map-button]').setAttribute('aria-expanded', 'true')
      this.map = new ClusterMap(need(panel, 'quay-map'))
    }
    this.listen()
  }

  private closeMap(): void {
    this.map?.dispose()
    this.map = undefined
    need(this.lab, '#lab-map').hidden = true
    need(this.lab, '[data-map-button]').setAttribute('aria-expanded', 'false')
  }

  private end(status: Extract<SessionView['status'], { state: 'ended' }>): void {
    this.over.abort()
    clearTimeout(this.retry)
    this.events?.close()
    this.panel?.dispose()
    this.views.dispose()
    this.closeMap()
    this.notice('')
    clearSteps(this.lab)
    for (const button of this.lab.querySelectorAll<HTMLElement>('[data-run]')) button.hidden = true
    this.lab.removeAttribute('data-done')
    const title = need(this.lab, '[data-ended-title]')
    say(title, strings.ended[status.reason])
    say(need(this.lab, '[data-ended-message]'), status.message === strings.ended[status.reason] ? '' : status.message)
    say(need(this.lab, '[data-ended-keep]'), strings.endedKeep)
    this.lab.dataset.reason = status.reason
    const hadFocus = need(this.lab, '#lab-work').contains(document.activeElement)
    this.lab.phase = 'ended'
    if (hadFocus) title.focus()
  }

  private drawTime(): void {
    const now = Date.now() + this.ahead
    if (this.lab.phase === 'preparing')
      drawElapsed(this.lab, now - (this.journey === undefined ? this.view.createdAt : this.leftAt))
    if (this.lab.phase !== 'ready') return
    const left = timeLeft(this.view, now)
    const line = need(this.lab, '[data-left]')
    line.toggleAttribute('data-soon', left.soon)
    say(line, left.idle === undefined ? strings.left(clock(left.total)) : strings.idle(clock(left.idle)))
  }

  // ---- what the reader asks ----

  /** @returns undefined after saying why it did not work. */
  private async attempted<T>(act: Promise<T>): Promise<T | undefined> {
    try {
      return await act
    } catch (error) {
      if (error instanceof Refusal) this.notice(error.message)
      else if (error instanceof NoServer) this.notice(strings.lost)
      else throw error
      return undefined
    }
  }

  /** Some answers carry the session as it is after the change; the stream brings it in any case. */
  private async confirmed(question: Question, act: () => Promise<unknown>, done = ''): Promise<void> {
    if (!(await ask(this.lab, question))) return
    const answer = await act()
    this.notice(done)
    if (isSession(answer)) this.draw(answer)
  }

  private async extend(): Promise<void> {
    const { title, text, confirm } = strings.ask.extend
    const question = { title, text: text(this.view.extensionsLeft), confirm }
    await this.confirmed(question, () => api.extend(this.view.id), strings.extended)
  }

  private async skip(button: HTMLElement): Promise<void> {
    const step = button.closest<HTMLElement>('[data-step]')?.dataset.step
    if (step !== undefined) await this.confirmed(strings.ask.skip, () => api.skip(this.view.id, step))
  }

  private async restart(button: HTMLElement): Promise<void> {
    const step = button.closest<HTMLElement>('[data-step]')?.dataset.step
    if (step === undefined) return
    const { title, text, confirm } = strings.ask.restart
    const simulated = !need(this.lab, '[data-simulated]').hidden
    // What comes of it the stream says, perhaps before the answer is here
    if (await ask(this.lab, { title, text: text(simulated), confirm })) await api.restart(this.view.id, step)
  }

  private async catchUp(button: HTMLElement): Promise<void> {
    const step = button.closest<HTMLElement>('[data-step]')?.dataset.step
    const at = this.view.steps.findIndex(({ id }) => id === step)
    if (step === undefined || at < 0) return
    const { title, text, confirm } = strings.ask.catchUp
    const between = this.view.steps.slice(0, at).filter(({ status }) => status === 'open' || status === 'locked')
    if (await ask(this.lab, { title, text: text(between.length), confirm })) await api.catchUp(this.view.id, step)
  }

  private run(command: string): void {
    // A shell that is not shown is typed into by nobody
    if (this.lab.phase !== 'ready') return
    this.panel?.run(command)
    void this.views.bring('terminal')
  }

  private notices(): HTMLElement {
    return need(this.lab, '[data-notice]')
  }

  private notice(text: string): void {
    say(this.notices(), text)
  }
}

function fromBase64(encoded: string): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(
      Uint8Array.from(atob(encoded), (character) => character.charCodeAt(0)),
    )
  } catch {
    return undefined
  }
}

function isSession(value: unknown): value is SessionView {
  return typeof value === 'object' && value !== null && 'status' in value && 'steps' in value
}
