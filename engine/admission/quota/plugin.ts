import { Writer } from '../../controllers/writer.ts'
import type { Quantity } from '../../objects/quantity.ts'
import type { ApiObject, NewObject } from '../../objects/types.ts'
import type { AdmissionAttributes, AdmissionPlugin, Backend } from '../plugin.ts'
import { refuse } from '../refuse.ts'
import { add, excess, listText, only, type ResourceList, toJson, withoutZeros } from '../resource-list.ts'
import { evaluatorOf, type QuotaEvaluator } from './evaluators.ts'
import { scopesOf } from './scopes.ts'
import { hardOf, quotaSpecOf, quotasOf, usedOf } from './usage.ts'

const QUOTAS = { group: '', resource: 'resourcequotas' }

/**
 * Lets nothing in that a ResourceQuota of the namespace has no room for, and counts what it lets in (upstream's ResourceQuota, 1.34). What is
 * given back, and what is let in but then not stored, is put right by `keepQuotaUsage`.
 */
export const resourceQuota: AdmissionPlugin = {
  name: 'ResourceQuota',
  validate(attributes, backend) {
    const { namespace, object, resource, operation, dryRun } = attributes
    if (namespace === '' || object === undefined || (operation !== 'CREATE' && operation !== 'UPDATE')) return
    const quotas = quotasOf(backend.store, namespace)
    const evaluator = quotas.length === 0 ? undefined : evaluatorOf(resource)
    if (evaluator === undefined || !evaluator.handles(attributes)) return
    const charges = quotas.flatMap((quota) => {
      const used = charged(attributes, backend, evaluator, quota, object)
      return used === undefined ? [] : [{ quota, used }]
    })
    if (dryRun) return
    for (const { quota, used } of charges) {
      const status = { ...(quota.status as object), used: toJson(used) }
      new Writer(backend, 'kube-apiserver').put(QUOTAS, quota, { ...quota, status }, 'status')
    }
  },
}

/** What is used of a quota once the object is in; undefined if nothing of it changes. Throws 403 if it does not fit. */
function charged(
  attributes: AdmissionAttributes,
  { clock }: Backend,
  evaluator: QuotaEvaluator,
  quota: ApiObject,
  object: NewObject,
): ResourceList | undefined {
  const { name } = quota.metadata
  const hard = hardOf(quota)
  const used = usedOf(quota)
  const limited = [...hard.keys()].filter((limit) => evaluator.counts(limit))
  const scopes = scopesOf(quotaSpecOf(quota))
  const isIn = (one: NewObject) => scopes.every((scope) => evaluator.matchesScope(scope, one))
  if (limited.length === 0 || !isIn(object)) return undefined
  const missing = evaluator.missing?.(limited, object)
  if (missing !== undefined) throw refuse(attributes, `failed quota: ${name}: ${missing}`)
  if (limited.some((limit) => !used.has(limit))) {
    throw refuse(attributes, `status unknown for quota: ${name}, resources: ${limited.sort().join(',')}`)
  }
  const now = clock.now()
  const usage = evaluator.usage(object, now)
  const negative = [...usage].filter(([, amount]) => amount.sign() < 0).map(([resource]) => resource)
  if (negative.length > 0) {
    throw refuse(attributes, `quota usage is negative for resource(s): ${negative.sort().join(',')}`)
  }
  const { oldObject } = attributes
  const more = oldObject === undefined || !isIn(oldObject) ? usage : excess(usage, evaluator.usage(oldObject, now))
  const requested = only(withoutZeros(more), hard.keys())
  if (requested.size === 0) return undefined
  const after = add(used, requested)
  if (attributes.subresource !== 'status') mustFit(attributes, name, requested, used, after, hard)
  return after
}

function mustFit(
  attributes: AdmissionAttributes,
  name: string,
  requested: ResourceList,
  used: ResourceList,
  after: ResourceList,
  hard: ResourceList,
): void {
  const exceeded = [...requested.keys()].filter((resource) => {
    const limit = hard.get(resource) as Quantity
    return (after.get(resource) as Quantity).compare(limit) > 0
  })
  if (exceeded.length === 0) return
  const text = (list: ResourceList) => listText(only(list, exceeded))
  const why = `requested: ${text(requested)}, used: ${text(used)}, limited: ${text(hard)}`
  throw refuse(attributes, `exceeded quota: ${name}, ${why}`)
}
