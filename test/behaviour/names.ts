import { addresses, identities } from '../compare/normalise.ts'
import type { Json } from './side.ts'
import type { Tape } from './tape.ts'

/** What two clusters never share, besides uids, times and addresses. */
const chosen: readonly (readonly [RegExp, string])[] = [
  ...identities,
  ...addresses,
  [/\b(?:containerd|quayside):\/\/[0-9a-f]{64}/g, '<container>'],
  [/\b(?:[\w./-]+@)?sha256:[0-9a-f]{64}/g, '<digest>'],
  [/\bkube-api-access-\w{5}\b/g, 'kube-api-access-<x>'],
  // A CronJob's Jobs are named by the minute
  [/-2\d{7}\b/g, '-<minute>'],
  [/ in [\d.]+m?s \([\d.]+m?s including waiting\)\. Image size: \d+ bytes\./g, ' in <time>. Image size: <size>.'],
]

/** Puts in place of names that the cluster has made up what they stand for. */
export function namer({ namespace, nodes, events }: Tape): (text: string) => string {
  const known = new Map<string, string>([[namespace, '<ns>']])
  for (const [index, node] of nodes.entries()) known.set(node, index === 0 ? '<control-plane>' : '<worker>')
  const numbers = new Map<string, number>()
  const number = (hash: string | undefined, owner: string) => {
    if (hash === undefined || known.has(hash)) return
    const next = (numbers.get(owner) ?? 0) + 1
    numbers.set(owner, next)
    known.set(hash, `<${next}>`)
  }
  for (const { type, object } of events) {
    if (type !== 'ADDED') continue
    const { name, generateName, labels = {} } = object.metadata
    if (object.kind === 'ReplicaSet') number(labels['pod-template-hash'], ownerOf(object))
    if (object.kind === 'ControllerRevision')
      number(labels['controller.kubernetes.io/hash'] ?? labels['controller-revision-hash'], ownerOf(object))
    if (generateName !== undefined && name.startsWith(generateName)) known.set(name, `${generateName}<x>`)
  }
  // The longest first: a Pod's name holds its ReplicaSet's hash
  const names = [...known].sort(([a], [b]) => b.length - a.length)
  return (text) => {
    let result = text
    for (const [name, stands] of names) if (result.includes(name)) result = result.replaceAll(name, stands)
    // What stands for a Pod's name has its hash still in it
    for (const [name, stands] of names) if (result.includes(name)) result = result.replaceAll(name, stands)
    for (const [pattern, stands] of chosen) result = result.replace(pattern, stands)
    return result
  }
}

const ownerOf = ({ metadata, kind }: Json): string => `${kind} ${metadata.ownerReferences?.[0]?.name ?? ''}`
