import { pathSegmentErrors } from '../objects/names.ts'
import { badRequest } from '../objects/status-error.ts'

/** What a path asks for: apiserver's `RequestInfo` (1.34). */
export interface RequestInfo {
  readonly isResource: boolean
  /** Decoded. */
  readonly path: string
  /** `get`, `list`, `watch`, `create`, … for resources, the method in lower case else. */
  readonly verb: string
  readonly group: string
  readonly version: string
  readonly namespace: string
  readonly resource: string
  readonly subresource: string
  readonly name: string
  /** From the resource on: `pods`, its name, subresource, and what follows it. */
  readonly parts: readonly string[]
  /** The old form `/api/v1/watch/…`. */
  readonly watchPath: boolean
}

const METHODS: Readonly<Record<string, string>> = {
  POST: 'create',
  GET: 'get',
  HEAD: 'get',
  PUT: 'update',
  PATCH: 'patch',
  DELETE: 'delete',
}
/** What stands behind a Namespace's name and is no resource of its own. */
const NAMESPACE_SUBRESOURCES: ReadonlySet<string> = new Set(['status', 'finalize'])

/** Throws 400 for paths that are not well formed. */
export function requestInfo(method: string, encodedPath: string, query: URLSearchParams): RequestInfo {
  const path = decode(encodedPath)
  const other: RequestInfo = {
    isResource: false,
    path,
    verb: method.toLowerCase(),
    group: '',
    version: '',
    namespace: '',
    resource: '',
    subresource: '',
    name: '',
    parts: [],
    watchPath: false,
  }
  let parts = path.split('/')
  while (parts[0] === '') parts.shift()
  while (parts.at(-1) === '') parts.pop()
  const [root] = parts
  if (parts.length < 3 || (root !== 'api' && root !== 'apis')) return other
  if (root === 'apis' && parts.length < 4) return other
  const group = root === 'apis' ? (parts[1] as string) : ''
  parts = parts.slice(root === 'apis' ? 2 : 1)
  const version = parts.shift() as string
  let verb = METHODS[method] ?? ''
  const watchPath = parts[0] === 'watch'
  const special = watchPath || parts[0] === 'proxy'
  if (special) {
    if (parts.length < 2) {
      throw badRequest(`unable to determine kind and namespace from url, ${encodedPath}`)
    }
    verb = parts.shift() as string
  }
  let namespace = ''
  if (parts[0] === 'namespaces' && parts.length > 1) {
    namespace = parts[1] as string
    if (parts.length > 2 && !NAMESPACE_SUBRESOURCES.has(parts[2] as string)) parts = parts.slice(2)
  }
  const resource = parts[0] ?? ''
  const subresource = special ? '' : (parts[2] ?? '')
  let name = parts[1] ?? ''
  if (name === '' && verb === 'get') {
    verb = isWatch(query) ? 'watch' : 'list'
    name = nameOfSelector(query.get('fieldSelector'))
  }
  if (name === '' && verb === 'delete') verb = 'deletecollection'
  return {
    isResource: true,
    path,
    verb,
    group,
    version,
    namespace,
    resource,
    subresource,
    name,
    parts,
    watchPath,
  }
}

function decode(path: string): string {
  if (!path.includes('%')) return path
  try {
    return decodeURIComponent(path)
  } catch {
    throw badRequest(`invalid URL escape in ${path}`)
  }
}

/** Anything but `false` and `0` is true, even nothing. */
export function isTrue(value: string | null): boolean {
  return value !== null && value !== '0' && value.toLowerCase() !== 'false'
}

const isWatch = (query: URLSearchParams): boolean => isTrue(query.get('watch'))

/** The name that a selector of fields requires, so that rules about names apply to a list of that one. */
function nameOfSelector(selector: string | null): string {
  if (selector === null) return ''
  const match = /(?:^|,)metadata\.name==?([^,=!\\]+)(?:,|$)/.exec(selector)
  const name = match?.[1] ?? ''
  return name !== '' && pathSegmentErrors(name).length === 0 ? name : ''
}
