import { type DiscoveryGroup, type DiscoveryResource, type GroupVersionData, groupVersions } from './data.ts'

/** apidiscovery/v2 of `/api` (core only) or `/apis` (all others). */
export function aggregatedDiscovery(root: 'api' | 'apis', served: readonly GroupVersionData[] = groupVersions): object {
  const items: DiscoveryGroup[] = groupsOf(served, root).map(([name, versions]) => ({
    metadata: name === '' ? {} : { name },
    versions: versions.map(({ version, resources }) => ({
      version,
      resources: resources.map(({ storageVersionHash: _, ...resource }) => resource),
      freshness: 'Current',
    })),
  }))
  return { kind: 'APIGroupDiscoveryList', apiVersion: 'apidiscovery.k8s.io/v2', metadata: {}, items }
}

/** Plain `/api`; `serverAddress` is host and port. */
export function apiVersions(serverAddress: string): object {
  return {
    kind: 'APIVersions',
    versions: ['v1'],
    serverAddressByClientCIDRs: [{ clientCIDR: '0.0.0.0/0', serverAddress }],
  }
}

/** Plain `/apis`. */
export function apiGroupList(served: readonly GroupVersionData[] = groupVersions): object {
  return {
    kind: 'APIGroupList',
    apiVersion: 'v1',
    groups: groupsOf(served, 'apis').map(([name, versions]) => groupOf(name, versions)),
  }
}

/** Plain `/apis/<group>`. */
export function apiGroup(group: string, served: readonly GroupVersionData[] = groupVersions): object | undefined {
  const found = groupsOf(served, 'apis').find(([name]) => name === group)
  return found === undefined ? undefined : { kind: 'APIGroup', apiVersion: 'v1', ...groupOf(...found) }
}

/** Plain `/api/v1` and `/apis/<group>/<version>`: subresources as entries of their own, by name. */
export function apiResourceList(
  group: string,
  version: string,
  served: readonly GroupVersionData[] = groupVersions,
): object | undefined {
  const found = served.find((data) => data.group === group && data.version === version)
  if (found === undefined) return undefined
  return {
    kind: 'APIResourceList',
    // Upstream's core list alone leaves it out.
    ...(group === '' ? {} : { apiVersion: 'v1' }),
    groupVersion: group === '' ? version : `${group}/${version}`,
    resources: found.resources.flatMap(plainResources).sort((a, b) => (a.name < b.name ? -1 : 1)),
  }
}

function plainResources(of: DiscoveryResource): { readonly name: string }[] {
  const namespaced = of.scope === 'Namespaced'
  const entry = (
    name: string,
    singularName: string,
    kind: DiscoveryResource['responseKind'],
    verbs: readonly string[],
  ) => ({
    name,
    singularName,
    namespaced,
    ...(kind.group === '' ? {} : { group: kind.group }),
    ...(kind.version === '' ? {} : { version: kind.version }),
    kind: kind.kind,
    verbs,
  })
  return [
    {
      ...entry(of.resource, of.singularResource, of.responseKind, of.verbs),
      ...(of.shortNames === undefined ? {} : { shortNames: of.shortNames }),
      ...(of.categories === undefined ? {} : { categories: of.categories }),
      ...(of.storageVersionHash === undefined ? {} : { storageVersionHash: of.storageVersionHash }),
    },
    ...(of.subresources ?? []).map((sub) =>
      entry(`${of.resource}/${sub.subresource}`, '', sub.responseKind, sub.verbs),
    ),
  ]
}

function groupOf(name: string, versions: readonly GroupVersionData[]) {
  const listed = versions.map(({ version }) => ({ groupVersion: `${name}/${version}`, version }))
  return { name, versions: listed, preferredVersion: listed[0] }
}

/** Groups in the order of their first version, each with its versions in order of preference. */
function groupsOf(served: readonly GroupVersionData[], root: 'api' | 'apis'): [string, GroupVersionData[]][] {
  const groups = new Map<string, GroupVersionData[]>()
  for (const data of served) {
    if ((data.group === '') !== (root === 'api')) continue
    groups.set(data.group, [...(groups.get(data.group) ?? []), data])
  }
  return [...groups]
}
