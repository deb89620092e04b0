import type { Pod } from '../../kinds/pod/status.ts'
import type { DownwardFile, KeyToPath, Projection, Volume } from '../../kinds/pod/types.ts'
import { bytesOf, type Optional, present } from '../env/environment.ts'
import { type Facts, fieldValue, resourceValue } from '../env/fields.ts'
import type { ClusterObjects, ConfigMap, Secret } from '../objects.ts'
import { settled, type Task, until } from '../task.ts'

export interface PayloadFile {
  readonly bytes: Uint8Array
  /** Permission bits. */
  readonly mode: number
}

/** Files of a volume that the API fills, by their path in it. */
export type Payload = Map<string, PayloadFile>

export interface TokenWish {
  readonly pod: Pod
  readonly audience: string | undefined
  /** Seconds. */
  readonly expires: number
}

/** A token of the Pod's ServiceAccount. Rejects with what the API server answers. */
export type TokenSource = (wish: TokenWish) => Promise<string>

export interface PayloadSources {
  readonly objects: ClusterObjects
  readonly facts: Facts
  readonly tokens: TokenSource | undefined
}

const DEFAULT_MODE = 0o644
/** Seconds. */
const TOKEN_LIFE = 3600

/** What is in the volume; undefined for one that nobody fills. Throws Error with the sentence of FailedMount. */
export function* payloadOf(volume: Volume, pod: Pod, sources: PayloadSources): Task<Payload | undefined> {
  const namespace = pod.metadata.namespace ?? ''
  const { objects } = sources
  const { configMap, secret, downwardAPI, projected } = volume
  if (configMap !== undefined) {
    const found = present(configMap, () => objects.configMap(namespace, configMap.name ?? ''))
    return configMapFiles(found, configMap.items, configMap.defaultMode, configMap)
  }
  if (secret !== undefined) {
    const found = present(secret, () => objects.secret(namespace, secret.secretName ?? ''))
    return secretFiles(found, secret.items, secret.defaultMode, secret)
  }
  if (downwardAPI !== undefined) return downwardFiles(downwardAPI.items, downwardAPI.defaultMode, pod, sources)
  if (projected === undefined) return undefined
  const all: Payload = new Map()
  const errors: string[] = []
  for (const source of projected.sources ?? []) {
    try {
      for (const [path, file] of yield* projectionOf(source, projected.defaultMode, pod, sources)) all.set(path, file)
    } catch (error) {
      errors.push((error as Error).message)
    }
  }
  if (errors.length === 0) return all
  throw new Error(errors.length === 1 ? errors[0] : `[${errors.join(', ')}]`)
}

function* projectionOf(
  { configMap, secret, downwardAPI, serviceAccountToken }: Projection,
  mode: number | undefined,
  pod: Pod,
  sources: PayloadSources,
): Task<Payload> {
  const namespace = pod.metadata.namespace ?? ''
  const { objects, tokens } = sources
  if (configMap !== undefined) {
    const found = present(configMap, () => objects.configMap(namespace, configMap.name ?? ''))
    return configMapFiles(found, configMap.items, mode, configMap)
  }
  if (secret !== undefined) {
    const found = present(secret, () => objects.secret(namespace, secret.name ?? ''))
    return secretFiles(found, secret.items, mode, secret)
  }
  if (downwardAPI !== undefined) return downwardFiles(downwardAPI.items, mode, pod, sources)
  if (serviceAccountToken === undefined || tokens === undefined) return new Map()
  const { path, expirationSeconds: expires = TOKEN_LIFE } = serviceAccountToken
  const { audience } = serviceAccountToken as { readonly audience?: string }
  const got = yield* until(settled(tokens({ pod, audience, expires })))
  if ('error' in got) throw new Error(`failed to fetch token: ${(got.error as Error).message}`)
  return new Map([[path, { bytes: new TextEncoder().encode(got.value), mode: mode ?? DEFAULT_MODE }]])
}

function configMapFiles(
  found: ConfigMap | undefined,
  items: readonly KeyToPath[] | undefined,
  mode: number | undefined,
  ref: object,
): Payload {
  const data = new Map<string, Uint8Array>()
  for (const [key, text] of Object.entries(found?.data ?? {})) data.set(key, new TextEncoder().encode(text))
  for (const [key, base64] of Object.entries(found?.binaryData ?? {})) data.set(key, bytesOf(base64))
  const missing = (key: string) => `configmap references non-existent config key: ${key}`
  return chosen(data, items, mode, ref, missing)
}

function secretFiles(
  found: Secret | undefined,
  items: readonly KeyToPath[] | undefined,
  mode: number | undefined,
  ref: object,
): Payload {
  const data = new Map(Object.entries(found?.data ?? {}).map(([key, base64]) => [key, bytesOf(base64)]))
  return chosen(data, items, mode, ref, (key) => `references non-existent secret key: ${key}`)
}

function chosen(
  data: ReadonlyMap<string, Uint8Array>,
  items: readonly KeyToPath[] = [],
  mode: number = DEFAULT_MODE,
  ref: object,
  missing: (key: string) => string,
): Payload {
  const { optional = false } = ref as Optional
  if (items.length === 0) return new Map([...data].map(([key, bytes]) => [key, { bytes, mode }]))
  const files: Payload = new Map()
  for (const { key, path, mode: own } of items) {
    const bytes = data.get(key)
    if (bytes !== undefined) files.set(path, { bytes, mode: own ?? mode })
    else if (!optional) throw new Error(missing(key))
  }
  return files
}

function downwardFiles(
  items: readonly DownwardFile[] = [],
  mode: number = DEFAULT_MODE,
  pod: Pod,
  { facts }: PayloadSources,
): Payload {
  return new Map(
    items.map(({ path, fieldRef, resourceFieldRef, mode: own }) => {
      const text =
        fieldRef !== undefined
          ? fieldValue(fieldRef, pod, facts)
          : resourceFieldRef === undefined
            ? ''
            : resourceValue(resourceFieldRef, pod, undefined, facts)
      return [path, { bytes: new TextEncoder().encode(text), mode: own ?? mode }]
    }),
  )
}
