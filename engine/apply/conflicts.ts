import { goQuote } from '../objects/go-quote.ts'
import { applyConflict, type StatusError } from '../objects/status-error.ts'
import type { FieldSet } from './field-set.ts'
import { type Owner, order } from './owners.ts'
import { formatPath, type PathElement } from './path-element.ts'

/** A field that an apply would change and that another owns. */
export interface Conflict {
  readonly id: string
  readonly owner: Owner
  readonly path: readonly PathElement[]
}

/** Thrown by an apply without force. */
export class ConflictsFound extends Error {
  override name = 'ConflictsFound'
  readonly conflicts: readonly Conflict[]

  constructor(conflicts: readonly Conflict[]) {
    super(messageOf(conflicts))
    this.conflicts = conflicts
  }

  without(allowed: FieldSet): readonly Conflict[] {
    return this.conflicts.filter(({ path }) => !allowed.has(path))
  }

  /** 409 with a cause for each field, as `NewConflictError` (1.34) words it. */
  toStatusError(): StatusError {
    const causes = this.conflicts.map(({ owner, path }) => ({
      reason: 'FieldManagerConflict',
      message: `conflict with ${describe(owner)}`,
      field: formatPath(path),
    }))
    return applyConflict(causes, this.message)
  }
}

export function conflictsOf(fields: ReadonlyMap<string, { owner: Owner; fields: FieldSet }>): Conflict[] {
  return [...fields]
    .sort(([left], [right]) => order(left, right))
    .flatMap(([id, conflict]) => conflict.fields.paths().map((path) => ({ id, owner: conflict.owner, path })))
}

function messageOf(conflicts: readonly Conflict[]): string {
  const [first] = conflicts
  if (first !== undefined && conflicts.length === 1) {
    return `Apply failed with 1 conflict: conflict with ${describe(first.owner)}: ${formatPath(first.path)}`
  }
  const byOwner = Map.groupBy(conflicts, ({ id }) => id)
  const lines = [...byOwner.values()].flatMap((group) => [
    `conflicts with ${describe((group[0] as Conflict).owner)}:`,
    ...group.map(({ path }) => `- ${formatPath(path)}`),
  ])
  return `Apply failed with ${conflicts.length} conflicts: ${lines.join('\n')}`
}

function describe({ manager, subresource, operation, apiVersion }: Owner): string {
  const name = subresource === '' ? goQuote(manager) : `${goQuote(manager)} with subresource ${goQuote(subresource)}`
  return operation === 'Update' ? `${name} using ${apiVersion}` : name
}
