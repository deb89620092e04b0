import { getCollection } from 'astro:content'
import { translations } from '../strings/locale.ts'
import { readingOrder } from '../tracks.ts'
import type { LabEntry } from './loader.ts'

export interface LabPage {
  /** Id of the lab that runs beside the page. */
  lab: string
  href: string
  title: string
}

/** The page of each lab, in the order in which they are done, and in a language: where it is not translated, Starlight shows the English one at the same address. */
export async function labPages(locale: string | undefined): Promise<LabPage[]> {
  const base = import.meta.env.BASE_URL.replace(/\/$/, '')
  const pages = await getCollection('docs', ({ data }) => data.lab !== undefined)
  const english = pages.filter(({ id }) => !translations.includes(id.split('/')[0] ?? ''))
  const place = ({ id }: { id: string }) => readingOrder.indexOf(id)
  return english
    .sort((a, b) => place(a) - place(b))
    .map(({ id, data }) => {
      const path = locale === undefined ? id : `${locale}/${id}`
      const own = pages.find((page) => page.id === path)
      return { lab: data.lab ?? '', href: `${base}/${path}/`, title: own?.data.title ?? data.title }
    })
}

/** The labs that have a page, in the order in which they are done, each with the address of its page. */
export async function labsInOrder(locale: string | undefined): Promise<(LabEntry & { href: string })[]> {
  const entries = await getCollection('labs')
  return (await labPages(locale)).flatMap(({ lab, href }) => {
    const entry = entries.find(({ data }) => data.id === lab)
    return entry === undefined ? [] : [{ ...entry.data, href }]
  })
}
