import type { TypeSchema } from '../objects/types.ts'

type Options = Omit<Partial<TypeSchema>, 'field' | 'type'>

/** Schemas as small literals. */
export function object(fields: Record<string, TypeSchema>, options: Options = {}): TypeSchema {
  const properties = new Map(Object.entries(fields))
  return { type: 'object', field: (name) => properties.get(name), properties, ...options }
}

export function mapOf(values: TypeSchema, options: Options = {}): TypeSchema {
  return { type: 'object', field: () => values, properties: new Map(), ...options }
}

export function listOf(items: TypeSchema, options: Options = {}): TypeSchema {
  return { type: 'array', items, field: () => undefined, ...options }
}

export const text: TypeSchema = { type: 'string', field: () => undefined }
export const integer: TypeSchema = { type: 'integer', field: () => undefined }
export const boolean: TypeSchema = { type: 'boolean', field: () => undefined }
export const anything: TypeSchema = { type: 'any', field: () => undefined, preserveUnknown: true }

const port = object({ name: text, containerPort: integer, protocol: { ...text, default: 'TCP' } })
const env = object({ name: text, value: text })
const container = object({
  name: text,
  image: text,
  args: listOf(text, { listType: 'atomic' }),
  ports: listOf(port, {
    listType: 'map',
    listMapKeys: ['containerPort', 'protocol'],
    patchStrategy: ['merge'],
    patchMergeKey: 'containerPort',
  }),
  env: listOf(env, { listType: 'map', listMapKeys: ['name'], patchStrategy: ['merge'], patchMergeKey: 'name' }),
})

const objectMeta = object({
  name: text,
  namespace: text,
  uid: text,
  resourceVersion: text,
  creationTimestamp: text,
  generation: integer,
  labels: mapOf(text, { mapType: 'granular' }),
  annotations: mapOf(text, { mapType: 'granular' }),
  finalizers: listOf(text, { listType: 'set', patchStrategy: ['merge'] }),
  managedFields: listOf(anything, { listType: 'atomic' }),
})

const podSpec = object({
  containers: listOf(container, {
    listType: 'map',
    listMapKeys: ['name'],
    patchStrategy: ['merge'],
    patchMergeKey: 'name',
  }),
  nodeSelector: mapOf(text, { mapType: 'atomic' }),
  restartPolicy: text,
  volumes: listOf(object({ name: text, emptyDir: object({ medium: text }), configMap: object({ name: text }) }), {
    listType: 'map',
    listMapKeys: ['name'],
    patchStrategy: ['merge', 'retainKeys'],
    patchMergeKey: 'name',
  }),
})

/** As much of a Deployment as the merges have cases for. */
export const deploymentSchema = object({
  apiVersion: text,
  kind: text,
  metadata: objectMeta,
  spec: object({
    replicas: integer,
    paused: boolean,
    selector: object({ matchLabels: mapOf(text) }, { mapType: 'atomic' }),
    strategy: object(
      { type: text, rollingUpdate: object({ maxSurge: anything, maxUnavailable: anything }) },
      { patchStrategy: ['retainKeys'] },
    ),
    template: object({ metadata: objectMeta, spec: podSpec }),
  }),
  status: object({ replicas: integer, observedGeneration: integer }),
})

/** The type that the recorded strategic merges are of. */
export const mergeSample = object({
  name: text,
  map: mapOf(text),
  replaced: object({ a: text, b: text }, { patchStrategy: ['replace'] }),
  nested: object({ a: text, b: text, list: listOf(text, { patchStrategy: ['merge'] }) }),
  list: listOf(text),
  set: listOf(text, { patchStrategy: ['merge'] }),
  items: listOf(object({ name: text, value: text, n: integer, set: listOf(text, { patchStrategy: ['merge'] }) }), {
    patchStrategy: ['merge'],
    patchMergeKey: 'name',
  }),
})

/** The type that the recorded histories of server-side apply are of. */
export const historySample = object({
  apiVersion: text,
  kind: text,
  metadata: object({
    name: text,
    namespace: text,
    uid: text,
    labels: mapOf(text),
    annotations: mapOf(text),
    finalizers: listOf(text, { listType: 'set' }),
  }),
  spec: object({
    replicas: integer,
    paused: boolean,
    template: object({
      spec: object({
        containers: listOf(
          object({
            name: text,
            image: text,
            args: listOf(text, { listType: 'atomic' }),
            ports: listOf(port, { listType: 'map', listMapKeys: ['containerPort', 'protocol'] }),
          }),
          { listType: 'map', listMapKeys: ['name'] },
        ),
        nodeSelector: mapOf(text, { mapType: 'atomic' }),
      }),
    }),
  }),
  status: object({ replicas: integer }),
})
