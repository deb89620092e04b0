import { formatLabelSelector } from '../../objects/label-selector.ts'
import { resourceText } from '../../objects/status-error.ts'
import { age, ageColumn, column, nameColumn } from '../printers.ts'
import type { Printer } from '../resource.ts'
import type { ParentReference } from './address-validation.ts'
import type { IngressClassSpec } from './class-validation.ts'
import { type IngressSpec, pointsOf } from './ingress-validation.ts'
import type { NetworkPolicySpec } from './policy-validation.ts'

/** Hosts that are told; of the rest it is told how many rules there are. */
const HOSTS = 3

function hostsText({ rules = [] }: IngressSpec): string {
  const hosts: string[] = []
  let more = false
  for (const { host = '' } of rules) {
    if (hosts.length === HOSTS) more = true
    if (!more && host !== '') hosts.push(host)
  }
  if (hosts.length === 0) return '*'
  return more ? `${hosts.join(',')} + ${rules.length - HOSTS} more...` : hosts.join(',')
}

export const ingressPrinter: Printer = {
  columns: [
    nameColumn,
    column('Class', 'string', 'The class whose controller serves it.'),
    column('Hosts', 'string', 'Hosts for which it has rules.'),
    column('Address', 'string', 'Where the load balancer takes requests.'),
    column('Ports', 'string', 'Ports that are open: 443 with TLS.'),
    ageColumn,
  ],
  cells(object, now) {
    const spec = (object.spec ?? {}) as IngressSpec
    const points = pointsOf(object).map(({ ip = '', hostname = '' }) => (ip === '' ? hostname : ip))
    return [
      object.metadata.name,
      spec.ingressClassName ?? '<none>',
      hostsText(spec),
      [...new Set(points.filter((point) => point !== ''))].sort().join(','),
      (spec.tls ?? []).length > 0 ? '80, 443' : '80',
      age(object.metadata.creationTimestamp, now),
    ]
  },
}

export const ingressClassPrinter: Printer = {
  columns: [
    nameColumn,
    column('Controller', 'string', 'The controller of this class.'),
    column('Parameters', 'string', 'The object with further parameters.'),
    ageColumn,
  ],
  cells(object, now) {
    const { controller = '', parameters } = (object.spec ?? {}) as IngressClassSpec
    const group = (parameters?.apiGroup ?? null) === null ? '' : `.${parameters?.apiGroup}`
    return [
      object.metadata.name,
      controller,
      parameters === undefined ? '<none>' : `${parameters.kind}${group}/${parameters.name}`,
      age(object.metadata.creationTimestamp, now),
    ]
  },
}

export const networkPolicyPrinter: Printer = {
  columns: [nameColumn, column('Pod-Selector', 'string', 'Pods to which it applies.'), ageColumn],
  cells(object, now) {
    const { podSelector } = (object.spec ?? {}) as NetworkPolicySpec
    return [object.metadata.name, formatLabelSelector(podSelector ?? {}), age(object.metadata.creationTimestamp, now)]
  },
}

export const serviceCidrPrinter: Printer = {
  columns: [nameColumn, column('CIDRs', 'string', 'Networks from which Services get addresses.'), ageColumn],
  cells(object, now) {
    const { cidrs = [] } = (object.spec ?? {}) as { readonly cidrs?: readonly string[] }
    return [object.metadata.name, cidrs.join(','), age(object.metadata.creationTimestamp, now)]
  },
}

export const ipAddressPrinter: Printer = {
  columns: [nameColumn, column('ParentRef', 'string', 'What has the address.')],
  cells(object, now) {
    const { parentRef } = (object.spec ?? {}) as { readonly parentRef?: ParentReference }
    // Upstream writes a third cell, for which it has no column.
    return [object.metadata.name, parentText(parentRef), age(object.metadata.creationTimestamp, now)]
  },
}

function parentText(parent: ParentReference | undefined): string {
  if (parent === undefined) return '<none>'
  const { group = '', resource = '', namespace = '', name = '' } = parent
  const place = namespace === '' ? '' : `/${namespace}`
  return `${resourceText({ group, resource }).toLowerCase()}${place}/${name}`
}
