import { addresses, identities } from '../compare/normalise.ts'
import type { Json } from './side.ts'
import type { Tape } from './tape.ts'

/** What two clusters never share, besides uids, times and addresses. */
const chosen: readonly (readonly [RegExp, string])[] = [
  ...identities,
  ...addresses,
  [/\b(?:containerd|quayside):\/\/[0-9a-f]{64}/g, '<container>'],
  [/\b(?:[\w./-]+@)?sha256:[0-9a-f]{64}/g, '<digest>'],
  [/\b(rancher\.io\/local-path)_\S+/g, '$1'],
  [/\bkube-api-access-\w{5}\b/g, 'kube-api-access-<x>'],
  // What a machine has, and what runs on it already
  [/used: \d+, capacity: \d+/g, 'used: <amount>, capacity: <amount>'],
  // From runc 1.2 on
  [/error during container init: /g, ''],
  // From containerd 2.1 on, a code that says nothing is left out
  [/(unable to start container process: .*?): unknown\b/g, '$1'],
  // A Pod that was refused is nowhere but in what is said of it
  [/\bpods (\\*"[^"]*-)[bcdfghjklmnpqrstvwxz2456789]{5}(\\*") is forbidden/g, 'pods $1<x>$2 is forbidden'],
  // A CronJob's Jobs are named by the minute
  [/-2\d{7}\b/g, '-<minute>'],
  [/ in [\d.]+m?s \([\d.]+m?s including waiting\)\. Image size: \d+ bytes\./g, ' in <time>. Image size: <size>.'],
]

/** Puts in place of names that the cluster has made up what they stand for. */
export function namer({ namespace, nodes, events }: Tape): (text: string) => string {
  const known = new Map<string, string>([[namespace, '<ns>']])
  for (const [index, node] of nodes.entries()) known.set(node, index === 0 ? '<first node>' : '<node>')
  const generated: (readonly [name: string, start: string])[] = []
  const hashes = new Map<string, string>()
  const numbers = new Map<string, number>()
  const number = (hash: string | undefined, owner: string) => {
    if (hash === undefined || known.has(hash)) return
    const next = (numbers.get(owner) ?? 0) + 1
    numbers.set(owner, next)
    known.set(hash, `<${next}>`)
    hashes.set(hash, `<${next}>`)
  }
  const withHashes = (start: string) => {
    let result = start
    for (const [hash, stands] of hashes) result = result.replaceAll(hash, stands)
    return result
  }
  for (const { type, object } of events) {
    if (type !== 'ADDED') continue
    const { name, generateName, labels = {} } = object.metadata
    if (object.kind === 'ReplicaSet') number(labels['pod-template-hash'], ownerOf(object))
    if (object.kind === 'ControllerRevision')
      number(labels['controller.kubernetes.io/hash'] ?? labels['controller-revision-hash'], ownerOf(object))
    if (isGenerated(object)) generated.push([name, generateName])
  }
  for (const [name, start] of generated) known.set(name, `${withHashes(start)}<x>`)
  // The longest first: a Pod's name holds its ReplicaSet's hash, which what stands for it has still in it
  const names = [...known].sort(([a], [b]) => b.length - a.length)
  const patterns = names.map(
    ([name, stands]) =>
      [
        name,
        new RegExp(`(?<![a-z0-9]|node-role\\.kubernetes\\.io/)${name.replaceAll('.', '\\.')}(?![a-z0-9])`, 'g'),
        stands,
      ] as const,
  )
  return (text) => {
    let result = text
    for (const [name, pattern, stands] of patterns) {
      if (result.includes(name)) result = result.replace(pattern, () => stands)
    }
    for (const [pattern, stands] of chosen) result = result.replace(pattern, stands)
    return result
  }
}

const ownerOf = ({ metadata, kind }: Json): string => `${kind} ${metadata.ownerReferences?.[0]?.name ?? ''}`

/** Whether the end of its name was made up: a StatefulSet's Pods have a number there. */
export const isGenerated = ({ metadata: { name, generateName } }: Json): boolean =>
  generateName !== undefined && /^[bcdfghjklmnpqrstvwxz2456789]{5}$/.test(name.slice(generateName.length))
