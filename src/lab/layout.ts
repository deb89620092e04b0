import { need } from './elements.ts'
import { clampText, moveSeparator } from './separator.ts'

const key = 'quayside:layout:v1'

interface Layout {
  /** Width of the text in percent. */
  text?: number
  contents?: 'open' | 'closed'
}

function load(): Layout {
  try {
    return (JSON.parse(localStorage.getItem(key) ?? '{}') ?? {}) as Layout
  } catch {
    return {}
  }
}

function save(change: Layout): void {
  try {
    localStorage.setItem(key, JSON.stringify({ ...load(), ...change }))
  } catch {
    // A browser that refuses to store: the layout lasts until the page is left.
  }
}

export type Pane = 'text' | 'terminal'

export function showPane(lab: HTMLElement, pane: Pane): void {
  document.documentElement.dataset.pane = pane
  for (const button of lab.querySelectorAll<HTMLElement>('[data-pane-button]'))
    button.setAttribute('aria-pressed', String(button.dataset.paneButton === pane))
}

function startSeparator(lab: HTMLElement): void {
  const separator = need(lab, '[role=separator]')
  const set = (percent: number) => {
    const text = clampText(percent)
    document.documentElement.style.setProperty('--lab-text', `${text}%`)
    separator.setAttribute('aria-valuenow', String(Math.round(text)))
    return text
  }
  const now = () => Number(separator.getAttribute('aria-valuenow'))
  const stored = load().text
  if (typeof stored === 'number') set(stored)

  separator.addEventListener('keydown', (event) => {
    const moved = moveSeparator(now(), event.key, document.dir === 'rtl')
    if (moved === undefined) return
    event.preventDefault()
    save({ text: set(moved) })
  })
  separator.addEventListener('pointerdown', (event) => {
    if (event.button !== 0) return
    separator.setPointerCapture(event.pointerId)
    document.documentElement.toggleAttribute('data-lab-dragging', true)
  })
  separator.addEventListener('pointermove', (event) => {
    if (!separator.hasPointerCapture(event.pointerId)) return
    const { left, width } = lab.getBoundingClientRect()
    set(((event.clientX - left) / width) * 100)
  })
  separator.addEventListener('lostpointercapture', () => {
    document.documentElement.toggleAttribute('data-lab-dragging', false)
    save({ text: now() })
  })
}

/** Divider, contents button and the switch of narrow screens. */
export function startLayout(lab: HTMLElement): void {
  startSeparator(lab)

  for (const button of lab.querySelectorAll<HTMLElement>('[data-pane-button]'))
    button.addEventListener('click', () => showPane(lab, button.dataset.paneButton as Pane))
  // A step that is asked for by its number is in the text.
  for (const pip of lab.querySelectorAll('[data-pip]')) pip.addEventListener('click', () => showPane(lab, 'text'))

  const root = document.documentElement
  const contents = need(lab, '[data-contents-button]')
  const draw = () => contents.setAttribute('aria-expanded', String(root.dataset.contents === 'open'))
  draw()
  contents.addEventListener('click', () => {
    const next = root.dataset.contents === 'open' ? 'closed' : 'open'
    root.dataset.contents = next
    save({ contents: next })
    draw()
  })
}
