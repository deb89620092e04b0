import { afterEach, beforeEach, expect, it } from 'vitest'
import { World } from '../controllers/world.testing.ts'
import { imageRegistry } from '../images/registry.ts'
import type { ApiObject, GroupResource } from '../objects/types.ts'
import { addons } from './addons.ts'
import { controlPlanePods } from './control-plane.ts'
import { addonImages } from './images/images.ts'

const of = (resource: string, group = ''): GroupResource => ({ group, resource })

let world: World
beforeEach(async () => {
  world = await World.make(() => [])
})
afterEach(() => {
  expect(world.errors).toEqual([])
  world.close()
})

const names = (resource: string, group: string, namespace: string) =>
  world.list(of(resource, group), namespace).map(({ metadata }) => metadata.name)

it('puts into a cluster what one that kind has made has', () => {
  addons(world.cluster.backend, { controlPlane: 'control-plane' })
  expect(names('deployments', 'apps', 'kube-system')).toEqual(['coredns', 'metrics-server'])
  expect(names('daemonsets', 'apps', 'kube-system')).toEqual(['kindnet', 'kube-proxy'])
  expect(names('deployments', 'apps', 'local-path-storage')).toEqual(['local-path-provisioner'])
  expect(names('services', '', 'kube-system')).toEqual(['kube-dns', 'metrics-server'])
  expect(names('configmaps', '', 'kube-system')).toEqual(
    expect.arrayContaining(['coredns', 'kube-proxy', 'kubeadm-config', 'kubelet-config']),
  )
  expect(names('serviceaccounts', '', 'kube-system')).toEqual(
    expect.arrayContaining(['coredns', 'kindnet', 'kube-proxy', 'metrics-server']),
  )
  expect(names('storageclasses', 'storage.k8s.io', '')).toEqual(['standard'])
  expect(names('ingressclasses', 'networking.k8s.io', '')).toEqual([])
  expect(names('namespaces', '', '')).toContain('local-path-storage')
})

it('writes its objects with the defaults and the names that the real ones have', () => {
  addons(world.cluster.backend, { controlPlane: 'control-plane' })
  expect(world.get(of('services'), 'kube-dns', 'kube-system')).toMatchObject({
    metadata: { labels: { 'kubernetes.io/name': 'CoreDNS' } },
    spec: { clusterIP: '10.96.0.10', type: 'ClusterIP', sessionAffinity: 'None', ipFamilies: ['IPv4'] },
  })
  const coredns = world.get(of('deployments', 'apps'), 'coredns', 'kube-system')
  expect(coredns?.metadata.managedFields?.[0]?.manager).toBe('kubeadm')
  expect(coredns?.spec).toMatchObject({
    replicas: 2,
    strategy: { rollingUpdate: { maxSurge: '25%', maxUnavailable: 1 } },
    template: { spec: { dnsPolicy: 'Default', containers: [{ readinessProbe: { periodSeconds: 10 } }] } },
  })
  const proxy = world.get(of('configmaps'), 'kube-proxy', 'kube-system')
  expect((proxy as ApiObject & { readonly data: object }).data).toMatchObject({
    'kubeconfig.conf': expect.stringContaining('server: https://control-plane:6443\n'),
  })
})

it('leaves out what is not asked for, and adds what is', () => {
  addons(world.cluster.backend, { controlPlane: 'control-plane', metricsServer: false, ingress: true })
  expect(names('deployments', 'apps', 'kube-system')).toEqual(['coredns'])
  expect(names('deployments', 'apps', 'ingress-nginx')).toEqual(['ingress-nginx-controller'])
  expect(names('ingressclasses', 'networking.k8s.io', '')).toEqual(['nginx'])
})

interface Workload extends ApiObject {
  readonly spec: { readonly template: { readonly spec: PodSpec } }
}
interface PodSpec {
  readonly containers: readonly Container[]
}
interface Container {
  readonly image: string
  readonly command?: readonly string[]
}

it('has an image for each of its containers, with the program that is started in it', () => {
  addons(world.cluster.backend, { controlPlane: 'control-plane', ingress: true })
  const workloads = ['deployments', 'daemonsets'].flatMap((resource) => world.list(of(resource, 'apps'))) as Workload[]
  const containers = [
    ...workloads.map(({ spec }) => spec.template.spec),
    ...controlPlanePods('control-plane').map(({ spec }) => spec as PodSpec),
  ].flatMap((spec) => spec.containers)
  expect(containers).toHaveLength(10)
  const registry = imageRegistry(addonImages)
  for (const { image, command } of containers) {
    const found = registry.find(image)?.image
    const [program = ''] = command ?? [...(found?.entrypoint ?? []), ...(found?.command ?? [])]
    const paths = Object.keys(found?.files ?? {}).map((path) =>
      program.startsWith('/') ? path : path.split('/').at(-1),
    )
    expect({ image, program, paths }).toEqual({
      image,
      program,
      paths: expect.arrayContaining([program || expect.any(String)]),
    })
  }
})

it("knows the control plane's own Pods as kubeadm writes them", () => {
  const [etcd, apiServer, controllerManager, scheduler] = controlPlanePods('control-plane') as readonly ApiObject[]
  expect([etcd, apiServer, controllerManager, scheduler].map((pod) => pod?.metadata.name)).toEqual([
    'etcd',
    'kube-apiserver',
    'kube-controller-manager',
    'kube-scheduler',
  ])
  expect(apiServer).toMatchObject({
    metadata: {
      namespace: 'kube-system',
      labels: { component: 'kube-apiserver', tier: 'control-plane' },
      annotations: { 'kubeadm.kubernetes.io/kube-apiserver.advertise-address.endpoint': '172.18.0.2:6443' },
    },
    spec: { hostNetwork: true, priorityClassName: 'system-node-critical' },
  })
  const { containers = [] } = (apiServer?.spec ?? {}) as Partial<PodSpec>
  const [container] = containers
  expect(container?.image).toBe('registry.k8s.io/kube-apiserver:v1.34.4')
  expect(container?.command?.slice(0, 3)).toEqual([
    'kube-apiserver',
    '--advertise-address=172.18.0.2',
    '--allow-privileged=true',
  ])
})
