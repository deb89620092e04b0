/** Names of images as containerd reads them: `nginx` is `docker.io/library/nginx:latest`. */
export interface Reference {
  /** With its registry: `docker.io/library/nginx`. */
  readonly repository: string
  readonly tag?: string
  readonly digest?: string
}

const COMPONENT = '[a-z0-9]+(?:(?:\\.|_|__|-+)[a-z0-9]+)*'
const NAME = new RegExp(`^${COMPONENT}(?:/${COMPONENT})*$`)
const TAG = /^[\w][\w.-]{0,127}$/
const DIGEST = /^[A-Za-z][A-Za-z0-9]*(?:[-_+.][A-Za-z][A-Za-z0-9]*)*:[0-9a-fA-F]{32,}$/

/** Undefined for what is no reference. */
export function parseReference(reference: string): Reference | undefined {
  const at = reference.indexOf('@')
  const digest = at < 0 ? undefined : reference.slice(at + 1)
  if (digest !== undefined && !DIGEST.test(digest)) return undefined
  const named = at < 0 ? reference : reference.slice(0, at)
  const colon = named.lastIndexOf(':')
  const tagged = colon > named.lastIndexOf('/')
  const tag = tagged ? named.slice(colon + 1) : digest === undefined ? 'latest' : undefined
  if (tag !== undefined && !TAG.test(tag)) return undefined
  const repository = withRegistry(tagged ? named.slice(0, colon) : named)
  if (!NAME.test(repository.slice(repository.indexOf('/') + 1))) return undefined
  return { repository, ...(tag !== undefined && { tag }), ...(digest !== undefined && { digest }) }
}

function withRegistry(name: string): string {
  const slash = name.indexOf('/')
  const first = name.slice(0, Math.max(0, slash))
  if (slash >= 0 && (first.includes('.') || first.includes(':') || first === 'localhost')) {
    const host = first === 'index.docker.io' ? 'docker.io' : first
    const rest = name.slice(slash + 1)
    return host === 'docker.io' && !rest.includes('/') ? `docker.io/library/${rest}` : `${host}/${rest}`
  }
  return slash >= 0 ? `docker.io/${name}` : `docker.io/library/${name}`
}
