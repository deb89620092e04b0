import { count } from '../count.ts'
import type { ProgressWords } from '../progress.ts'

export const progress: ProgressWords = {
  of: (done, all) => `${done} von ${count(all, 'Schritt', 'Schritten')}`,
  done: 'erledigt',
  skipped: 'übersprungen',
  open: 'offen',
  exported: 'Als Datei gespeichert.',
  imported: (steps) => `${count(steps, 'Schritt kam', 'Schritte kamen')} hinzu.`,
  forgotten: 'Ihr Fortschritt ist vergessen.',
  notKept: 'Ihr Browser lässt diese Seite nichts behalten, also lässt sich Ihr Fortschritt nicht ändern.',
  problem: {
    json: 'Das ist keine Datei von hier: Sie enthält kein JSON.',
    shape: (field, expected) => `Das ist keine Datei von hier. Feld: ${field}; erwartet: ${expected}.`,
    large: 'Diese Datei ist zu groß, um von hier zu sein.',
  },
  ask: {
    title: 'Fortschritt vergessen?',
    text: 'Alle Häkchen aller Labs verschwinden aus diesem Browser. Eine gespeicherte Datei kann sie zurückbringen.',
    confirm: 'Vergessen',
  },
}
