/** Names and labels of everything that the provider makes in Docker: by them it is found again. */
import { workerNames } from '../node-names.ts'

export const labels = {
  instance: 'dev.quayside.instance',
  cluster: 'dev.quayside.cluster',
  /** Milliseconds since the epoch. */
  created: 'dev.quayside.created',
  /** What a thing is there for: `nodes`, `toolbox`, `shell`, `home`, `image-build`. */
  role: 'dev.quayside.role',
  workers: 'dev.quayside.workers',
  /** Number of a shell. */
  shell: 'dev.quayside.shell',
} as const

/** kind's own label on its nodes; the value is the cluster's name. */
export const KIND_CLUSTER_LABEL = 'io.x-k8s.kind.cluster'

/** The reader sees it in the names of the nodes. */
export const clusterName = (id: string) => `lab-${id}`
export const nodesNetwork = (id: string) => clusterName(id)
export const shellNetwork = (id: string) => `${clusterName(id)}-shell`
export const homeVolume = (id: string) => `${clusterName(id)}-home`
export const toolboxName = (id: string) => `${clusterName(id)}-toolbox`
export const shellName = (id: string, shell: number) => `${clusterName(id)}-shell-${shell}`
export const controlPlaneName = (id: string) => `${clusterName(id)}-control-plane`

/** As kind names them: `worker`, `worker2`, `worker3`. */
export const nodeNames = (id: string, workers: number) => [
  controlPlaneName(id),
  ...workerNames(workers, `${clusterName(id)}-`),
]

/** Longest id that leaves room for `lab-…-control-plane` in a host name of 63 characters. */
const ID = /^[a-z0-9]{1,40}$/

/** @throws {Error} as an id becomes part of names and file names */
export function checkId(id: string): void {
  if (!ID.test(id)) throw new Error(`cluster id ${JSON.stringify(id)}: expected up to 40 lower-case letters and digits`)
}

export interface ClusterMark {
  instance: string
  id: string
  createdAt: number
  workers: number
}

export const clusterLabels = (mark: ClusterMark, role: string): Record<string, string> => ({
  [labels.instance]: mark.instance,
  [labels.cluster]: mark.id,
  [labels.created]: String(mark.createdAt),
  [labels.workers]: String(mark.workers),
  [labels.role]: role,
})

/** Undefined for what does not carry our labels, or carries them broken: never touched. */
export function readMark(found: Record<string, string> | null | undefined): ClusterMark | undefined {
  const instance = found?.[labels.instance]
  const id = found?.[labels.cluster]
  const createdAt = Number(found?.[labels.created])
  const workers = Number(found?.[labels.workers])
  if (!instance || !id || !ID.test(id) || !Number.isSafeInteger(createdAt) || !Number.isSafeInteger(workers))
    return undefined
  return { instance, id, createdAt, workers }
}
