import { type Passage, passagesOf } from './prose.ts'

/** Whether a word is one. */
export type Known = (word: string) => boolean

export interface Misspelt {
  line: number
  word: string
}

/** Words of a passage; what has digits, or capitals behind its first letter, is a name. */
const wordsOf = ({ text }: Passage, known: Known) =>
  [...text.replaceAll('’', "'").matchAll(/[\p{L}\p{N}][\p{L}\p{N}'_./@-]*/gu)]
    .filter(([word]) => !/[._/@\d]\S|_/.test(word))
    .flatMap(([word]) => (known(word) ? [] : word.split('-')))
    .map((word) => word.replace(/'+$/, '').replace(/[.]+$/, ''))
    .filter((word) => word.length > 1 && !/\d/.test(word) && !/\p{Lu}/u.test(word.slice(1)))

export function misspelt(page: string, known: Known): Misspelt[] {
  return passagesOf(page).flatMap((passage) =>
    wordsOf(passage, known)
      .filter((word) => !known(word) && !known(word.replace(/'s$/, '')))
      .map((word) => ({ line: passage.line, word })),
  )
}
