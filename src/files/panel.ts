/** The reader's home folder beside the terminal: its files, and an editor for one of them at a time. */
import type { EditorState } from '@codemirror/state'
import type { EditRequest, FilesView, FileView, SavedView, SaveFileRequest } from '../../protocol/files.ts'
import type { Question } from '../lab/dialog.ts'
import { create, say } from '../lab/elements.ts'
import { loadStylesheet } from '../lab/stylesheet.ts'
import type { ViewPanel } from '../lab/views.ts'
import { files as strings } from '../strings/files.ts'
import type { Fault } from './check-yaml.ts'
import { Editor } from './editor.ts'
import stylesheet from './panel.css?url&no-inline'
import { drawTree } from './tree.ts'

/** A refusal by the server, by its code. */
export interface Refused {
  refused: string
}

export interface FilesHost {
  /** All of them say why it did not work before they resolve with undefined. */
  list(): Promise<FilesView | undefined>
  read(path: string): Promise<FileView | undefined>
  /** Some refusals are for the panel to answer: they are not said. */
  save(request: SaveFileRequest): Promise<SavedView | Refused | undefined>
  remove(path: string): Promise<boolean>
  rename(from: string, to: string): Promise<boolean>
  answer(edit: string, state: EditRequest['state']): Promise<unknown>
  ask(question: Question): Promise<boolean>
  /** Back to the shell that has waited. */
  leave(): void
}

/** Milliseconds between looks at the list while it is seen. */
const LOOK_EVERY = 4_000

interface Open {
  path: string
  state: EditorState
  /** As it is in the home, as far as we know. */
  saved: string
  version: string | null
}

export class FilesPanel implements ViewPanel {
  readonly #host: FilesHost
  readonly #editor: Editor
  readonly #files = new Map<string, Open>()
  readonly #closed = new Set<string>()
  readonly #over = new AbortController()
  readonly #tree = create('nav', { class: 'files-tree', 'aria-label': strings.tree })
  readonly #title = create('p', { class: 'files-title' })
  readonly #new = button(strings.newFile)
  readonly #rename = button(strings.rename)
  readonly #remove = button(strings.remove)
  readonly #save = button(strings.save, { 'data-primary': '' })
  readonly #naming = create('form', { class: 'files-naming', hidden: '' })
  readonly #name = create('input', { type: 'text', spellcheck: 'false', autocapitalize: 'off', autocomplete: 'off' })
  readonly #create = create('button', { class: 'quay-button', 'data-small': '' })
  readonly #note = create('p', { class: 'files-note', role: 'status' })
  readonly #place = create('div', { class: 'files-editor' })
  readonly #empty = create('p', { class: 'files-empty' }, strings.choose)
  readonly #faults = create('ul', { class: 'files-faults' })
  readonly #waiting = create('div', { class: 'files-waiting', hidden: '' })
  readonly #waitingText = create('p')
  #list: FilesView = { version: '', entries: [], truncated: false }
  #path: string | undefined
  /** A program of the shell waits for this file. */
  #edit: { id: string; path: string } | undefined
  /** What the form for a name is for: a new file, or another name for that one. */
  #renaming: string | undefined
  #shown = false
  #looking: Promise<void> | undefined
  /** Counts what the panel itself does in the home: a list from before it, or from its midst, is not to be gone by. */
  #doings = 0

  static async create(root: HTMLElement, host: FilesHost): Promise<FilesPanel> {
    await loadStylesheet(stylesheet)
    return new FilesPanel(root, host)
  }

  private constructor(root: HTMLElement, host: FilesHost) {
    this.#host = host
    const tools = create('div', { class: 'files-tools' })
    tools.append(this.#new, this.#rename, this.#remove, this.#save)
    const label = create('label', {}, strings.name)
    label.append(this.#name)
    const cancel = button(strings.cancel)
    this.#naming.append(label, this.#create, cancel)
    const done = button(strings.done, { 'data-primary': '' })
    const cancelEdit = button(strings.cancelEdit)
    this.#waiting.append(this.#waitingText, done, cancelEdit)
    const right = create('div', { class: 'files-right' })
    const leave = create('p', { class: 'files-leave', id: 'files-leave' }, strings.leave)
    right.append(this.#title, this.#place, this.#empty, this.#faults, leave)
    const columns = create('div', { class: 'files-columns' })
    columns.append(this.#tree, right)
    root.replaceChildren(this.#waiting, tools, this.#naming, this.#note, columns)
    this.#editor = new Editor(this.#place, {
      changed: () => this.#changed(),
      save: () => void this.save(),
      faults: (faults) => this.#drawFaults(faults),
    })

    const { signal } = this.#over
    const on = (element: HTMLElement, act: () => unknown) =>
      element.addEventListener('click', () => void act(), { signal })
    on(this.#new, () => this.#askName(undefined))
    on(this.#rename, () => this.#askName(this.#path))
    on(this.#remove, () => this.#removeFile())
    on(this.#save, () => this.save())
    on(cancel, () => this.#closeNaming(this.#renaming === undefined ? this.#new : this.#rename))
    on(done, () => this.#finish('done'))
    on(cancelEdit, () => this.#finish('cancelled'))
    this.#naming.addEventListener('submit', (event) => {
      event.preventDefault()
      void this.#named()
    })
    this.#naming.addEventListener('keydown', (event) => {
      if (event.key === 'Escape') cancel.click()
    })
    this.#tree.addEventListener('click', (event) => {
      const path = (event.target as Element).closest<HTMLElement>('[data-file]')?.dataset.file
      if (path !== undefined) void this.open(path)
    })
    this.#tree.addEventListener('toggle', (event) => this.#keepToggled(event.target as HTMLDetailsElement), true)
    addEventListener('beforeunload', (event) => this.#unsaved.size > 0 && event.preventDefault(), { signal })
    const timer = setInterval(() => {
      if (this.#shown && !document.hidden) void this.#look()
    }, LOOK_EVERY)
    signal.addEventListener('abort', () => clearInterval(timer))
    this.#draw()
  }

  shown(shown: boolean): void {
    this.#shown = shown
    if (shown) void this.#look()
  }

  dispose(): void {
    this.#over.abort()
    this.#editor.dispose()
  }

  /** A program of the shell waits for a file to be edited. */
  async edit(id: string, path: string): Promise<void> {
    if (this.#edit !== undefined && this.#edit.id !== id) void this.#host.answer(this.#edit.id, 'cancelled')
    this.#edit = { id, path }
    say(this.#waitingText, strings.editing(shortOf(path)))
    this.#waiting.hidden = false
    void this.#host.answer(id, 'open')
    await this.#look()
    // As it is now, also if it was open before.
    if (!this.#unsaved.has(path)) this.#files.delete(path)
    await this.open(path)
  }

  /** It waits no longer. */
  endEdit(id: string): void {
    if (this.#edit?.id !== id) return
    this.#edit = undefined
    this.#waiting.hidden = true
  }

  async open(path: string): Promise<void> {
    this.#keep()
    if (!this.#files.has(path)) {
      const read = await this.#host.read(path)
      if (read === undefined || this.#over.signal.aborted) return
      this.#files.set(path, { ...opened(read), state: this.#editor.begin(path, read.content) })
    }
    this.#path = path
    this.#note.replaceChildren()
    this.#editor.show((this.#files.get(path) as Open).state)
    this.#draw()
    this.#editor.focus()
  }

  /** Resolves with whether it is saved. */
  async save(over = false): Promise<boolean> {
    const file = this.#file
    if (file === undefined) return false
    this.#editor.endLine()
    const content = this.#editor.text
    const version = over ? undefined : file.version
    const saved = await this.#do(() =>
      this.#host.save({ path: file.path, content, ...(version !== undefined && { version }) }),
    )
    if (saved === undefined || this.#over.signal.aborted) return false
    if ('refused' in saved) {
      this.#drawConflict(file)
      return false
    }
    file.saved = content
    file.version = saved.version
    say(this.#note, strings.saved(shortOf(file.path)))
    this.#draw()
    return true
  }

  get #file(): Open | undefined {
    return this.#path === undefined ? undefined : this.#files.get(this.#path)
  }

  get #unsaved(): Set<string> {
    this.#keep()
    return new Set(
      [...this.#files.values()].filter(({ state, saved }) => state.doc.toString() !== saved).map(({ path }) => path),
    )
  }

  /** The editor's state is its file's. */
  #keep(): void {
    if (this.#file !== undefined) this.#file.state = this.#editor.state
  }

  // ---- the list ----

  async #look(): Promise<void> {
    const doings = this.#doings
    while (this.#looking !== undefined) await this.#looking
    if (doings !== this.#doings) return
    this.#looking = this.#lookNow(doings).finally(() => {
      this.#looking = undefined
    })
    await this.#looking
  }

  async #lookNow(doings: number): Promise<void> {
    const list = await this.#host.list()
    if (list === undefined || this.#over.signal.aborted || doings !== this.#doings) return
    if (list.version === this.#list.version) return
    this.#list = list
    this.#draw()
    await this.#compare(doings)
  }

  /** Changes something in the home, and lists it anew. */
  async #do<T>(change: () => Promise<T>): Promise<T> {
    this.#doings++
    try {
      return await change()
    } finally {
      this.#doings++
      void this.#look()
    }
  }

  /** What a shell has done to the open file. */
  async #compare(doings: number): Promise<void> {
    const file = this.#file
    if (file === undefined || file.version === null) return
    if (!isHidden(file.path) && !this.#list.truncated && !this.#list.entries.some(({ path }) => path === file.path)) {
      file.version = null
      say(this.#note, strings.gone(file.path))
      return
    }
    const read = await this.#host.read(file.path)
    if (read === undefined || this.#file !== file || doings !== this.#doings || read.version === file.version) return
    if (this.#unsaved.has(file.path)) this.#drawConflict(file)
    else this.#takeTheirs(file, read)
  }

  #takeTheirs(file: Open, read: FileView): void {
    Object.assign(file, opened(read))
    this.#editor.replace(read.content)
    say(this.#note, strings.fresh(shortOf(file.path)))
    this.#draw()
  }

  #keepToggled({ open, dataset }: HTMLDetailsElement): void {
    if (dataset.folder === undefined) return
    if (open) this.#closed.delete(dataset.folder)
    else this.#closed.add(dataset.folder)
  }

  // ---- what the reader does ----

  #askName(path: string | undefined): void {
    this.#renaming = path
    this.#naming.hidden = false
    say(this.#create, path === undefined ? strings.create : strings.renameTo)
    this.#name.value = path ?? ''
    this.#name.placeholder = path === undefined ? 'web.yaml' : ''
    this.#name.focus()
    this.#name.select()
  }

  #closeNaming(focus: HTMLElement): void {
    this.#naming.hidden = true
    focus.focus()
  }

  async #named(): Promise<void> {
    const path = this.#name.value.trim().replace(/^(~\/|\.\/)+/, '')
    if (path === '') return this.#name.focus()
    if (this.#renaming === undefined) {
      const saved = await this.#do(() => this.#host.save({ path, content: '', version: null }))
      if (saved === undefined || 'refused' in saved) {
        if (saved !== undefined) say(this.#note, strings.exists(path))
        return this.#name.focus()
      }
      this.#naming.hidden = true
      return this.open(path)
    }
    const from = this.#renaming
    if (path === from) return this.#closeNaming(this.#rename)
    if (!(await this.#do(() => this.#host.rename(from, path)))) return this.#name.focus()
    this.#keep()
    const file = this.#files.get(from)
    this.#files.delete(from)
    if (file !== undefined) {
      // Another name may be another kind of file.
      const state = this.#editor.begin(path, file.state.doc.toString())
      this.#files.set(path, { ...file, path, state })
      this.#path = path
      this.#editor.show(state)
    }
    this.#closeNaming(this.#rename)
    say(this.#note, strings.renamed(path))
    this.#draw()
  }

  async #removeFile(): Promise<void> {
    const path = this.#path
    if (path === undefined) return
    const { title, text, confirm } = strings.askRemove
    if (!(await this.#host.ask({ title: title(path), text, confirm }))) return
    if (!(await this.#do(() => this.#host.remove(path)))) return
    this.#files.delete(path)
    if (this.#path === path) this.#path = undefined
    this.#draw()
    say(this.#note, strings.removed(path))
    this.#new.focus()
  }

  async #finish(state: 'done' | 'cancelled'): Promise<void> {
    const edit = this.#edit
    if (edit === undefined) return
    if (state === 'done' && this.#unsaved.has(edit.path)) {
      if (this.#path !== edit.path) await this.open(edit.path)
      if (!(await this.save())) return
    }
    if (state === 'cancelled') {
      this.#files.delete(edit.path)
      if (this.#path === edit.path) this.#path = undefined
    }
    this.endEdit(edit.id)
    await this.#host.answer(edit.id, state)
    this.#draw()
    this.#host.leave()
  }

  #changed(): void {
    this.#keep()
    this.#draw()
  }

  // ---- what is drawn ----

  #draw(): void {
    const unsaved = this.#unsaved
    const file = this.#file
    const focused = (document.activeElement as HTMLElement | null)?.dataset?.file
    if (this.#list.entries.length === 0) this.#tree.replaceChildren(create('p', {}, strings.empty))
    else {
      const { entries, truncated } = this.#list
      this.#tree.replaceChildren(drawTree({ entries, closed: this.#closed, open: this.#path, unsaved }))
      if (truncated) this.#tree.append(create('p', {}, strings.truncated))
    }
    // What had the focus is another element now.
    if (focused !== undefined) this.#tree.querySelector<HTMLElement>(`[data-file="${CSS.escape(focused)}"]`)?.focus()
    say(
      this.#title,
      file === undefined ? '' : `${shortOf(file.path)}${unsaved.has(file.path) ? ` (${strings.unsaved})` : ''}`,
    )
    this.#place.hidden = file === undefined
    this.#empty.hidden = file !== undefined
    for (const one of [this.#rename, this.#remove]) one.disabled = file === undefined || isHidden(file.path)
    this.#save.disabled = file === undefined || (!unsaved.has(file.path) && file.version !== null)
    if (file === undefined) this.#faults.replaceChildren()
  }

  /** Beneath the text, for who does not see the marks beside it. */
  #drawFaults(faults: readonly Fault[]): void {
    this.#faults.replaceChildren(
      ...faults.slice(0, 5).map(({ line, text }) => {
        const item = create('li')
        const jump = create('button', { type: 'button' }, strings.fault(line, text))
        jump.addEventListener('click', () => this.#editor.goTo(line))
        item.append(jump)
        return item
      }),
    )
  }

  #drawConflict(file: Open): void {
    const theirs = button(strings.takeTheirs)
    const mine = button(strings.keepMine)
    theirs.addEventListener('click', async () => {
      const read = await this.#host.read(file.path)
      if (read !== undefined && this.#file === file) this.#takeTheirs(file, read)
    })
    mine.addEventListener('click', () => void this.save(true))
    this.#note.replaceChildren(strings.conflict(shortOf(file.path)), ' ', theirs, ' ', mine)
  }
}

/** Whether the list leaves it out. */
const isHidden = (path: string) => path.split('/').some((part) => part.startsWith('.'))

/** The copies that `lab edit` makes lie in a folder that says nothing to anybody. */
const shortOf = (path: string) => path.replace(/^\.quayside\/edits\/[^/]+\//, '')

const opened = ({ path, content, version }: FileView) => ({ path, saved: content, version })

const button = (text: string, attributes: Record<string, string> = {}) =>
  create('button', { type: 'button', class: 'quay-button', 'data-small': '', ...attributes }, text)
