import type { AdmissionPlugin, Backend } from '../admission/plugin.ts'
import { ApiServer } from '../api/api-server.ts'
import { VirtualClock } from '../clock/virtual-clock.ts'
import { BodyDecoder } from '../decode/decoder.ts'
import type { ResourceDefinition } from '../kinds/resource.ts'
import type { TypeSchema } from '../objects/types.ts'
import { SchemaLookup } from '../schema/lookup.ts'
import { resources, serveDefinitions } from './index.ts'

/** A request as it was sent to a real API server, with its answer. */
export interface Exchange {
  readonly method: string
  readonly path: string
  readonly body?: unknown
  readonly ct?: string
  readonly accept?: string
  readonly answer: { readonly code: number; readonly body: unknown; readonly warning?: string }
}

/** A server that knows CustomResourceDefinitions, and what else a test gives it. */
export function serverWithDefinitions(
  more: (schemas: SchemaLookup) => readonly ResourceDefinition[] = () => [],
  admission: (backend: Backend) => readonly AdmissionPlugin[] = () => [],
): ApiServer {
  const schemas = new SchemaLookup()
  const server = new ApiServer({
    clock: new VirtualClock({ start: Date.parse('2026-01-02T03:04:05Z') }),
    seed: 1,
    decoder: new BodyDecoder(),
    schemas,
    resources: [...resources(schemas), ...more(schemas)],
    guards: (backend) => ({ admission: admission(backend) }),
    report: (error) => {
      throw error
    },
  })
  serveDefinitions(server, server.backend, schemas.named('meta.v1.ObjectMeta') as TypeSchema)
  return server
}

export async function send(server: ApiServer, exchange: Omit<Exchange, 'answer'>): Promise<Exchange['answer']> {
  const { pathname, searchParams } = new URL(exchange.path, 'http://engine')
  const response = await server.handle({
    method: exchange.method,
    path: pathname,
    query: searchParams,
    headers: { accept: exchange.accept ?? 'application/json', 'content-type': exchange.ct ?? 'application/json' },
    body: new TextEncoder().encode(exchange.body === undefined ? '' : JSON.stringify(exchange.body)),
    credentials: {},
    signal: new AbortController().signal,
  })
  if (response.kind !== 'whole') throw new Error(`The answer is a ${response.kind}.`)
  const parts = Array.isArray(response.body) ? response.body : [response.body]
  const text = parts.map((part) => (typeof part === 'string' ? part : new TextDecoder().decode(part))).join('')
  const warning = response.headers.Warning ?? response.headers.warning
  return {
    code: response.status,
    body: text.startsWith('{') ? JSON.parse(text) : text,
    ...(warning === undefined ? {} : { warning: typeof warning === 'string' ? warning : warning.join(', ') }),
  }
}

const varying = new Set(
  'uid resourceVersion creationTimestamp managedFields lastTransitionTime deletionTimestamp storageVersionHash description time continue'.split(
    ' ',
  ),
)

/** Without what differs from one run to another, and without prose. */
export function comparable(value: unknown): unknown {
  if (typeof value === 'string') return value.replaceAll(/selfType\d+/g, 'selfType')
  if (Array.isArray(value)) return value.map(comparable)
  if (typeof value !== 'object' || value === null) return value
  const fields = Object.entries(value).filter(([name]) => !varying.has(name))
  return Object.fromEntries(fields.map(([name, field]) => [name, comparable(field)]))
}
