import type { Lab, Need } from '../../protocol/lab/schema.ts'
import type { KubeConnection } from '../kube/connection.ts'
import { listed } from './start-state.ts'

/** What steps of a lab need and a cluster does not have. */
export async function lacksOf(
  kube: KubeConnection,
  { steps }: Pick<Lab, 'steps'>,
  signal?: AbortSignal,
): Promise<Need[]> {
  if (!steps.some(({ needs }) => needs === 'ingress-controller')) return []
  const kind = { apiVersion: 'networking.k8s.io/v1', kind: 'IngressClass' }
  const classes = await listed(kube, kind, undefined, signal)
  return classes.length === 0 ? ['ingress-controller'] : []
}
