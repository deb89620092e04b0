/** Puts a cluster back to where its lab began. */
import { type Clock, sleep } from '../clock.ts'
import { ReaderError } from '../errors.ts'
import type { KubeConnection, KubeObject } from '../kube/connection.ts'
import { restorePower } from '../nodes/restore.ts'
import type { Cluster } from '../providers/provider.ts'
import type { LabEntry } from './catalogue.ts'
import { layOut } from './prepare.ts'
import { allKinds, listed, nameOf, readStart, type StartState, stateOf } from './start-state.ts'

/** How long what is deleted may take to be gone, in milliseconds: Pods have 30 s to end, namespaces empty after them. */
const GONE_WITHIN = 75_000
/** Names of what gives readers their rights: providers keep them while the lab runs. */
const OWN_PREFIX = 'quayside:'
/** Between two looks at what is left, in milliseconds. */
const LOOK_EVERY = 500

/**
 * Switches all nodes on again; removes everything that was not there before the lab, the lab's own objects among it, as a reader may have changed them;
 * puts the nodes' taints, labels and cordons back; empties the home folder but for names with a leading dot, which are the
 * provider's; then lays the lab out again.
 * @throws {ReaderError} reset-failed, if something does not go
 */
export async function resetLab(
  cluster: Cluster,
  entry: LabEntry,
  { clock, signal = new AbortController().signal }: { clock: Clock; signal?: AbortSignal },
): Promise<void> {
  const { admin } = cluster
  const start = await readStart(admin, signal)
  await restorePower(cluster, { clock, signal })
  await hurryPods(cluster, start, signal)
  await removeAll(admin, start, clock, signal)
  await restoreNodes(admin, start, signal)
  await cluster.run(
    'cd && chmod -R u+rwX . 2>/dev/null; find . -mindepth 1 -maxdepth 1 ! -name ".*" -exec rm -rf {} +',
    signal,
  )
  await layOut(cluster, entry, signal)
}

/**
 * Pods that do not listen to their signal have 30 s, which the kubelet does not shorten once it has begun. The reader, who may
 * delete them, gives them one, after taking away who would make new ones. If that fails, it only takes longer.
 */
async function hurryPods(cluster: Cluster, start: StartState, signal: AbortSignal): Promise<void> {
  const left = await notOf(cluster.admin, start, signal)
  const namespaces = [
    'default',
    ...left.filter(({ kind }) => kind === 'Namespace').map(({ metadata }) => metadata.name),
  ]
  const script = namespaces.flatMap((name) => [
    `kubectl delete ${makersOfPods} --all --namespace ${name} --cascade=orphan --wait=false`,
    `kubectl delete pods --all --namespace ${name} --grace-period=1 --wait=false`,
  ])
  await cluster.run(script.join('\n'), signal).catch(() => {})
}

const makersOfPods = 'cronjobs,jobs,deployments,statefulsets,daemonsets,replicasets,replicationcontrollers'

async function removeAll(kube: KubeConnection, start: StartState, clock: Clock, signal: AbortSignal): Promise<void> {
  const until = clock.now() + GONE_WITHIN
  const asked = new Set<string>()
  for (;;) {
    const left = await notOf(kube, start, signal)
    if (left.length === 0) return
    if (clock.now() >= until) {
      const [{ kind, metadata } = { kind: '', metadata: { name: '' } }] = left
      throw new ReaderError(
        'reset-failed',
        `${kind} "${metadata.name}" cannot be removed: end this lab and start a new one.`,
      )
    }
    for (const object of left) {
      const { apiVersion, kind, metadata } = object
      // Anew for what has come again under the same name.
      const key = [apiVersion, kind, metadata.name, metadata.uid].join(' ')
      if (asked.has(key)) continue
      asked.add(key)
      const { name, namespace } = metadata
      await kube.delete({ apiVersion, kind, name, ...(namespace === undefined ? {} : { namespace }) }, signal)
    }
    await sleep(clock, LOOK_EVERY, signal)
  }
}

/** What is there and was not at the start, in the order in which it is to go. */
async function notOf(kube: KubeConnection, start: StartState, signal: AbortSignal): Promise<KubeObject[]> {
  const lists = await Promise.all(
    allKinds().map(async ([kind, namespace]) => {
      const before = new Set(start.objects[nameOf(kind)])
      const objects = await listed(kube, kind, namespace, signal)
      return objects.filter(({ metadata: { name } }) => !before.has(name) && !name.startsWith(OWN_PREFIX))
    }),
  )
  return lists.flat()
}

async function restoreNodes(kube: KubeConnection, start: StartState, signal: AbortSignal): Promise<void> {
  for (const node of await listed(kube, { apiVersion: 'v1', kind: 'Node' }, undefined, signal)) {
    const { metadata, spec } = node
    const { name } = metadata
    const before = start.nodes[name]
    if (!before) continue
    const now = stateOf(node)
    const { unschedulable = false } = (spec ?? {}) as { unschedulable?: boolean }
    const added = Object.keys(now.labels).filter((key) => !(key in before.labels))
    const changed = Object.entries(before.labels).filter(([key, value]) => now.labels[key] !== value)
    const same = JSON.stringify(now.taints) === JSON.stringify(before.taints)
    if (!unschedulable && same && added.length === 0 && changed.length === 0) continue
    const apply = (labels: Record<string, string>) =>
      kube.apply(
        {
          apiVersion: 'v1',
          kind: 'Node',
          metadata: { name, labels },
          spec: { unschedulable: false, taints: before.taints },
        },
        signal,
      )
    const own = Object.fromEntries(changed)
    // Server-side apply removes a field that it alone owned and that is no longer in what is applied: so a label that
    // someone else set is first taken over with a value of our own, then left out.
    if (added.length > 0) await apply({ ...own, ...Object.fromEntries(added.map((key) => [key, 'quayside-reset'])) })
    await apply(own)
  }
}
