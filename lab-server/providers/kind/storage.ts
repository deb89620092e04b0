import type { KubeObject } from '../../kube/connection.ts'

/**
 * As whom local-path-provisioner's helper Pods run that make and remove folders: the name is built into it. kind's own node images
 * bring the account; with one that does not (QUAYSIDE_NODE_IMAGE), no claim would ever get a volume. It needs no rights.
 */
export const storageHelper: KubeObject = {
  apiVersion: 'v1',
  kind: 'ServiceAccount',
  metadata: { name: 'local-path-provisioner-service-account', namespace: 'local-path-storage' },
}
