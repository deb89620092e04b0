import { translations } from '../strings/locale.ts'

/** A page at the root and once more below the first part of each translation's addresses. */
export const localePaths = () => [undefined, ...translations].map((locale) => ({ params: { locale } }))
