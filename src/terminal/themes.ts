import type { ITheme } from '@xterm/xterm'

// Colours of the site's dark and light themes. xterm.js lifts what a program picks to a contrast of 4.5.
const dark: ITheme = {
  background: '#0b1319',
  foreground: '#dbe5ea',
  cursor: '#f0a95a',
  cursorAccent: '#0b1319',
  selectionBackground: '#2f6b82',
  black: '#1d2a33',
  red: '#f08a80',
  green: '#73cfa4',
  yellow: '#e9c46a',
  blue: '#7db7e8',
  magenta: '#d3a2e0',
  cyan: '#78cfdd',
  white: '#dbe5ea',
  brightBlack: '#7d919c',
  brightRed: '#ffaaa2',
  brightGreen: '#97e6bf',
  brightYellow: '#ffdd8f',
  brightBlue: '#a5d1f7',
  brightMagenta: '#e7c1f1',
  brightCyan: '#a1e6f1',
  brightWhite: '#ffffff',
}

const light: ITheme = {
  background: '#ffffff',
  foreground: '#1c2a33',
  cursor: '#b35c08',
  cursorAccent: '#ffffff',
  selectionBackground: '#b5dbe8',
  black: '#1c2a33',
  red: '#a8281d',
  green: '#11663f',
  yellow: '#7a5200',
  blue: '#0b559c',
  magenta: '#7c2f92',
  cyan: '#08606f',
  white: '#5b6b75',
  brightBlack: '#566670',
  brightRed: '#c2372b',
  brightGreen: '#1a7a4e',
  brightYellow: '#8f6200',
  brightBlue: '#1a68b5',
  brightMagenta: '#9440ab',
  brightCyan: '#0f7485',
  brightWhite: '#1c2a33',
}

export function currentTheme(): ITheme {
  return document.documentElement.dataset.theme === 'light' ? light : dark
}

/** Calls whenever the reader changes the site's theme. */
export function watchTheme(changed: (theme: ITheme) => void, signal: AbortSignal): void {
  const observer = new MutationObserver(() => changed(currentTheme()))
  observer.observe(document.documentElement, { attributeFilter: ['data-theme'] })
  signal.addEventListener('abort', () => observer.disconnect())
}
