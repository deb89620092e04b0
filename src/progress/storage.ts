import { mark, nothing, type Progress, readProgress, type StepDone, storageKey } from './store.ts'

/** Sent on `window` after progress changed in this tab; other tabs get the browser's own `storage` event. */
const changed = 'quayside:progress'

export function loadProgress(): Progress {
  try {
    const text = localStorage.getItem(storageKey)
    const read = text === null ? { progress: nothing } : readProgress(text)
    return 'progress' in read ? read.progress : nothing
  } catch {
    return nothing
  }
}

/** @returns whether the browser keeps it; one that refuses storage does not. */
export function saveProgress(progress: Progress): boolean {
  try {
    localStorage.setItem(storageKey, JSON.stringify(progress))
  } catch {
    return false
  }
  dispatchEvent(new Event(changed))
  return true
}

export function markStep(lab: string, step: string, how: StepDone['how']): void {
  const before = loadProgress()
  const after = mark(before, lab, step, { at: Date.now(), how })
  if (after !== before) saveProgress(after)
}

/** Calls at once, and again whenever progress changes in this tab or another. */
export function watchProgress(draw: (progress: Progress) => void): void {
  const now = () => draw(loadProgress())
  addEventListener(changed, now)
  addEventListener('storage', ({ key }) => {
    if (key === storageKey || key === null) now()
  })
  // A page that comes back from the back/forward cache has missed events.
  addEventListener('pageshow', ({ persisted }) => {
    if (persisted) now()
  })
  now()
}
