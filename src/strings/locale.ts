/** The languages of the site. English stands at the root and is complete; others are translated page by page. */
export const locales = {
  root: { label: 'English', lang: 'en' },
  de: { label: 'Deutsch', lang: 'de' },
} as const

export type Translation = Exclude<keyof typeof locales, 'root'>

/** Folders of content/ that hold translations, and first parts of their addresses. */
export const translations: readonly string[] = Object.keys(locales).filter((name) => name !== 'root')

export const isTranslation = (locale: string | undefined): locale is Translation =>
  locale !== undefined && translations.includes(locale)
