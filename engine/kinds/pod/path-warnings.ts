import { goQuote } from '../../objects/go-quote.ts'
import type { Projection, Volume } from './types.ts'

interface Place {
  readonly path: string
  /** What puts a file there; empty where there is but one source. */
  readonly source: string
}

/** Files of one volume that lie in each other's way. */
export function pathWarnings(volumes: readonly Volume[]): string[] {
  return volumes.flatMap((volume) => {
    const warn = (what: string, places: readonly Place[]): string[] =>
      overlaps(places).map((which) => `volume ${goQuote(volume.name)} (${what}): overlapping paths: ${which}`)
    const { configMap, secret, downwardAPI, projected } = volume
    const warnings = [
      ...warn(`ConfigMap ${goQuote(configMap?.name ?? '')}`, placesOf(configMap?.items, '')),
      ...warn(`Secret ${goQuote(secret?.secretName ?? '')}`, placesOf(secret?.items, '')),
      ...warn('DownwardAPI', placesOf(downwardAPI?.items, '')),
    ]
    const sources = projected?.sources ?? []
    const empty = sources
      .filter((source) => Object.keys(source).length === 0)
      .map(() => `volume ${goQuote(volume.name)} (Projected) has no sources provided`)
    return [...warnings, ...empty, ...warn('Projected', sources.flatMap(projectedPlaces))]
  })
}

function projectedPlaces({ configMap, secret, downwardAPI, serviceAccountToken: token }: Projection): Place[] {
  if (configMap?.items !== undefined) return placesOf(configMap.items, `ConfigMap ${goQuote(configMap.name ?? '')}`)
  if (secret?.items !== undefined) return placesOf(secret.items, `Secret ${goQuote(secret.name ?? '')}`)
  if (downwardAPI?.items !== undefined) return placesOf(downwardAPI.items, 'DownwardAPI')
  return token === undefined ? [] : placesOf([token], 'ServiceAccountToken')
}

function placesOf(items: readonly { readonly path: string }[] | undefined, source: string): Place[] {
  return (items ?? []).map(({ path }) => ({ path: path.replace(/\/+$/, ''), source }))
}

function overlaps(places: readonly Place[]): string[] {
  return places.flatMap((place, index) =>
    places
      .slice(0, index)
      .filter((other) => meet(place.path, other.path))
      .map((other) => `${text(place)} with ${text(other)}`),
  )
}

function meet(one: string, other: string): boolean {
  if (one === '' || other === '') return false
  return `${one}/`.startsWith(`${other}/`) || `${other}/`.startsWith(`${one}/`)
}

const text = ({ path, source }: Place): string => (source === '' ? goQuote(path) : `${goQuote(path)} (${source})`)
