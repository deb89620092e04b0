/** What this product has made in Docker and not taken down again. */
import { execFileSync } from 'node:child_process'

const docker = (...args: string[]) =>
  execFileSync('docker', args, { encoding: 'utf8' })
    .split('\n')
    .filter((line) => line !== '')

const LABEL = 'dev.quayside.instance'

export interface Leftovers {
  containers: string[]
  networks: string[]
  volumes: string[]
}

/** Of all installations on this machine, or of one. Nodes of kind clusters are found by the names of our networks' clusters. */
export function leftovers(instance?: string): Leftovers {
  const label = instance ? `label=${LABEL}=${instance}` : `label=${LABEL}`
  const nodes = docker('ps', '-a', '--filter', 'label=io.x-k8s.kind.cluster', '--format', '{{.Names}}').filter((name) =>
    /^lab-[a-z0-9]+-(control-plane|worker\d*)$/.test(name),
  )
  return {
    containers: [...docker('ps', '-a', '--filter', label, '--format', '{{.Names}}'), ...(instance ? [] : nodes)].sort(),
    networks: docker('network', 'ls', '--filter', label, '--format', '{{.Name}}').sort(),
    volumes: docker('volume', 'ls', '--filter', label, '--format', '{{.Name}}').sort(),
  }
}

export const nothing: Leftovers = { containers: [], networks: [], volumes: [] }

/** Ids of the clusters that have anything left, by the networks' and nodes' names. */
export function clusterIds(): string[] {
  const { containers, networks } = leftovers()
  const ids = [...containers, ...networks].flatMap((name) => /^lab-([a-z0-9]+)/.exec(name)?.[1] ?? [])
  return [...new Set(ids)].sort()
}
