/** Stands in for Pagefind's interface until the reader opens the search: see alias.ts. */
import stylesheet from './search.css?url&no-inline'

type Options = Record<string, unknown>

/** After the page's own sheets: the first of them says in which order the layers stand. */
function loadStyle(): Promise<void> {
  const link = document.createElement('link')
  link.rel = 'stylesheet'
  link.href = stylesheet
  return new Promise((resolve) => {
    link.addEventListener('load', () => resolve())
    link.addEventListener('error', () => resolve())
    document.head.append(link)
  })
}

export class PagefindUI {
  constructor(options: Options) {
    const dialog = document.querySelector<HTMLDialogElement>('site-search dialog')
    const button = document.querySelector('site-search [data-open-modal]')
    if (dialog === null) return

    let asked = false
    const load = () => {
      if (asked) return
      asked = true
      void Promise.all([import('quayside:search-ui'), loadStyle()]).then(([{ PagefindUI }]) => {
        new PagefindUI(options)
        // Starlight puts the focus on the input when it opens the dialog; then there was none yet.
        if (dialog.open) dialog.querySelector('input')?.focus()
      })
    }

    new MutationObserver(() => dialog.open && load()).observe(dialog, { attributeFilter: ['open'] })
    button?.addEventListener('pointerenter', load, { once: true })
    button?.addEventListener('focus', load, { once: true })
    if (dialog.open) load()
  }
}
