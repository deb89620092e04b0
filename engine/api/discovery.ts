import type { GroupVersionData } from '../schema/data.ts'
import { groupVersions } from '../schema/data.ts'
import { aggregatedDiscovery, apiGroup, apiGroupList, apiResourceList, apiVersions } from '../schema/discovery.ts'
import { answer, resourceNotFound } from './answers.ts'
import { fingerprint } from './fingerprint.ts'
import type { ApiRequest, WholeResponse } from './http.ts'
import { negotiate, parseAccept } from './negotiation.ts'
import type { Catalogue } from './served.ts'

type Root = 'api' | 'apis'

export interface DiscoveryOptions {
  readonly catalogue: Catalogue
  /** Whether a resource of the recorded cluster is served here, be it stored or not. */
  serves(group: string, version: string, resource: string): boolean
  /** Host and port, for plain `/api`. */
  readonly address: string
}

/** Tells clients what is served; computed anew when that changes. */
export class Discovery {
  readonly #options: DiscoveryOptions
  readonly #texts = new Map<string, { readonly text: string; readonly etag: string }>()
  #served: readonly GroupVersionData[] = []
  #generation = -1

  constructor(options: DiscoveryOptions) {
    this.#options = options
  }

  /** Groups and versions in the order of their preference, each with what is served of it. */
  get groupVersions(): readonly GroupVersionData[] {
    this.#refresh()
    return this.#served
  }

  /** What is recorded of those that are built in. */
  builtIn(): readonly GroupVersionData[] {
    return groupVersions.flatMap((data) => {
      const resources = data.resources.filter(({ resource }) =>
        this.#options.serves(data.group, data.version, resource),
      )
      return resources.length === 0 ? [] : [{ ...data, resources }]
    })
  }

  #refresh(): void {
    const { catalogue } = this.#options
    if (this.#generation === catalogue.generation) return
    this.#generation = catalogue.generation
    this.#texts.clear()
    this.#served = [...this.builtIn(), ...customGroupVersions(catalogue)]
  }

  servesGroup(group: string): boolean {
    return this.groupVersions.some((data) => data.group === group)
  }

  serves(group: string, version: string): boolean {
    return this.groupVersions.some((data) => data.group === group && data.version === version)
  }

  /** `/api`, `/apis`, `/apis/<group>`, `/api/v1`, `/apis/<group>/<version>`; undefined for what there is not. Throws 406. */
  answer(request: ApiRequest, parts: readonly string[]): WholeResponse | undefined {
    const root = parts[0] as Root
    const served = this.groupVersions
    if (parts.length === 1) return this.#root(request, root)
    const [, first = '', second] = parts
    if (root === 'api') {
      return parts.length === 2 ? plain(request, apiResourceList('', first, served)) : undefined
    }
    if (parts.length === 2) return plain(request, apiGroup(first, served))
    if (parts.length > 3) return undefined
    const answered = plain(request, apiResourceList(first, second ?? '', served))
    if (answered === undefined && this.servesGroup(first)) throw resourceNotFound()
    return answered
  }

  #root(request: ApiRequest, root: Root): WholeResponse {
    const version = aggregatedVersion(request.headers.accept ?? '')
    if (version === undefined) {
      const body = root === 'api' ? apiVersions(this.#options.address) : apiGroupList(this.groupVersions)
      const response = plain(request, body) as WholeResponse
      return { ...response, headers: { ...response.headers, Vary: 'Accept' } }
    }
    const { text, etag } = this.#aggregated(root, version)
    const headers = {
      'Cache-Control': 'public',
      'Content-Type': `application/json;g=apidiscovery.k8s.io;v=${version};as=APIGroupDiscoveryList`,
      ETag: etag,
      Vary: 'Accept',
    }
    if (request.headers['if-none-match'] === etag) return { kind: 'whole', status: 304, headers, body: '' }
    return { kind: 'whole', status: 200, headers, body: text }
  }

  #aggregated(root: Root, version: string): { readonly text: string; readonly etag: string } {
    const served = this.groupVersions
    const key = `${root} ${version}`
    const known = this.#texts.get(key)
    if (known !== undefined) return known
    const list = { ...aggregatedDiscovery(root, served), apiVersion: `apidiscovery.k8s.io/${version}` }
    const text = `${JSON.stringify(list)}\n`
    const made = { text, etag: `"${fingerprint(text)}"` }
    this.#texts.set(key, made)
    return made
  }
}

function customGroupVersions(catalogue: Catalogue): GroupVersionData[] {
  const found = new Map<string, GroupVersionData>()
  for (const { definition, custom } of catalogue) {
    for (const [version, resource] of Object.entries(custom?.discovery ?? {})) {
      const { group } = definition.resource
      const key = `${group}/${version}`
      const before = found.get(key)?.resources ?? []
      const resources = [...before, resource].sort((a, b) => (a.resource < b.resource ? -1 : 1))
      found.set(key, { group, version, resources, definitions: {} })
    }
  }
  return [...found.values()].sort((a, b) =>
    a.group === b.group ? compareVersions(a.version, b.version) : a.group < b.group ? -1 : 1,
  )
}

function plain(request: ApiRequest, body: object | undefined): WholeResponse | undefined {
  return body === undefined ? undefined : answer(negotiate(request, false), 200, JSON.stringify(body))
}

/** Which form of the aggregated documents is asked for, before any other. */
function aggregatedVersion(accept: string): 'v2' | 'v2beta1' | undefined {
  for (const { type, subtype, parameters } of parseAccept(accept)) {
    const json = type === '*' || (type === 'application' && (subtype === '*' || subtype === 'json'))
    if (!json) continue
    const { as: kind, g: group, v: version } = parameters
    if (kind === undefined && group === undefined && version === undefined) return undefined
    if (kind === 'APIGroupDiscoveryList' && group === 'apidiscovery.k8s.io') {
      if (version === 'v2' || version === 'v2beta1') return version
    }
  }
  return undefined
}

/** `v2`, `v1`, `v2beta1`, `v1beta1`, `v1alpha1`, then all others by name: apimachinery's `CompareKubeAwareVersionStrings`. */
export function compareVersions(left: string, right: string): number {
  const [a, b] = [versionParts(left), versionParts(right)]
  if (a === undefined || b === undefined) {
    if (a === undefined && b === undefined) return left < right ? -1 : left > right ? 1 : 0
    return a === undefined ? 1 : -1
  }
  return b.stage - a.stage || b.major - a.major || b.minor - a.minor
}

const STAGES = ['alpha', 'beta', '']

function versionParts(text: string): { stage: number; major: number; minor: number } | undefined {
  const match = /^v([1-9][0-9]*)(?:(alpha|beta)([1-9][0-9]*))?$/.exec(text)
  if (match === null) return undefined
  const [, major, stage = '', minor = '0'] = match
  return { stage: STAGES.indexOf(stage), major: Number(major), minor: Number(minor) }
}
