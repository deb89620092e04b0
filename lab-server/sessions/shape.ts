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

/** Each shape once. */
export function shapesOf(entries: Iterable<LabEntry>, provider: Pick<Provider, 'hasIngress'>): ClusterShape[] {
  const shapes = [...entries].map((entry) => shapeOf(entry, provider))
  return shapes.filter((shape, index) => shapes.findIndex((other) => sameShape(other, shape)) === index)
}
