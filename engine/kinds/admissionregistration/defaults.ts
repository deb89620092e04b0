import type { NewObject } from '../../objects/types.ts'
import type { BindingSpec, MatchResources, PolicySpec, RuleWithOperations, Webhook } from './types.ts'

/** The port of Services that webhooks are behind. */
const HTTPS = 443
/** Seconds. */
const TIMEOUT = 10

const withScope = (rule: RuleWithOperations): RuleWithOperations => ({ scope: '*', ...rule })

export function defaultWebhooks(extra: Partial<Webhook>): (object: NewObject) => NewObject {
  return (object) => {
    const hooks = object.webhooks as readonly Webhook[] | undefined
    if (hooks === undefined) return object
    return { ...object, webhooks: hooks.map((hook) => ({ ...extra, ...defaultWebhook(hook) })) }
  }
}

function defaultWebhook(hook: Webhook): Webhook {
  const { clientConfig, rules } = hook
  const { service } = clientConfig
  return {
    failurePolicy: 'Fail',
    matchPolicy: 'Equivalent',
    namespaceSelector: {},
    objectSelector: {},
    timeoutSeconds: TIMEOUT,
    ...hook,
    ...(service === undefined ? {} : { clientConfig: { ...clientConfig, service: { port: HTTPS, ...service } } }),
    ...(rules === undefined ? {} : { rules: rules.map(withScope) }),
  }
}

export function defaultPolicy(object: NewObject): NewObject {
  const spec = (object.spec ?? {}) as PolicySpec
  const { matchConstraints } = spec
  return {
    ...object,
    spec: {
      failurePolicy: 'Fail',
      ...spec,
      ...(matchConstraints === undefined ? {} : { matchConstraints: defaultMatch(matchConstraints) }),
    },
  }
}

export function defaultBinding(object: NewObject): NewObject {
  const spec = (object.spec ?? {}) as BindingSpec
  const { matchResources } = spec
  if (matchResources === undefined) return object
  return { ...object, spec: { ...spec, matchResources: defaultMatch(matchResources) } }
}

function defaultMatch(match: MatchResources): MatchResources {
  const { resourceRules, excludeResourceRules } = match
  return {
    matchPolicy: 'Equivalent',
    namespaceSelector: {},
    objectSelector: {},
    ...match,
    ...(resourceRules === undefined ? {} : { resourceRules: resourceRules.map(withScope) }),
    ...(excludeResourceRules === undefined ? {} : { excludeResourceRules: excludeResourceRules.map(withScope) }),
  }
}
