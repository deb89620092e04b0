/**
 * Records what the engine tells about its API from a real cluster: discovery, and the structure of OpenAPI v3 without its prose.
 * `node engine/node/record-schemas.ts --kubeconfig FILE`, or `--server URL` where `kubectl proxy` runs already.
 */
import { spawn } from 'node:child_process'
import { readdir, rm, writeFile } from 'node:fs/promises'
import { parseArgs } from 'node:util'
import { compactDefinition, groupVersionOf, type OpenApiSchema, shortName } from '../schema/compact.ts'
import type { DiscoveryGroup, GroupVersionData, VersionInfo } from '../schema/data.ts'

const AGGREGATED = 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList'
const dataFolder = new URL('../schema/data/', import.meta.url)

const { values } = parseArgs({ options: { kubeconfig: { type: 'string' }, server: { type: 'string' } } })
if (values.server !== undefined) await record(values.server)
else if (values.kubeconfig !== undefined) await throughProxy(values.kubeconfig, record)
else throw new Error('Say which cluster: --kubeconfig FILE or --server URL.')

async function throughProxy(kubeconfig: string, use: (server: string) => Promise<void>): Promise<void> {
  const proxy = spawn('kubectl', ['--kubeconfig', kubeconfig, 'proxy', '--port=0'], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  try {
    for await (const chunk of proxy.stdout) {
      const address = /127\.0\.0\.1:\d+/.exec(String(chunk))
      if (address !== null) return await use(`http://${address[0]}`)
    }
    throw new Error('kubectl proxy ended before it served.')
  } finally {
    proxy.kill()
  }
}

async function record(server: string): Promise<void> {
  const get = async <T>(path: string, accept = 'application/json'): Promise<T> => {
    const answer = await fetch(server + path, { headers: { accept } })
    if (!answer.ok) throw new Error(`GET ${path} answered ${answer.status}.`)
    return (await answer.json()) as T
  }
  const groups = [
    ...(await get<{ items: DiscoveryGroup[] }>('/api', AGGREGATED)).items,
    ...(await get<{ items: DiscoveryGroup[] }>('/apis', AGGREGATED)).items,
  ]
  const documents: GroupVersionData[] = []
  const definitions = new Map<string, unknown>()
  for (const group of groups) {
    const name = group.metadata.name ?? ''
    for (const { version, resources } of group.versions) {
      const path = name === '' ? `api/${version}` : `apis/${name}/${version}`
      const openapi = await get<{ components: { schemas: Record<string, OpenApiSchema> } }>(`/openapi/v3/${path}`)
      for (const [long, schema] of Object.entries(openapi.components.schemas)) {
        definitions.set(shortName(long), compactDefinition(schema, definitions.get(shortName(long))))
      }
      // The plain list alone tells the storage version's hash.
      const plain = await get<{ resources: { name: string; storageVersionHash?: string }[] }>(`/${path}`)
      const hashes = new Map(plain.resources.map((resource) => [resource.name, resource.storageVersionHash]))
      documents.push({
        group: name,
        version,
        resources: resources.map((resource) => {
          const hash = hashes.get(resource.resource)
          return hash === undefined ? resource : { ...resource, storageVersionHash: hash }
        }),
        definitions: {},
      })
    }
  }
  const shared: Record<string, unknown> = {}
  for (const [name, definition] of [...definitions].sort(([a], [b]) => (a < b ? -1 : 1))) {
    const of = groupVersionOf(name)
    const home = documents.find(({ group, version }) => of === `${group.split('.')[0] || 'core'}.${version}`)
    ;((home?.definitions ?? shared) as Record<string, unknown>)[name] = definition
  }
  const { major, minor, gitVersion } = await get<VersionInfo>('/version')
  await writeAll(documents, { version: { major, minor, gitVersion }, definitions: shared })
}

async function writeAll(documents: readonly GroupVersionData[], shared: object): Promise<void> {
  for (const file of await readdir(dataFolder)) await rm(new URL(file, dataFolder))
  const names = documents.map(({ group, version }) => `${group || 'core'}.${version}`)
  for (const [index, document] of documents.entries()) await write(`${names[index]}.json`, document)
  await write('shared.json', shared)
  const imports = names.map((name, index) => `import gv${index} from './${name}.json' with { type: 'json' }\n`)
  const list = names.map((_, index) => `  gv${index},\n`)
  await writeFile(
    new URL('index.ts', dataFolder),
    `${imports.join('')}import shared from './shared.json' with { type: 'json' }\n\n/** In the order in which the cluster showed them. Written by record-schemas. */\nexport const groupVersionFiles: readonly unknown[] = [\n${list.join('')}]\nexport const sharedFile: unknown = shared\n`,
  )
}

/** A line for each resource and definition: compact, and a change shows as a change. */
async function write(name: string, value: object): Promise<void> {
  const fields = Object.entries(value).map(([key, field]) => {
    const inner = Array.isArray(field)
      ? `[\n${field.map((item) => JSON.stringify(item)).join(',\n')}\n]`
      : typeof field === 'object' && key === 'definitions'
        ? `{\n${Object.entries(field)
            .map(([k, v]) => `${JSON.stringify(k)}:${JSON.stringify(v)}`)
            .join(',\n')}\n}`
        : JSON.stringify(field)
    return `${JSON.stringify(key)}:${inner}`
  })
  await writeFile(new URL(name, dataFolder), `{${fields.join(',\n')}}\n`)
}
