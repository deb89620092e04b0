/** What a map says in words: of one thing, of who owns what, and of everything in a table. */
import type { MapObject, MapPod } from '../../protocol/map.ts'
import { map as strings } from '../strings/map.ts'
import { ownersOf } from './owners.ts'
import { type Shape, shape } from './shapes.ts'

export interface Known {
  ownerOf(pod: MapPod): string | undefined
  /** Uids of ready Pods, by namespace and name of the Service. */
  ready: ReadonlyMap<string, readonly string[]>
}

export function details(object: MapObject, { ownerOf, ready }: Known): string {
  switch (object.kind) {
    case 'Pod': {
      const owner = ownerOf(object)
      const services = [...ready]
        .filter(([, uids]) => uids.includes(object.uid))
        .map(([name]) => name.split('/').at(-1))
      return sentenceOf([
        strings.pod(object.name, strings.states[object.state], object.node),
        object.reason,
        owner === undefined ? undefined : strings.owned(owner),
        object.image,
        object.restarts > 0 ? strings.restarts(object.restarts) : undefined,
        services.length > 0 ? strings.gets(services.join(', ')) : undefined,
      ])
    }
    case 'Service':
      return sentenceOf([
        strings.service(object.name, ready.get(`${object.namespace}/${object.name}`)?.length ?? 0),
        object.type,
        object.address,
      ])
    default:
      return ''
  }
}

const sentenceOf = (parts: (string | undefined)[]) => parts.filter((part) => part !== undefined).join(' · ')

/** The Deployments in their colours, and how far they are. */
export function legend(objects: Iterable<MapObject>): Shape[] {
  const owners = ownersOf(objects)
  const several = new Set(owners.deployments.map(({ namespace }) => namespace)).size > 1
  return owners.deployments.map(({ uid, name, namespace, ready, desired }) => {
    const known = several ? `${namespace}/${name}` : name
    return shape('li', { 'data-owner': owners.colour(uid) }, strings.owner(known, ready, desired), uid)
  })
}

export function table(objects: Iterable<MapObject>): Shape[] {
  const all = [...objects]
  const owners = ownersOf(all)
  const { pod, state, node, owner, restarts } = strings.columns
  const pods = all.filter((object) => object.kind === 'Pod')
  return [
    shape('thead', {}, [
      shape(
        'tr',
        {},
        [pod, state, node, owner, restarts].map((text) => shape('th', { scope: 'col' }, text)),
      ),
    ]),
    shape(
      'tbody',
      {},
      pods
        .sort((a, b) => a.name.localeCompare(b.name, undefined, { numeric: true }))
        .map((one) =>
          shape(
            'tr',
            {},
            [
              shape('th', { scope: 'row' }, one.name),
              ...[
                strings.states[one.state] + (one.reason ? ` (${one.reason})` : ''),
                one.node ?? '–',
                owners.of(one)?.name ?? '–',
                String(one.restarts),
              ].map((text) => shape('td', {}, text)),
            ],
            one.uid,
          ),
        ),
    ),
  ]
}
