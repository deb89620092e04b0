import type { GroupVersionKind } from '../kinds/resource.ts'
import type { JsonNode } from './json-document.ts'

/** What a body says of its own kind; parts that it does not say are empty. */
export type Identity = GroupVersionKind

export class IdentityError extends Error {
  override name = 'IdentityError'
}

const shape = 'struct { APIVersion string "json:\\"apiVersion,omitempty\\""; Kind string "json:\\"kind,omitempty\\"" }'

/** As apimachinery's `SimpleMetaFactory` reads it, which does not mind the case of names. @throws IdentityError */
export function identify(node: JsonNode): Identity {
  if (node.type === 'null') return { group: '', version: '', kind: '' }
  if (node.type !== 'object') throw parseFault(`json: cannot unmarshal ${node.type} into Go value of type ${shape}`)
  const said = { apiVersion: '', kind: '' }
  let fault: string | undefined
  for (const [key, member] of node.members) {
    const lower = key.toLowerCase()
    const name = lower === 'apiversion' ? 'apiVersion' : lower === 'kind' ? 'kind' : undefined
    if (name === undefined || member.type === 'null') continue
    if (member.type === 'string') said[name] = member.value
    else fault ??= `json: cannot unmarshal ${member.type} into Go struct field .${name} of type string`
  }
  if (fault !== undefined) throw parseFault(fault)
  return { ...parseApiVersion(said.apiVersion), kind: said.kind }
}

export function parseFault(fault: string): IdentityError {
  return new IdentityError(`couldn't get version/kind; json parse error: ${fault}`)
}

/** `apps/v1` → group and version. @throws IdentityError */
export function parseApiVersion(text: string): { readonly group: string; readonly version: string } {
  const parts = text === '/' ? [''] : text.split('/')
  if (parts.length > 2) throw new IdentityError(`unexpected GroupVersion string: ${text}`)
  const [first = '', second] = parts
  return second === undefined ? { group: '', version: first } : { group: first, version: second }
}

/** What is not said is what the door takes. */
export function withDefaults(said: Identity, expected: GroupVersionKind): Identity {
  const kind = said.kind || expected.kind
  if (said.version === '' && (said.group === '' || said.group === expected.group)) {
    return { group: expected.group, version: expected.version, kind }
  }
  return { ...said, kind }
}

export const versionText = ({ group, version }: Pick<Identity, 'group' | 'version'>): string =>
  group === '' ? version : `${group}/${version}`

/** Groups whose internal Go package has another name than the group's first word. */
const packages: Readonly<Record<string, string>> = { '': 'core', events: 'core', meta: 'v1' }

/** Go's name of a kind's internal type: `core.Pod`. */
export function internalName({ group, kind }: Pick<Identity, 'group' | 'kind'>): string {
  const first = group.split('.', 1)[0] ?? ''
  return `${packages[first] ?? first}.${kind}`
}
