/**
 * `npm run spelling`: words of the English pages that are in neither the dictionary nor content/words.txt, with file and line; ends
 * with 1 if there are any. The list takes names and words of the field, one a line; a word that is there and on no page is named too,
 * so that it does not fill up with what once was needed.
 */
import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import english from 'dictionary-en'
import nspell from 'nspell'
import { translations } from '../strings/locale.ts'
import { misspelt } from './spelling.ts'

const LIST = 'content/words.txt'
const root = join(import.meta.dirname, '../..')
const read = (file: string) => readFileSync(join(root, file), 'utf8')

const speller = nspell(english)
const own = read(LIST)
  .split('\n')
  .filter((word) => word !== '')
const needed = new Set<string>()
const known = (word: string) => {
  if (speller.correct(word) || speller.correct(word.toLowerCase())) return true
  const listed = own.find((one) => one === word || one === word.toLowerCase())
  if (listed !== undefined) needed.add(listed)
  return listed !== undefined
}

const files = globSync('content/**/*.{md,mdx}', { cwd: root })
  .filter((file) => !translations.includes(file.split('/')[1] ?? ''))
  .sort()
for (const file of files)
  for (const { line, word } of misspelt(read(file), known)) {
    const near = speller.suggest(word).slice(0, 3).join(', ')
    console.log(
      `${file}:${line}: found "${word}"; expected a word of the dictionary${near ? ` (${near}?)` : ''} or of ${LIST}`,
    )
    process.exitCode = 1
  }
for (const [at, word] of own.entries())
  if (!needed.has(word)) {
    console.log(`${LIST}:${at + 1}: found "${word}", which no page needs; expected it gone`)
    process.exitCode = 1
  }
if (process.exitCode === undefined) console.log(`${files.length} pages: no misspelt word.`)
