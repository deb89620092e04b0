import { dump } from 'js-yaml'

/** Addresses inside every cluster; the same in each, as clusters do not see one another. */
export const POD_SUBNET = '10.244.0.0/16'
export const SERVICE_SUBNET = '10.96.0.0/16'

/** kind's configuration of one cluster, as YAML. */
export const clusterConfig = (workers: number): string =>
  dump({
    kind: 'Cluster',
    apiVersion: 'kind.x-k8s.io/v1alpha4',
    networking: {
      ipFamily: 'ipv4',
      // The lab server alone speaks to it from the host
      apiServerAddress: '127.0.0.1',
      podSubnet: POD_SUBNET,
      serviceSubnet: SERVICE_SUBNET,
      // The rules that keep Pods in their cluster are written for it
      kubeProxyMode: 'iptables',
    },
    nodes: [{ role: 'control-plane' }, ...Array.from({ length: workers }, () => ({ role: 'worker' }))],
  })
