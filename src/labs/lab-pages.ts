import { getCollection } from 'astro:content'
import { translations } from '../strings/locale.ts'

export interface LabPage {
  /** Id of the lab that runs beside the page. */
  lab: string
  href: string
  title: string
}

/** The page of each lab, in a language: where it is not translated, Starlight shows the English one at the same address. */
export async function labPages(locale: string | undefined): Promise<LabPage[]> {
  const base = import.meta.env.BASE_URL.replace(/\/$/, '')
  const pages = await getCollection('docs', ({ data }) => data.lab !== undefined)
  const english = pages.filter(({ id }) => !translations.includes(id.split('/')[0] ?? ''))
  return english.map(({ id, data }) => {
    const path = locale === undefined ? id : `${locale}/${id}`
    const own = pages.find((page) => page.id === path)
    return { lab: data.lab ?? '', href: `${base}/${path}/`, title: own?.data.title ?? data.title }
  })
}
