/** The order in which pages are read, one track after another. The sidebar is built from this and from nothing else. */
interface Track {
  label: string
  /** Ids of pages, their paths in content/ without the ending; with a label where the title would say too little or too much. */
  pages: (string | { slug: string; label: string })[]
}

export const tracks: Track[] = [
  {
    label: 'Why',
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
  { label: 'How', pages: ['concepts/scaling', 'concepts/load-balancing', 'concepts/self-healing'] },
  { label: 'Labs', pages: [{ slug: 'labs', label: 'All labs' }, 'labs/scaling', 'progress'] },
  { label: 'Reference', pages: ['reference/glossary', 'reference/further-reading'] },
  { label: 'Run it yourself', pages: [{ slug: 'host', label: 'On your machine' }] },
]

export const sidebar = tracks.map(({ label, pages }) => ({ label, items: pages }))
