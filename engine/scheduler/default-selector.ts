import { LabelSelector, type LabelSelectorObject } from '../objects/label-selector.ts'
import type { LabelRequirement, Labels } from '../objects/requirement.ts'
import type { ApiObject } from '../objects/types.ts'
import type { Surroundings } from './check.ts'

const SERVICES = { group: '', resource: 'services' } as const
const NO_LABELS: Labels = {}

/** What Pods belong together with this one: by its Services and its controller (scheduler's `helper.DefaultSelector`, 1.34). */
export function defaultSelector(pod: ApiObject, { store, selectors }: Pick<Surroundings, 'store' | 'selectors'>) {
  const { namespace, labels = NO_LABELS, ownerReferences = [] } = pod.metadata
  let together: Labels | undefined
  for (const { spec } of store.collection(SERVICES)?.list({ namespace }).items ?? []) {
    const { selector } = (spec ?? {}) as { readonly selector?: Labels }
    if (selector === undefined || !matchesAll(selector, labels)) continue
    together = { ...together, ...selector }
  }
  const owner = ownerReferences.find(({ controller }) => controller === true)
  const find = (group: string, resource: string): ApiObject | undefined =>
    store.collection({ group, resource })?.get(namespace, owner?.name ?? '')
  let further: readonly LabelRequirement[] = []
  switch (owner === undefined ? '' : `${owner.apiVersion} ${owner.kind}`) {
    case 'v1 ReplicationController':
      together = { ...together, ...(selectorOf<Labels>(find('', 'replicationcontrollers')) ?? NO_LABELS) }
      break
    case 'apps/v1 ReplicaSet':
      further = selectors.of(selectorOf<LabelSelectorObject>(find('apps', 'replicasets'))).requirements
      break
    case 'apps/v1 StatefulSet':
      further = selectors.of(selectorOf<LabelSelectorObject>(find('apps', 'statefulsets'))).requirements
      break
  }
  const selector = together === undefined ? LabelSelector.everything : LabelSelector.ofLabels(together)
  return further.length === 0 ? selector : selector.and(...further)
}

function matchesAll(wanted: Labels, labels: Labels): boolean {
  for (const key in wanted) if (labels[key] !== wanted[key]) return false
  return true
}

const selectorOf = <T>(owner: ApiObject | undefined): T | undefined =>
  (owner?.spec as { readonly selector?: T } | undefined)?.selector
