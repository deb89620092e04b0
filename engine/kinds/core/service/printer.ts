import { labelsText } from '../../cells.ts'
import { age, ageColumn, column, nameColumn } from '../../printers.ts'
import type { Printer } from '../../resource.ts'
import { type ServicePort, type ServiceSpec, type ServiceStatus, specOf, statusOf } from './types.ts'

export const servicePrinter: Printer = {
  columns: [
    nameColumn,
    column('Type', 'string', 'How the Service can be reached.'),
    column('Cluster-IP', 'string', 'The address inside the cluster.'),
    column('External-IP', 'string', 'Addresses from outside, or what is waited for.'),
    column('Port(s)', 'string', 'Ports, with the port of each node after a colon.'),
    ageColumn,
    column('Selector', 'string', 'The labels of the Pods behind it.', 'wide'),
  ],
  cells(service, now) {
    const spec = specOf(service)
    const { clusterIPs = [], ports = [], type = '' } = spec
    return [
      service.metadata.name,
      type,
      clusterIPs[0] ?? '<none>',
      externalText(spec, statusOf(service)),
      ports.length === 0 ? '<none>' : ports.map(portText).join(','),
      age(service.metadata.creationTimestamp, now),
      labelsText(spec.selector),
    ]
  },
}

function portText({ port, nodePort = 0, protocol = '' }: ServicePort): string {
  return nodePort > 0 ? `${port}:${nodePort}/${protocol}` : `${port}/${protocol}`
}

function externalText(spec: ServiceSpec, status: ServiceStatus): string {
  const { externalIPs = [] } = spec
  switch (spec.type) {
    case 'ClusterIP':
    case 'NodePort':
      return externalIPs.length > 0 ? externalIPs.join(',') : '<none>'
    case 'LoadBalancer': {
      const given = (status.loadBalancer?.ingress ?? []).map(({ ip = '', hostname = '' }) => ip || hostname)
      const all = [...[...new Set(given.filter((address) => address !== ''))].sort(), ...externalIPs]
      return all.length > 0 ? all.join(',') : '<pending>'
    }
    case 'ExternalName':
      return spec.externalName ?? ''
    default:
      return '<unknown>'
  }
}
