/**
 * Records how Go sees the API's types: order of fields, JSON names, what is left out when empty, Go's names of types, and protobuf's field numbers.
 * `node engine/node/record-types.ts MODULES`, where MODULES is a folder that holds Kubernetes' Go modules as Go's module cache lays them out
 * (`api@v0.34.4`, `apimachinery@v0.34.4`, …).
 */
import { readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { groupVersions } from '../schema/data.ts'

const VERSION = 'v0.34.4'
const [modules] = process.argv.slice(2)
if (modules === undefined) throw new Error('Say where the Go modules lie.')

interface GoPackage {
  readonly name: string
  readonly group?: string
  readonly folder: string
}

const machinery = `apimachinery@${VERSION}/pkg`
/** Where a group's types are, if not in `api`. */
const elsewhere: Readonly<Record<string, string>> = {
  'apiextensions.k8s.io': `apiextensions-apiserver@${VERSION}/pkg/apis/apiextensions`,
  'apiregistration.k8s.io': `kube-aggregator@${VERSION}/pkg/apis/apiregistration`,
  'metrics.k8s.io': `metrics@${VERSION}/pkg/apis/metrics`,
}
/** Beyond what discovery lists: the older eviction is accepted still. */
const served = [...groupVersions, { group: 'policy', version: 'v1beta1', only: ['Eviction'] }]
const packages: GoPackage[] = [
  { name: 'meta.v1', folder: `${machinery}/apis/meta/v1` },
  { name: 'types', folder: `${machinery}/types` },
  ...served.map(({ group, version }) => {
    const first = group.split('.')[0] || 'core'
    const folder = elsewhere[group] ?? `api@${VERSION}/${first}`
    return { name: `${first}.${version}`, group, folder: `${folder}/${version}` }
  }),
]

/** Types whose JSON is of their own making: nothing of their structure is kept. */
const opaque: ReadonlySet<string> = new Set([
  'meta.v1.Time',
  'meta.v1.MicroTime',
  'meta.v1.Duration',
  'meta.v1.FieldsV1',
  'resource.Quantity',
  'intstr.IntOrString',
  'runtime.RawExtension',
  'apiextensions.v1.JSON',
])
const letters: Readonly<Record<string, string>> = {
  string: 's',
  bool: 'b',
  int32: 'i',
  int64: 'l',
  uint32: 'u',
  float64: 'd',
  '[]byte': 'B',
}

const found = new Map<string, string>()
const references = new Map<string, string[]>()
for (const one of packages) await readPackage(one)

const roots = served.flatMap((entry) => {
  const name = `${entry.group.split('.')[0] || 'core'}.${entry.version}`
  const kinds = [...found].filter(([type, text]) => type.startsWith(`${name}.`) && text.startsWith('^'))
  return kinds
    .map(([type]) => type)
    .filter(
      (type) => !type.endsWith('List') && (!('only' in entry) || entry.only.some((kind) => type === `${name}.${kind}`)),
    )
})
const kept = new Set<string>()
const queue = [...roots, 'meta.v1.DeleteOptions']
for (let name = queue.pop(); name !== undefined; name = queue.pop()) {
  if (kept.has(name) || opaque.has(name)) continue
  if (!found.has(name)) throw new Error(`${name} was not found.`)
  kept.add(name)
  queue.push(...(references.get(name) ?? []))
}
const file = packages.map(({ name, group }) => {
  const own = [...kept].filter((type) => type.slice(0, type.lastIndexOf('.')) === name).sort()
  const types = own.map((type) => `${JSON.stringify(type.slice(name.length + 1))}:${JSON.stringify(found.get(type))}`)
  return `${JSON.stringify(name)}:{${group === undefined ? '' : `"group":${JSON.stringify(group)},`}"types":{\n${types.join(',\n')}\n}}`
})
await writeFile(new URL('../protobuf/data/types.json', import.meta.url), `{\n${file.join(',\n')}\n}\n`)

async function readPackage({ name, folder }: GoPackage): Promise<void> {
  const path = join(modules as string, folder)
  for (const file of await readdir(path)) {
    if (!file.endsWith('.go') || /_test\.go$|generated|^zz_|\.pb\.go$/.test(file)) continue
    readSource(name, await readFile(join(path, file), 'utf8'))
  }
}

function readSource(name: string, source: string): void {
  const imports = importsOf(source)
  for (const [, type = '', text = ''] of source.matchAll(/^type (\w+) =? ?(\S.*)$/gm)) {
    if (/^struct ?\{\}$/.test(text)) define(name, type, '')
    if (text.startsWith('struct') || text.startsWith('interface') || text.startsWith('func')) continue
    define(name, type, typeText(name, text.replace(/\s*\/\/.*/, '').trim(), imports, noteFor(name, type)))
  }
  for (const [, type = '', body = ''] of source.matchAll(/^type (\w+) struct \{\n([\s\S]*?)^\}/gm)) {
    const note = noteFor(name, type)
    const fields: string[] = []
    for (const [, left = '', tag = ''] of body.matchAll(/^\t([^/\n`]+?)\s+`([^`]+)`/gm)) {
      const field = fieldText(name, left.trim(), tag, imports, note)
      if (field !== undefined) fields.push(field)
    }
    if (fields.length > 0 || body.trim() === '') define(name, type, fields.join('|'))
  }
}

function define(name: string, type: string, text: string): void {
  found.set(`${name}.${type}`, text)
}

function noteFor(name: string, type: string): (reference: string) => void {
  return (reference) => {
    const key = `${name}.${type}`
    const list = references.get(key) ?? []
    references.set(key, [...list, reference])
  }
}

function fieldText(
  name: string,
  left: string,
  tag: string,
  imports: ReadonlyMap<string, string>,
  note: (reference: string) => void,
): string | undefined {
  const [json = '', ...options] = (/json:"([^"]*)"/.exec(tag)?.[1] ?? '').split(',')
  if (json === '-') return undefined
  const number = /protobuf:"[a-z0-9]+,(\d+)/.exec(tag)?.[1] ?? '0'
  const words = left.split(/\s+/)
  if (json === '') {
    const embedded = words.at(-1) ?? ''
    if (embedded.endsWith('TypeMeta')) return '^'
    return `~${number} ${typeText(name, embedded, imports, note)}`
  }
  const empty = options.includes('omitzero') ? '!' : options.includes('omitempty') ? '?' : ''
  return `${json} ${number} ${typeText(name, words.slice(1).join(' ') || (words[0] ?? ''), imports, note)}${empty}`
}

function typeText(
  name: string,
  go: string,
  imports: ReadonlyMap<string, string>,
  note: (reference: string) => void,
): string {
  const letter = letters[go]
  if (letter !== undefined) return letter
  if (go.startsWith('*')) return `*${typeText(name, go.slice(1), imports, note)}`
  if (go.startsWith('[]')) return `[${typeText(name, go.slice(2), imports, note)}`
  const map = /^map\[([\w.]+)\](.+)$/.exec(go)
  if (map !== null) {
    const [, key = '', value = ''] = map
    return `{${typeText(name, key, imports, note)},${typeText(name, value, imports, note)}`
  }
  const [first = '', second] = go.split('.')
  const full = second === undefined ? `${name}.${first}` : `${imports.get(first) ?? first}.${second}`
  note(full)
  return second === undefined ? first : full
}

/** Go's names for imported packages to ours. */
function importsOf(source: string): ReadonlyMap<string, string> {
  const names = new Map<string, string>()
  for (const [, alias, path = ''] of source.matchAll(/^\s*(?:import )?(\w+)? ?"([\w./-]+)"$/gm)) {
    const parts = path.split('/')
    const last = parts.at(-1) ?? ''
    const versioned = /^v\d/.test(last)
    names.set(alias ?? last, versioned ? `${parts.at(-2)}.${last}` : last)
  }
  return names
}
