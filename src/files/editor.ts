/** CodeMirror as the panel uses it. */
import {
  acceptCompletion,
  autocompletion,
  type Completion,
  type CompletionContext,
  type CompletionResult,
  closeBrackets,
  closeBracketsKeymap,
  completionKeymap,
  startCompletion,
} from '@codemirror/autocomplete'
import { defaultKeymap, history, historyKeymap, indentWithTab } from '@codemirror/commands'
import { yaml } from '@codemirror/lang-yaml'
import { bracketMatching, HighlightStyle, indentOnInput, indentUnit, syntaxHighlighting } from '@codemirror/language'
import { type Diagnostic, linter, lintGutter, lintKeymap } from '@codemirror/lint'
import { highlightSelectionMatches, searchKeymap } from '@codemirror/search'
import { EditorState, type Extension, Prec } from '@codemirror/state'
import {
  drawSelection,
  EditorView,
  highlightActiveLine,
  highlightActiveLineGutter,
  keymap,
  lineNumbers,
} from '@codemirror/view'
import { tags } from '@lezer/highlight'
import { files as strings } from '../strings/files.ts'
import { checkYaml, type Fault } from './check-yaml.ts'
import { kinds } from './kinds.ts'
import { placeAt } from './place.ts'
import { suggest } from './suggest.ts'

export interface EditorEvents {
  changed(): void
  save(): void
  /** What is wrong with the text, as often as that is looked at. */
  faults(faults: readonly Fault[]): void
}

/** Milliseconds without typing until a manifest is looked at. */
const CHECK_AFTER = 400

// The site's own colours, which change with its theme.
const look = EditorView.theme({
  '&': { height: '100%', backgroundColor: 'var(--sl-color-bg)', color: 'var(--sl-color-white)' },
  '&.cm-focused': { outline: '2px solid var(--sl-color-text-accent)', outlineOffset: '-2px' },
  '.cm-scroller': { fontFamily: 'var(--__sl-font-mono)', fontSize: '0.875rem', lineHeight: '1.5' },
  '.cm-content': { caretColor: 'var(--sl-color-white)' },
  '.cm-cursor': { borderLeftColor: 'var(--sl-color-white)' },
  '.cm-gutters': {
    backgroundColor: 'var(--quay-surface)',
    color: 'var(--sl-color-gray-3)',
    borderRight: '1px solid var(--lab-line)',
  },
  '.cm-activeLine, .cm-activeLineGutter': {
    backgroundColor: 'color-mix(in srgb, var(--sl-color-text-accent) 9%, transparent)',
  },
  '&.cm-focused > .cm-scroller > .cm-selectionLayer .cm-selectionBackground, .cm-selectionBackground': {
    backgroundColor: 'color-mix(in srgb, var(--sl-color-text-accent) 30%, transparent)',
  },
  '.cm-panels, .cm-tooltip': {
    border: '1px solid var(--sl-color-gray-5)',
    backgroundColor: 'var(--quay-surface)',
    color: 'var(--sl-color-white)',
  },
  '.cm-tooltip-autocomplete ul li[aria-selected]': {
    backgroundColor: 'var(--sl-color-accent-low)',
    color: 'var(--sl-color-white)',
  },
  '.cm-completionDetail': { color: 'var(--sl-color-gray-3)', fontStyle: 'normal' },
  '.cm-diagnostic-error': { borderLeftColor: 'var(--quay-bad)' },
})

const colours = HighlightStyle.define([
  { tag: [tags.propertyName, tags.definition(tags.propertyName)], color: 'var(--sl-color-text-accent)' },
  { tag: [tags.string, tags.content], color: 'var(--sl-color-white)' },
  { tag: [tags.comment, tags.lineComment], color: 'var(--sl-color-gray-3)', fontStyle: 'italic' },
  { tag: [tags.keyword, tags.meta, tags.separator, tags.punctuation], color: 'var(--quay-signal)' },
])

export class Editor {
  readonly #view: EditorView
  readonly #events: EditorEvents
  /** Texts that were put in by {@link show}, whose change is nobody's typing. */
  #showing = false

  constructor(parent: HTMLElement, events: EditorEvents) {
    this.#events = events
    this.#view = new EditorView({ parent, state: EditorState.create() })
  }

  /** A text to begin with: its history, selection and all are kept in what is returned. */
  begin(path: string, text: string): EditorState {
    return EditorState.create({ doc: text, extensions: this.#extensions(path) })
  }

  show(state: EditorState): void {
    this.#view.setState(state)
  }

  get state(): EditorState {
    return this.#view.state
  }

  get text(): string {
    return this.#view.state.doc.toString()
  }

  /** Another text of the same file; the cursor stays where it can. */
  replace(text: string): void {
    this.#showing = true
    this.#view.dispatch({ changes: { from: 0, to: this.#view.state.doc.length, insert: text } })
    this.#showing = false
  }

  /** Ends the last line, as programs of a shell expect of a text. */
  endLine(): void {
    const { doc } = this.#view.state
    if (doc.length === 0 || doc.line(doc.lines).length === 0) return
    this.#showing = true
    this.#view.dispatch({ changes: { from: doc.length, insert: '\n' } })
    this.#showing = false
  }

  focus(): void {
    this.#view.focus()
  }

  goTo(line: number): void {
    const { doc } = this.#view.state
    const at = doc.line(Math.min(Math.max(1, line), doc.lines)).from
    this.#view.dispatch({ selection: { anchor: at }, scrollIntoView: true })
    this.#view.focus()
  }

  dispose(): void {
    this.#view.destroy()
  }

  #extensions(path: string): Extension[] {
    const isYaml = /\.ya?ml$/i.test(path)
    return [
      lineNumbers(),
      highlightActiveLineGutter(),
      highlightActiveLine(),
      highlightSelectionMatches(),
      drawSelection(),
      history(),
      indentOnInput(),
      bracketMatching(),
      closeBrackets(),
      indentUnit.of('  '),
      EditorState.tabSize.of(2),
      look,
      syntaxHighlighting(colours),
      EditorView.contentAttributes.of({
        'aria-label': strings.editor(path),
        'aria-describedby': 'files-leave',
        tabindex: '0',
      }),
      Prec.high(
        keymap.of([
          {
            key: 'Mod-s',
            preventDefault: true,
            run: () => {
              this.#events.save()
              return true
            },
          },
          { key: 'Tab', run: acceptCompletion },
        ]),
      ),
      keymap.of([
        ...closeBracketsKeymap,
        ...completionKeymap,
        ...searchKeymap,
        ...historyKeymap,
        ...lintKeymap,
        ...defaultKeymap,
        indentWithTab,
      ]),
      EditorView.updateListener.of((update) => {
        if (update.docChanged && !this.#showing) this.#events.changed()
      }),
      ...(isYaml ? this.#manifests() : []),
    ]
  }

  /** What is of use while Kubernetes' YAML is written. */
  #manifests(): Extension[] {
    return [
      yaml(),
      autocompletion({ override: [complete], icons: false, activateOnTyping: true }),
      lintGutter(),
      linter(
        ({ state }) => {
          const faults = checkYaml(state.doc.toString(), kinds)
          this.#events.faults(faults)
          return faults.map(({ line, text }): Diagnostic => {
            const at = state.doc.line(Math.min(line, state.doc.lines))
            const indent = /^\s*/.exec(at.text)?.[0].length ?? 0
            return { from: Math.min(at.from + indent, at.to), to: at.to, severity: 'error', message: text }
          })
        },
        { delay: CHECK_AFTER },
      ),
    ]
  }
}

function complete(context: CompletionContext): CompletionResult | null {
  const place = placeAt(context.state.doc.toString(), context.pos)
  if (place === undefined) return null
  // On an empty line only who asks is answered: else each Enter would open a list.
  if (!context.explicit && place.from === context.pos && place.at === 'name') return null
  const options = suggest(place, kinds).map(
    ({ label, text, detail, required }): Completion => ({
      label,
      ...(detail !== undefined && { detail }),
      ...(required && { boost: 10 }),
      apply(view, _, from, to) {
        view.dispatch({
          changes: { from, to, insert: text },
          selection: { anchor: from + text.length },
          userEvent: 'input.complete',
        })
        if (/[\n ]$/.test(text)) startCompletion(view)
      },
    }),
  )
  return options.length === 0 ? null : { from: place.from, options, validFor: /^[\w./-]*$/ }
}
