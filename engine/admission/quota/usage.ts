import { Quantity } from '../../objects/quantity.ts'
import type { ApiObject, GroupResource } from '../../objects/types.ts'
import type { Store } from '../../storage/store.ts'
import { add, only, type ResourceList, resourceList } from '../resource-list.ts'
import { evaluatorOf, type QuotaEvaluator } from './evaluators.ts'
import { type QuotaSpec, type ScopeSelector, scopesOf } from './scopes.ts'

const QUOTAS: GroupResource = { group: '', resource: 'resourcequotas' }

export function quotaSpecOf(quota: ApiObject): QuotaSpec {
  return (quota.spec ?? {}) as QuotaSpec
}

/** What all objects of a namespace use of what a quota limits; `now` in ms since 1970. Limits on what is not served are left out. */
export function usageOf(store: Store, namespace: string, spec: QuotaSpec, now: number): ResourceList {
  const names = Object.keys(spec.hard ?? {})
  const scopes = scopesOf(spec)
  let used: ResourceList = new Map()
  for (const collection of store.collections) {
    if (!collection.namespaced) continue
    const evaluator = evaluatorOf(collection.resource)
    const counted = evaluator === undefined ? [] : names.filter((name) => evaluator.counts(name))
    if (evaluator === undefined || counted.length === 0) continue
    used = add(used, new Map(counted.map((name) => [name, Quantity.of(0)])))
    for (const object of collection.list({ namespace }).items) {
      if (inScopes(evaluator, scopes, object)) used = add(used, only(evaluator.usage(object, now), counted))
    }
  }
  return used
}

export function inScopes(evaluator: QuotaEvaluator, scopes: readonly ScopeSelector[], object: ApiObject): boolean {
  return scopes.every((scope) => evaluator.matchesScope(scope, object))
}

export function quotasOf(store: Store, namespace: string): readonly ApiObject[] {
  return store.collection(QUOTAS)?.list({ namespace }).items ?? []
}

export function hardOf(quota: ApiObject): ResourceList {
  return resourceList((quota.status as { hard?: Record<string, string> } | undefined)?.hard)
}

export function usedOf(quota: ApiObject): ResourceList {
  return resourceList((quota.status as { used?: Record<string, string> } | undefined)?.used)
}
