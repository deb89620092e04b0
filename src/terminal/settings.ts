import { clampFont } from './policy.ts'

const key = 'quayside:terminal:v1'

export interface TerminalSettings {
  /** In CSS pixels. */
  fontSize: number
  screenReader: boolean
}

export function loadSettings(): TerminalSettings {
  const settings: TerminalSettings = { fontSize: 14, screenReader: false }
  try {
    const stored = JSON.parse(localStorage.getItem(key) ?? '{}') as Partial<Record<keyof TerminalSettings, unknown>>
    if (typeof stored.fontSize === 'number') settings.fontSize = clampFont(stored.fontSize)
    if (typeof stored.screenReader === 'boolean') settings.screenReader = stored.screenReader
  } catch {
    // Not readable, or storage is refused: the usual size does.
  }
  return settings
}

export function saveSettings(settings: TerminalSettings): void {
  try {
    localStorage.setItem(key, JSON.stringify(settings))
  } catch {
    // Storage is refused: the settings last until the page is left.
  }
}
