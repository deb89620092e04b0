import { definitions } from './data.ts'
import texts from './descriptions.json' with { type: 'json' }

type Texts = Readonly<Record<string, Readonly<Record<string, string>>>>

/** Our own words for what `kubectl explain` shows: of a definition by its short name, or of a field of it. Fields that mean the same everywhere are said once. */
export function describe(definition: string, field?: string): string | undefined {
  const known = texts as Texts
  if (field === undefined) return known[definition]?.['']
  const own = known[definition]
  if (own !== undefined && Object.hasOwn(own, field)) return own[field]
  // Of objects only: the kind in a reference is another matter. Custom kinds have no definition here.
  const object = definition === '' || definitions.get(definition)?.['x-kubernetes-group-version-kind'] !== undefined
  const everywhere = object ? known['*'] : undefined
  return everywhere !== undefined && Object.hasOwn(everywhere, field) ? everywhere[field] : undefined
}
