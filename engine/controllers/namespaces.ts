import { StatusError } from '../objects/status-error.ts'
import type { ApiObject, GroupResource } from '../objects/types.ts'

export const NAMESPACES: GroupResource = { group: '', resource: 'namespaces' }

export function isActive(namespace: ApiObject | undefined): boolean {
  return (namespace?.status as { readonly phase?: string } | undefined)?.phase === 'Active'
}

/** Does something that may find its object gone, or there already: both are well. */
export function orElse(done: () => unknown, reason: 'NotFound' | 'AlreadyExists'): void {
  try {
    done()
  } catch (error) {
    if (!(error instanceof StatusError) || error.reason !== reason) throw error
  }
}
