import type { LabEntry } from '../labs/catalogue.ts'
import type { Provider } from '../providers/provider.ts'

/** What clusters differ in before anybody has one: those of the same shape stand in for one another. */
export interface ClusterShape {
  workers: number
  ingress: boolean
}

export const sameShape = (a: ClusterShape, b: ClusterShape) => a.workers === b.workers && a.ingress === b.ingress

/** Of a lab's cluster: what a provider cannot give does not tell its clusters apart. */
export const shapeOf = ({ lab }: LabEntry, provider: Pick<Provider, 'hasIngress'>): ClusterShape => ({
  workers: lab.cluster.workers,
  ingress: lab.cluster.ingress && provider.hasIngress === true,
})

/**
 * The shapes that are worth a warm cluster: of simulated ones, that cost little, all that labs ask for; of real ones that which
 * most labs ask for.
 */
export function shapesToKeep(
  entries: Iterable<LabEntry>,
  provider: Pick<Provider, 'hasIngress' | 'simulated'>,
): ClusterShape[] {
  const all = [...entries].map((entry) => shapeOf(entry, provider))
  const countOf = (shape: ClusterShape) => all.filter((other) => sameShape(other, shape)).length
  const shapes = all
    .filter((shape, index) => all.findIndex((other) => sameShape(other, shape)) === index)
    .sort((a, b) => countOf(b) - countOf(a))
  return provider.simulated ? shapes : shapes.slice(0, 1)
}
