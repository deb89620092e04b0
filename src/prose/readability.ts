import { passagesOf } from './prose.ts'

/** Words. Above it a sentence asks its reader to remember how it began. */
export const LONG = 24

export interface Sentence {
  line: number
  text: string
  words: number
}

export interface Readability {
  words: number
  sentences: number
  /** Words a sentence, in the mean. */
  mean: number
  long: Sentence[]
}

/** Passages without an end of a sentence (headings, cells, labels) count their words, and are no sentences. */
export function readabilityOf(page: string): Readability {
  const passages = passagesOf(page)
  const count = (text: string) => text.split(/\s+/).filter((word) => /[\p{L}\p{N}…]/u.test(word)).length
  const sentences = passages.flatMap(({ line, text }) =>
    [...text.matchAll(/[^.!?:]+(?:[.!?:]+(?=[\s”"’)]|$)[”"’)]*|[.!?:](?=\S)[^.!?:]*)*/g)]
      .map(([sentence]) => sentence.trim())
      .filter((sentence) => /[.!?:][”"’)]*$/.test(sentence) && count(sentence) > 1)
      .flatMap((sentence) => sentence.split(/(?<=[.!?:][”"’)]*)\s+/))
      .map((sentence) => ({ line, text: sentence, words: count(sentence) })),
  )
  const spoken = sentences.reduce((sum, { words }) => sum + words, 0)
  return {
    words: passages.reduce((sum, { text }) => sum + count(text), 0),
    sentences: sentences.length,
    mean: sentences.length === 0 ? 0 : spoken / sentences.length,
    long: sentences.filter(({ words }) => words > LONG),
  }
}
