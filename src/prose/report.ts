/** `npm run readability`: words, sentences and long sentences of each page. A report; nothing fails. */
import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { LONG, readabilityOf } from './readability.ts'

const root = join(import.meta.dirname, '../..')
const files = globSync('content/**/*.{md,mdx}', { cwd: root }).sort()
const row = (name: string, ...cells: (string | number)[]) =>
  console.log(name.padEnd(44) + cells.map((cell) => String(cell).padStart(12)).join(''))

row('page', 'words', 'sentences', 'words each', `over ${LONG}`)
const pages = files.map((file) => ({ file, ...readabilityOf(readFileSync(join(root, file), 'utf8')) }))
for (const { file, words, sentences, mean, long } of pages) row(file, words, sentences, mean.toFixed(1), long.length)
const sum = (of: (page: (typeof pages)[number]) => number) => pages.reduce((total, page) => total + of(page), 0)
const sentences = sum((page) => page.sentences)
row(
  `${pages.length} pages`,
  sum((page) => page.words),
  sentences,
  (sum((page) => page.mean * page.sentences) / sentences).toFixed(1),
  sum((page) => page.long.length),
)
console.log('\nLong sentences:')
for (const { file, long } of pages)
  for (const { line, words, text } of long) console.log(`${file}:${line}: ${words} words: ${text}`)
