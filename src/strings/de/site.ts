import type { site as english } from '../site.ts'
import type { Words } from '../words.ts'

export const site: Words<typeof english> = {
  name: 'Quayside',
  description: 'Docker und Kubernetes Seite an Seite, mit einem echten Cluster neben jeder Seite.',
}
