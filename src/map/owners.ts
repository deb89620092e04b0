import type { MapObject, MapOwner, MapPod } from '../../protocol/map.ts'

/** How many colours owners are told apart by; after that they begin again. */
export const COLOURS = 6

export interface Owners {
  /** The Deployment behind a Pod's ReplicaSet, else its direct owner: uid and name. Undefined for a bare Pod. */
  of(pod: MapPod): { uid: string; name: string } | undefined
  /** From 1; 0 is for Pods without an owner. */
  colour(uid: string | undefined): number
  /** Deployments, by name. */
  deployments: MapOwner[]
}

/** Who owns what, in an order that does not change when Pods come and go. */
export function ownersOf(objects: Iterable<MapObject>): Owners {
  const known = new Map<string, MapOwner>()
  const pods: MapPod[] = []
  for (const object of objects) {
    if (object.kind === 'Deployment' || object.kind === 'ReplicaSet') known.set(object.uid, object)
    else if (object.kind === 'Pod') pods.push(object)
  }
  const of: Owners['of'] = (pod) => {
    if (pod.owner === undefined) return undefined
    const direct = known.get(pod.owner)
    const above = direct?.owner === undefined ? undefined : known.get(direct.owner)
    if (above !== undefined) return { uid: above.uid, name: `${above.kind}/${above.name}` }
    return { uid: pod.owner, name: pod.ownerName ?? pod.owner }
  }
  const deployments = [...known.values()].filter(({ kind }) => kind === 'Deployment').sort(byName)
  const uids = new Set(deployments.map(({ uid }) => uid))
  const others = new Map<string, string>()
  for (const pod of pods) {
    const owner = of(pod)
    if (owner !== undefined && !uids.has(owner.uid)) others.set(owner.uid, owner.name)
  }
  const order = [...uids, ...[...others].sort(([, a], [, b]) => a.localeCompare(b)).map(([uid]) => uid)]
  const colours = new Map(order.map((uid, at) => [uid, (at % COLOURS) + 1]))
  return { of, colour: (uid) => (uid === undefined ? 0 : (colours.get(uid) ?? 0)), deployments }
}

const byName = (a: MapOwner, b: MapOwner) =>
  `${a.namespace}/${a.name}`.localeCompare(`${b.namespace}/${b.name}`, undefined, { numeric: true })
