import type { Backend } from '../admission/plugin.ts'
import { addDefaultClass } from '../controllers/volumes/default-class.ts'
import { Writer } from '../controllers/writer.ts'
import { coredns } from './coredns.ts'
import { ingressNginx } from './ingress-nginx.ts'
import { kindnet } from './kindnet.ts'
import { kubeProxy } from './kube-proxy.ts'
import { kubeadmConfig } from './kubeadm-config.ts'
import { localPath } from './local-path.ts'
import { metricsServer } from './metrics-server.ts'
import type { AddonObject } from './objects.ts'

/** Who kubeadm and kind write as. */
const ADMINISTRATOR = { username: 'kubernetes-admin', groups: ['system:masters', 'system:authenticated'] }

export interface AddonOptions {
  /** The node that the control plane is on, by which others find it. */
  readonly controlPlane: string
  /** `kind` if not said. */
  readonly cluster?: string
  readonly metricsServer?: boolean
  /** ingress-nginx, on the control plane's ports 80 and 443. */
  readonly ingress?: boolean
}

/** Puts into a fresh cluster what one that kind has made has besides: names, the network, volumes, and what is asked for. */
export function addons(backend: Backend, options: AddonOptions): void {
  const { controlPlane, cluster = 'kind', metricsServer: metrics = true, ingress = false } = options
  const endpoint = `${controlPlane}:6443`
  const all: readonly AddonObject[] = [
    ...kubeadmConfig(cluster, endpoint),
    ...coredns,
    ...kubeProxy(`https://${endpoint}`),
    ...kindnet,
    ...localPath,
    ...(metrics ? metricsServer : []),
    ...(ingress ? ingressNginx : []),
  ]
  for (const { resource, object, manager } of all) {
    new Writer(backend, manager).submit(resource, object, ADMINISTRATOR, object.metadata.namespace)
  }
  addDefaultClass(backend)
}
