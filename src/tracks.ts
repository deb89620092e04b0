import type { Translation } from './strings/locale.ts'

/** In every language of the site: unlike a page, a sidebar is never half translated. */
type Label = Record<'en' | Translation, string>

/** The order in which pages are read, one track after another. The sidebar is built from this and from nothing else. */
interface Track {
  label: Label
  /** Ids of pages, their paths in content/ without the ending; with a label where the title would say too little or too much. */
  pages: (string | { slug: string; label: Label })[]
}

export const tracks: Track[] = [
  {
    label: { en: 'Why', de: 'Warum' },
    pages: [
      'why/seven-machines',
      'why/what-docker-does',
      'why/one-engine',
      'why/compose-and-swarm',
      'why/what-kubernetes-is',
      'why/what-it-is-not',
      'why/who-needs-it',
      'why/pictures',
    ],
  },
  {
    label: { en: 'How', de: 'Wie' },
    pages: [
      'concepts/pod',
      'concepts/desired-state',
      'concepts/control-plane',
      'concepts/nodes-and-scheduling',
      'concepts/scaling',
      'concepts/load-balancing',
      'concepts/ingress-and-gateway',
      'concepts/self-healing',
      'concepts/rollouts',
      'concepts/configuration',
      'concepts/storage',
      'concepts/observability',
      'concepts/packaging',
      'concepts/clouds',
      'concepts/worked-example',
    ],
  },
  {
    label: { en: 'Labs', de: 'Labs' },
    pages: [
      { slug: 'labs', label: { en: 'All labs', de: 'Alle Labs' } },
      'labs/before-kubernetes',
      'labs/first-cluster',
      'labs/desired-state',
      'labs/scaling',
      'labs/services',
      'labs/self-healing',
      'labs/rollouts',
      'labs/scheduling',
      'labs/config-secrets',
      'labs/storage',
      'labs/web-and-database',
      'labs/observability',
      'labs/jobs',
      'labs/helm',
      'labs/crd-operator',
      'labs/debug-me',
      'progress',
    ],
  },
  {
    label: { en: 'Reference', de: 'Nachschlagen' },
    pages: ['reference/glossary', 'reference/commands', 'reference/compose-to-manifests', 'reference/further-reading'],
  },
  {
    label: { en: 'Run it yourself', de: 'Selbst betreiben' },
    pages: [
      { slug: 'host', label: { en: 'On your machine', de: 'Auf Ihrem Rechner' } },
      { slug: 'host/server', label: { en: 'On a server', de: 'Auf einem Server' } },
      { slug: 'host/workshop', label: { en: 'A workshop', de: 'Ein Workshop' } },
    ],
  },
]

/** Ids of all pages in the order in which they are read. */
export const readingOrder: readonly string[] = tracks.flatMap(({ pages }) =>
  pages.map((page) => (typeof page === 'string' ? page : page.slug)),
)

const labelled = ({ en, ...translations }: Label) => ({ label: en, translations })

export const sidebar = tracks.map(({ label, pages }) => ({
  ...labelled(label),
  items: pages.map((page) => (typeof page === 'string' ? page : { slug: page.slug, ...labelled(page.label) })),
}))
