import type { NewObject } from '../../objects/types.ts'
import type { IngressClassSpec } from './class-validation.ts'
import type { NetworkPolicySpec, PolicyRule } from './policy-validation.ts'

export function defaultIngressClass(object: NewObject): NewObject {
  const spec = (object.spec ?? {}) as IngressClassSpec
  const { parameters } = spec
  if (parameters === undefined || (parameters.scope ?? null) !== null) return object
  return { ...object, spec: { ...spec, parameters: { ...parameters, scope: 'Cluster' } } }
}

export function defaultNetworkPolicy(object: NewObject): NewObject {
  const spec = (object.spec ?? {}) as NetworkPolicySpec
  const { ingress, egress, policyTypes = [] } = spec
  const implied = (egress ?? []).length > 0 ? ['Ingress', 'Egress'] : ['Ingress']
  return {
    ...object,
    spec: {
      ...spec,
      ...(ingress === undefined ? {} : { ingress: ingress.map(defaultRule) }),
      ...(egress === undefined ? {} : { egress: egress.map(defaultRule) }),
      policyTypes: policyTypes.length === 0 ? implied : policyTypes,
    },
  }
}

function defaultRule(rule: PolicyRule): PolicyRule {
  if (rule.ports === undefined) return rule
  return {
    ...rule,
    ports: rule.ports.map((port) => (port.protocol === undefined ? { ...port, protocol: 'TCP' } : port)),
  }
}
