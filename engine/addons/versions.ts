import { recordedVersion } from '../schema/data.ts'

/** What runs in the kube-system of a kind cluster of 1.34, by repository and tag. */
const KUBERNETES = recordedVersion.gitVersion

export const IMAGES = {
  apiServer: ['registry.k8s.io/kube-apiserver', KUBERNETES],
  controllerManager: ['registry.k8s.io/kube-controller-manager', KUBERNETES],
  scheduler: ['registry.k8s.io/kube-scheduler', KUBERNETES],
  proxy: ['registry.k8s.io/kube-proxy', KUBERNETES],
  etcd: ['registry.k8s.io/etcd', '3.6.5-0'],
  coredns: ['registry.k8s.io/coredns/coredns', 'v1.12.1'],
  kindnet: ['docker.io/kindest/kindnetd', 'v20260820-69b56db7'],
  localPath: ['docker.io/kindest/local-path-provisioner', 'v20260820-69b56db7'],
  localPathHelper: ['docker.io/kindest/local-path-helper', 'v20260131-7181c60a'],
  metricsServer: ['registry.k8s.io/metrics-server/metrics-server', 'v0.9.0'],
  ingressNginx: ['registry.k8s.io/ingress-nginx/controller', 'v1.13.3'],
} as const

export type AddonImage = keyof typeof IMAGES

export const imageOf = (image: AddonImage): string => IMAGES[image].join(':')
