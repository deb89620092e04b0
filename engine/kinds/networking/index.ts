import { goQuote } from '../../objects/go-quote.ts'
import { ipSentences, ipWarnings } from '../../objects/ip-errors.ts'
import type { ApiObject } from '../../objects/types.ts'
import { defineKind, type Schemas } from '../define.ts'
import { KEPT_METADATA } from '../kept-metadata.ts'
import type { ResourceDefinition } from '../resource.ts'
import {
  ipAddressChangeErrors,
  ipAddressErrors,
  serviceCidrChangeErrors,
  serviceCidrErrors,
} from './address-validation.ts'
import { ingressClassChangeErrors, ingressClassErrors } from './class-validation.ts'
import { defaultIngressClass, defaultNetworkPolicy } from './defaults.ts'
import {
  CLASS_ANNOTATION,
  type IngressSpec,
  ingressCreateErrors,
  ingressErrors,
  ingressStatusErrors,
  pointsOf,
} from './ingress-validation.ts'
import { networkPolicyErrors, networkPolicyWarnings, networksOf } from './policy-validation.ts'
import {
  ingressClassPrinter,
  ingressPrinter,
  ipAddressPrinter,
  networkPolicyPrinter,
  serviceCidrPrinter,
} from './printers.ts'

const group = 'networking.k8s.io'
const version = 'v1'

export function resources(schemas: Schemas): readonly ResourceDefinition[] {
  return [
    defineKind(schemas, {
      group,
      version,
      kind: 'Ingress',
      resource: 'ingresses',
      metadataChecks: { again: 1 },
      changesGeneration: true,
      validate: ingressCreateErrors,
      validateUpdate: ingressErrors,
      warnings: ingressWarnings,
      status: { empty: { loadBalancer: {} }, validateUpdate: ingressStatusErrors, warnings: pointWarnings },
      printer: ingressPrinter,
    }),
    defineKind(schemas, {
      group,
      version,
      kind: 'IngressClass',
      resource: 'ingressclasses',
      metadataChecks: { again: 1 },
      namespaced: false,
      default: defaultIngressClass,
      changesGeneration: true,
      validate: ingressClassErrors,
      validateUpdate: (object, old) => [...ingressClassChangeErrors(object, old), ...ingressClassErrors(object)],
      printer: ingressClassPrinter,
    }),
    defineKind(schemas, {
      group,
      version,
      kind: 'NetworkPolicy',
      resource: 'networkpolicies',
      metadataChecks: { again: 1 },
      default: defaultNetworkPolicy,
      changesGeneration: true,
      validate: (object) => networkPolicyErrors(object),
      // Upstream checks the new policy as such, and then as one that may keep its networks.
      validateUpdate: (object, old) => [
        ...networkPolicyErrors(object),
        ...networkPolicyErrors(object, networksOf(old)),
      ],
      warnings: networkPolicyWarnings,
      printer: networkPolicyPrinter,
    }),
    defineKind(schemas, {
      group,
      version,
      kind: 'IPAddress',
      resource: 'ipaddresses',
      metadataChecks: { again: 1 },
      namespaced: false,
      nameErrors: ipSentences,
      validate: ipAddressErrors,
      validateUpdate: (object, old) => [...ipAddressErrors(object), ...ipAddressChangeErrors(object, old)],
      printer: ipAddressPrinter,
    }),
    defineKind(schemas, {
      group,
      version,
      kind: 'ServiceCIDR',
      resource: 'servicecidrs',
      namespaced: false,
      validate: serviceCidrErrors,
      validateUpdate: serviceCidrChangeErrors,
      // Upstream lets its status be written through the main door, too.
      status: { openForAll: true, keeps: ['spec', ...KEPT_METADATA] },
      printer: serviceCidrPrinter,
    }),
  ]
}

function ingressWarnings(ingress: ApiObject, old: ApiObject | undefined): readonly string[] {
  if (old !== undefined || ingress.metadata.annotations?.[CLASS_ANNOTATION] === undefined) return []
  if ((ingress.spec as IngressSpec | undefined)?.ingressClassName !== undefined) return []
  return [`annotation ${goQuote(CLASS_ANNOTATION)} is deprecated, please use 'spec.ingressClassName' instead`]
}

function pointWarnings(ingress: ApiObject): readonly string[] {
  return pointsOf(ingress).flatMap(({ ip = '' }, index) =>
    ip === '' ? [] : ipWarnings(`status.loadBalancer.ingress[${index}]`, ip),
  )
}
