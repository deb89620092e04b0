import type { Clock } from '../../clock.ts'
import type { KubeConnection, KubeObject } from '../../kube/connection.ts'
import { until } from '../../kube/until.ts'

/**
 * The part of CoreDNS' Deployment that is ours. kubeadm leaves its readiness probe at Kubernetes' default of ten seconds, of
 * which the first mostly comes too early: a reader would wait for the second.
 */
const eagerProbe: KubeObject = {
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'coredns', namespace: 'kube-system' },
  spec: { template: { spec: { containers: [{ name: 'coredns', readinessProbe: { periodSeconds: 1 } }] } } },
}

/** kubeadm makes the Deployment within seconds of the API server's first answer; in ms. */
const MADE_WITHIN = 2 * 60_000

/**
 * Has CoreDNS looked at each second, from the moment that kubeadm has made its Deployment: before its Pods have found a node,
 * so that none is started twice.
 */
export async function hurryCoreDns(kube: KubeConnection, clock: Clock, signal: AbortSignal): Promise<void> {
  const { apiVersion, kind, metadata } = eagerProbe
  const query = { apiVersion, kind, namespace: 'kube-system', name: metadata.name }
  const made = await until(kube, query, (found) => found.length > 0, { clock, within: MADE_WITHIN, signal })
  if (made) await kube.apply(eagerProbe, signal)
}
