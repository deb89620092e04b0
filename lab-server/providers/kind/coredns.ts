import type { KubeConnection, KubeObject } from '../../kube/connection.ts'

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

/**
 * Has CoreDNS looked at each second, from the moment that kubeadm has made its Deployment: before its Pods have found a node,
 * so that none is started twice.
 */
export function hurryCoreDns(kube: KubeConnection, signal: AbortSignal): Promise<void> {
  const { apiVersion, kind, metadata } = eagerProbe
  return new Promise((resolve, reject) => {
    const end = (act: () => void) => {
      signal.removeEventListener('abort', abort)
      watch.close()
      act()
    }
    const abort = () => end(() => reject(signal.reason))
    const watch = kube.watch({ apiVersion, kind, namespace: 'kube-system', name: metadata.name }, ({ type }) => {
      if (type === 'ADDED') end(() => kube.apply(eagerProbe, signal).then(() => resolve(), reject))
    })
    watch.synced.catch((error: unknown) => end(() => reject(error)))
    signal.addEventListener('abort', abort, { once: true })
  })
}
