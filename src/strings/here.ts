import { isTranslation, type Translation } from './locale.ts'
import type { Words } from './words.ts'

/** Loads a part's translation; each is a module of its own, so that a reader of English fetches none. */
type Translated<T> = Partial<Record<Translation, () => Promise<Words<T>>>>

/**
 * A part in the language of the page's text, for scripts in the browser. That language is what its `<main>` says: a page that is
 * not translated yet is shown in English, within an interface that is.
 *
 * On the server there is no page yet, and this is English: components ask `stringsIn` of src/strings.ts.
 */
export async function here<T>(english: T, translated: Translated<T>): Promise<Words<T>> {
  const language = globalThis.document?.querySelector('main')?.lang
  const load = isTranslation(language) ? translated[language] : undefined
  // A translation that does not arrive is no reason for a page that does nothing.
  return (await load?.().catch(() => undefined)) ?? (english as Words<T>)
}
