import { KubeError } from './connection.ts'
import { groupPath, type Resource, refusal } from './paths.ts'
import type { Transport } from './transport.ts'

export interface Discovery {
  /** @throws {KubeError} 404 if the cluster does not know the kind (any more) */
  resource(apiVersion: string, kind: string, signal?: AbortSignal): Promise<Resource>
  /** To be called when the API server does not know a path that discovery gave: the kind may have gone. */
  forget(apiVersion: string): void
}

interface ResourceList {
  resources: { name: string; kind: string; namespaced: boolean }[]
}

/** Asks once for each group and version. What is not there is asked for again, as a custom resource may yet be defined. */
export function createDiscovery(transport: Transport): Discovery {
  const groups = new Map<string, Map<string, Resource>>()

  async function fetchGroup(apiVersion: string, signal?: AbortSignal) {
    const answer = await transport.request({ method: 'GET', path: groupPath(apiVersion), signal })
    if (answer.status !== 200) throw refusal(answer)
    const { resources } = JSON.parse(answer.body) as ResourceList
    // Subresources are listed with a slash and the kind of what they take, like pods/eviction
    const kinds = resources.filter((resource) => !resource.name.includes('/'))
    return new Map(kinds.map(({ kind, name, namespaced }) => [kind, { plural: name, namespaced }]))
  }

  return {
    async resource(apiVersion, kind, signal) {
      const found = groups.get(apiVersion)?.get(kind)
      if (found) return found
      // Not shared between callers while it is asked: one's abort must not fail the others
      const fresh = await fetchGroup(apiVersion, signal)
      groups.set(apiVersion, fresh)
      const resource = fresh.get(kind)
      if (!resource) throw new KubeError(404, 'NotFound', `the cluster does not know the kind ${kind} of ${apiVersion}`)
      return resource
    },
    forget(apiVersion) {
      groups.delete(apiVersion)
    },
  }
}
