/** What is left of a namespace that is being deleted. */
export interface Remains {
  /** Objects by `pods.`, `deployments.apps`. */
  readonly resources: ReadonlyMap<string, number>
  /** Objects by the finalizer that holds them. */
  readonly finalizers: ReadonlyMap<string, number>
}

export interface NamespaceCondition {
  readonly type: string
  readonly status: string
  readonly lastTransitionTime?: string | null
  readonly reason?: string
  readonly message?: string
}

type Said = Pick<NamespaceCondition, 'status' | 'reason' | 'message'>

/** In the order in which upstream writes them, with what they say when all is well (the namespace deleter of 1.34). */
const WELL = {
  NamespaceDeletionDiscoveryFailure: ['ResourcesDiscovered', 'All resources successfully discovered'],
  NamespaceDeletionGroupVersionParsingFailure: ['ParsedGroupVersions', 'All legacy kube types successfully parsed'],
  NamespaceDeletionContentFailure: [
    'ContentDeleted',
    'All content successfully deleted, may be waiting on finalization',
  ],
  NamespaceContentRemaining: ['ContentRemoved', 'All content successfully removed'],
  NamespaceFinalizersRemaining: ['ContentHasNoFinalizers', 'All content-preserving finalizers finished'],
} as const

type ConditionType = keyof typeof WELL

/** The conditions brought up to date; the same list if nothing changes. `now` is RFC 3339. */
export function updateConditions(
  conditions: readonly NamespaceCondition[],
  remains: Remains | undefined,
  failures: readonly string[],
  now: string,
): readonly NamespaceCondition[] {
  const said = says(remains, failures)
  let updated = conditions
  for (const [type, [reason, message]] of Object.entries(WELL)) {
    const wanted = said.get(type as ConditionType) ?? { status: 'False', reason, message }
    const before = updated.find((condition) => condition.type === type)
    if (before === undefined) updated = [...updated, { type, ...wanted, lastTransitionTime: now }]
    else if (!isSaid(before, wanted)) {
      const since = before.status === wanted.status ? before.lastTransitionTime : now
      const changed = { type, ...wanted, lastTransitionTime: since ?? now }
      updated = updated.map((condition) => (condition === before ? changed : condition))
    }
  }
  return updated
}

function isSaid(condition: NamespaceCondition, { status, reason, message }: Said): boolean {
  return condition.status === status && condition.reason === reason && condition.message === message
}

function says(remains: Remains | undefined, failures: readonly string[]): ReadonlyMap<ConditionType, Said> {
  const said = new Map<ConditionType, Said>()
  const say = (type: ConditionType, reason: string, message: string) =>
    said.set(type, { status: 'True', reason, message })
  const listed = (counts: ReadonlyMap<string, number>, text: (name: string, count: number) => string): string =>
    [...counts]
      .map(([name, count]) => text(name, count))
      .sort()
      .join(', ')
  if (failures.length > 0) {
    const all = [...failures].sort().join(', ')
    const message = `Failed to delete all resource types, ${failures.length} remaining: ${all}`
    say('NamespaceDeletionContentFailure', 'ContentDeletionFailed', message)
  }
  if (remains !== undefined && remains.resources.size > 0) {
    const left = listed(remains.resources, (name, count) => `${name} has ${count} resource instances`)
    say('NamespaceContentRemaining', 'SomeResourcesRemain', `Some resources are remaining: ${left}`)
  }
  if (remains !== undefined && remains.finalizers.size > 0) {
    const left = listed(remains.finalizers, (name, count) => `${name} in ${count} resource instances`)
    const message = `Some content in the namespace has finalizers remaining: ${left}`
    say('NamespaceFinalizersRemaining', 'SomeFinalizersRemain', message)
  }
  return said
}
