import type { AuthorizationAttributes, Authorizer, PathAttributes, ResourceAttributes } from '../auth/user.ts'
import { goQuote } from '../objects/go-quote.ts'
import { forbidden } from '../objects/status-error.ts'

/** Throws 403 with upstream's sentence unless it is allowed. */
export function authorizeOrRefuse(authorizer: Authorizer, attributes: AuthorizationAttributes): void {
  const { allowed, reason } = authorizer.authorize(attributes)
  if (allowed) return
  const sentence = isPath(attributes) ? aboutPath(attributes) : aboutResource(attributes)
  const why = sanitized(sentence) + (reason === '' ? '' : `: ${reason}`)
  throw isPath(attributes)
    ? forbidden({ group: '', resource: '' }, '', why)
    : forbidden({ group: attributes.group, resource: attributes.resource }, attributes.name, why)
}

function isPath(attributes: AuthorizationAttributes): attributes is PathAttributes {
  return 'path' in attributes
}

function aboutPath({ user, verb, path }: PathAttributes): string {
  return `User ${goQuote(user.username)} cannot ${verb} path ${goQuote(path)}`
}

function aboutResource({ user, verb, group, resource, subresource, namespace }: ResourceAttributes): string {
  const what = subresource === '' ? resource : `${resource}/${subresource}`
  const where = namespace === '' ? 'at the cluster scope' : `in the namespace ${goQuote(namespace)}`
  return `User ${goQuote(user.username)} cannot ${verb} resource ${goQuote(what)} in API group ${goQuote(group)} ${where}`
}

/** As upstream, so that no browser takes it for markup. */
function sanitized(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
}
