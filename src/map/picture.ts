/** Where everything of a cluster stands, and what it looks like. Pure: the same objects and width give the same picture. */
import type { MapEndpoints, MapNode, MapObject, MapPod, MapService, PodState } from '../../protocol/map.ts'
import { map as strings } from '../strings/map.ts'
import { ownersOf } from './owners.ts'
import { type Shape, shape } from './shapes.ts'

export interface Place {
  x: number
  y: number
  width: number
  height: number
}

export interface PictureOptions {
  /** In pixels; one unit of the picture is one pixel. */
  width: number
  /** Uid of what is looked at. */
  chosen?: string | undefined
  /** Nodes beside one another; as many as there is room for unless it is given. */
  columns?: number
  /** Stays as high as if each node had this many rows of Pods, so that what stands below does not jump. */
  rows?: number
  /** Whether the place for Pods without a node is kept free when there are none. */
  keepUnplaced?: boolean
  /** Leaves out what only makes sense where one can walk from Pod to Pod. */
  still?: boolean
  /** A few letters on the right of a Pod. */
  tag?(pod: MapPod): string | undefined
  /** What is said of a node in place of its state. */
  note?(node: MapNode): string | undefined
}

export interface Picture {
  height: number
  shapes: Shape[]
  /** Where Pods, Services and nodes are, by uid. */
  places: Map<string, Place>
  /** Uids of Services and Pods in the order in which one walks through them. */
  order: string[]
}

/** All in pixels. */
const EDGE = 8
const HEAD = 24
const SERVICE = 28
/** Between Services and nodes, where requests travel. */
const WAY = 30
const BIG = { width: 80, height: 26, gap: 6 }
/** With their gap as wide as what can be hit must be: 24 px. */
const SMALL = { width: 18, height: 18, gap: 6 }
/** A node with more Pods than this shows them as small squares. */
const MOST_BIG = 10
const NARROWEST_NODE = 104
/** Lines to more Pods than this would hide what they show; then only those of what is looked at are drawn. */
const MOST_LINES = 40

/** Not by colour alone: each state has its sign. */
export const signs: Record<PodState, string> = {
  pending: '…',
  starting: '◔',
  running: '◑',
  ready: '✓',
  failing: '!',
  terminating: '×',
  completed: '■',
}

const byName = (a: { name: string }, b: { name: string }) => a.name.localeCompare(b.name, undefined, { numeric: true })

export function drawCluster(objects: Iterable<MapObject>, options: PictureOptions): Picture {
  const all = [...objects]
  const only = <K extends MapObject['kind']>(kind: K) =>
    all.filter((object): object is Extract<MapObject, { kind: K }> => object.kind === kind)
  const pods = only('Pod').sort(byName)
  const services = only('Service').sort(byName)
  const owners = ownersOf(all)
  const placesOfNodes = new Map<string | undefined, MapPod[]>()
  for (const pod of pods) {
    const there = placesOfNodes.get(pod.node)
    if (there) there.push(pod)
    else placesOfNodes.set(pod.node, [pod])
  }
  const nodes = nodesOf(only('Node'), placesOfNodes)
  const small = [...placesOfNodes.values()].some((there) => there.length > MOST_BIG)
  const tile = small ? SMALL : BIG

  const places = new Map<string, Place>()
  const { width } = options
  let y = EDGE

  const servicesOf = readyServices(only('EndpointSlice'))
  const countOf = (service: MapService) => String(servicesOf.get(keyOfService(service))?.length ?? 0)

  // Services in rows
  let x = EDGE
  for (const service of services) {
    const w = Math.min(width - 2 * EDGE, Math.round((service.name.length + countOf(service).length) * 7.6) + 36)
    if (x > EDGE && x + w > width - EDGE) {
      x = EDGE
      y += SERVICE + 6
    }
    places.set(service.uid, { x, y, width: w, height: SERVICE })
    x += w + 8
  }
  y += services.length > 0 ? SERVICE + WAY : 0

  // Nodes in a grid; in a row of it all are as high as the highest.
  const columns =
    options.columns ?? Math.max(1, Math.min(nodes.length, Math.floor((width - EDGE) / (NARROWEST_NODE + EDGE))))
  const nodeWidth = Math.floor((width - EDGE * (columns + 1)) / columns)
  const perRow = Math.max(1, Math.floor((nodeWidth - EDGE * 2 + tile.gap) / (tile.width + tile.gap)))
  // Big Pods take all the room there is.
  const tileWidth = small ? tile.width : Math.floor((nodeWidth - EDGE * 2 - tile.gap * (perRow - 1)) / perRow)
  const heightOf = (count: number, fit: number) =>
    Math.max(Math.ceil(count / fit), options.rows ?? 1) * (tile.height + tile.gap)
  const boxes: Shape[] = []
  const layPods = (there: readonly MapPod[], left: number, top: number, fit: number) => {
    for (const [at, pod] of there.entries())
      places.set(pod.uid, {
        x: left + (at % fit) * (tileWidth + tile.gap),
        y: top + Math.floor(at / fit) * (tile.height + tile.gap),
        width: tileWidth,
        height: tile.height,
      })
  }
  for (let first = 0; first < nodes.length; first += columns) {
    const row = nodes.slice(first, first + columns)
    const inner = Math.max(...row.map(({ name }) => heightOf(placesOfNodes.get(name)?.length ?? 0, perRow)))
    const height = HEAD + inner + EDGE
    for (const [at, node] of row.entries()) {
      const left = EDGE + at * (nodeWidth + EDGE)
      const there = placesOfNodes.get(node.name) ?? []
      const box = { x: left, y, width: nodeWidth, height }
      boxes.push(nodeShape(node, there.length, box, options))
      places.set(node.uid, box)
      layPods(there, left + EDGE, y + HEAD + 4, perRow)
    }
    y += height + EDGE
  }

  const unplaced = placesOfNodes.get(undefined) ?? []
  if (unplaced.length > 0 || options.keepUnplaced) {
    const fit = Math.max(1, Math.floor((width - EDGE * 4) / (tileWidth + tile.gap)))
    const height = HEAD + Math.max(1, Math.ceil(unplaced.length / fit)) * (tile.height + tile.gap) + EDGE - 4
    boxes.push(unplacedShape({ x: EDGE, y, width: width - 2 * EDGE, height }, unplaced.length > 0))
    layPods(unplaced, EDGE * 2, y + HEAD + 2, fit)
    y += height + EDGE
  }

  // One does not walk to nodes: they are said with their Pods.
  const isNode = new Set(nodes.map(({ uid }) => uid))
  const order = [...places.keys()].filter((uid) => !isNode.has(uid))
  const focusable = options.still ? undefined : (options.chosen ?? order[0])
  const lines = linesOf(services, servicesOf, places, options.chosen)
  const serviceShapes = services.map((service) =>
    serviceShape(service, servicesOf.get(keyOfService(service)) ?? [], places.get(service.uid) as Place, focusable),
  )
  const podShapes = pods.map((pod) =>
    podShape(pod, places.get(pod.uid) as Place, {
      small,
      colour: owners.colour(owners.of(pod)?.uid),
      tag: options.tag?.(pod),
      chosen: options.chosen === pod.uid,
      focusable,
    }),
  )
  return {
    height: y,
    places,
    order,
    shapes: [
      shape('g', { class: 'map-lines', 'aria-hidden': 'true' }, lines, 'lines'),
      shape('g', { class: 'map-nodes' }, boxes, 'nodes'),
      shape('g', { class: 'map-services' }, serviceShapes, 'services'),
      shape('g', { class: 'map-pods' }, podShapes, 'pods'),
    ],
  }
}

/** Also nodes that only a Pod speaks of. */
function nodesOf(nodes: MapNode[], pods: ReadonlyMap<string | undefined, unknown>): MapNode[] {
  const names = new Set(nodes.map(({ name }) => name))
  const spoken = [...pods.keys()].filter((name): name is string => name !== undefined && !names.has(name))
  // A control plane that readers' Pods keep away from is as good as empty: it comes last.
  const last = (node: MapNode) => (node.controlPlane ? 1 : 0)
  return [
    ...nodes,
    ...spoken.map(
      (name): MapNode => ({
        kind: 'Node',
        uid: `node ${name}`,
        name,
        ready: true,
        cordoned: false,
        controlPlane: false,
      }),
    ),
  ].sort((a, b) => last(a) - last(b) || byName(a, b))
}

const keyOfService = ({ namespace, name }: MapService) => `${namespace}/${name}`

/** Uids of the Pods that a Service sends to, by namespace and name. */
export function readyServices(slices: readonly MapEndpoints[]): Map<string, string[]> {
  const ready = new Map<string, string[]>()
  for (const { namespace, service, ready: uids } of slices) {
    const key = `${namespace}/${service}`
    ready.set(key, [...(ready.get(key) ?? []), ...uids])
  }
  return ready
}

export function nodeState({ ready, cordoned }: MapNode): string {
  if (!ready) return strings.nodeLost
  return cordoned ? strings.nodeCordoned : strings.nodeReady
}

function nodeShape(node: MapNode, pods: number, { x, y, width, height }: Place, options: PictureOptions): Shape {
  const state = options.note?.(node) ?? nodeState(node)
  const fits = (text: string) => (node.name.length + text.length + 2) * 7 < width - 16
  // Where its words do not fit beside the name, a sign says that it is not as it should be.
  const said = node.ready && !node.cordoned ? '' : fits(state) ? state : signs.failing
  const most = Math.floor((width - 16) / 7) - (said ? said.length + 1 : 0)
  return shape(
    'g',
    {
      class: 'map-node',
      'data-lost': !node.ready,
      'data-cordoned': node.cordoned,
      transform: `translate(${x} ${y})`,
      ...(options.still ? {} : { role: 'group', 'aria-label': strings.node(node.name, state, pods) }),
    },
    [
      shape('rect', { width, height, rx: 8 }),
      shape('text', { x: 8, y: 17 }, clipped(node.name, most)),
      ...(said ? [shape('text', { x: width - 8, y: 17, 'text-anchor': 'end' }, said, 'state')] : []),
    ],
    node.uid,
  )
}

function unplacedShape({ x, y, width, height }: Place, some: boolean): Shape {
  return shape(
    'g',
    { class: 'map-unplaced', 'data-empty': !some, transform: `translate(${x} ${y})` },
    [shape('rect', { width, height, rx: 8 }), shape('text', { x: 8, y: 17 }, strings.unplaced)],
    'unplaced',
  )
}

function serviceShape(service: MapService, ready: readonly string[], place: Place, focusable?: string): Shape {
  const { x, y, width, height } = place
  return shape(
    'g',
    {
      class: 'map-service',
      'data-uid': service.uid,
      transform: `translate(${x} ${y})`,
      ...focusing(service.uid, focusable, strings.service(service.name, ready.length)),
    },
    [
      shape('rect', { width, height, rx: height / 2 }),
      shape(
        'text',
        { x: 14, y: 19 },
        clipped(service.name, Math.floor((width - 28 - 8 * String(ready.length).length) / 7)),
      ),
      shape('text', { x: width - 12, y: 19, 'text-anchor': 'end', class: 'map-count' }, String(ready.length)),
    ],
    service.uid,
  )
}

/** Exactly one of a map can be reached by Tab; arrow keys go on from there. */
const focusing = (uid: string, focusable: string | undefined, label: string) =>
  focusable === undefined
    ? {}
    : { role: 'img', 'aria-label': label, tabindex: uid === focusable ? 0 : -1, focusable: 'true' }

interface PodLook {
  small: boolean
  colour: number
  tag: string | undefined
  chosen: boolean
  focusable: string | undefined
}

function podShape(pod: MapPod, { x, y, width, height }: Place, look: PodLook): Shape {
  const label = strings.pod(pod.name, strings.states[pod.state], pod.node)
  const room = Math.floor((width - 24 - (look.tag ? look.tag.length * 6 + 8 : 0)) / 6.6)
  return shape(
    'g',
    {
      class: 'map-pod',
      'data-uid': pod.uid,
      'data-state': pod.state,
      'data-owner': look.colour,
      'data-chosen': look.chosen,
      style: `transform:translate(${x}px,${y}px)`,
      ...focusing(pod.uid, look.focusable, label),
    },
    [
      shape('rect', { width, height, rx: look.small ? 4 : 6 }),
      shape(
        'text',
        look.small ? { x: width / 2, y: 13.5, 'text-anchor': 'middle' } : { x: 8, y: 17.5, class: 'map-sign' },
        signs[pod.state],
      ),
      ...(look.small ? [] : [shape('text', { x: 22, y: 17.5 }, shortName(pod.name, room), 'name')]),
      ...(look.tag && !look.small
        ? [shape('text', { x: width - 6, y: 17.5, 'text-anchor': 'end', class: 'map-tag' }, look.tag, 'tag')]
        : []),
    ],
    pod.uid,
  )
}

function linesOf(
  services: readonly MapService[],
  ready: ReadonlyMap<string, string[]>,
  places: ReadonlyMap<string, Place>,
  chosen: string | undefined,
): Shape[] {
  const lines = services.flatMap((service) =>
    (ready.get(keyOfService(service)) ?? []).map((pod) => ({ service: service.uid, pod })),
  )
  const shown =
    lines.length <= MOST_LINES ? lines : lines.filter(({ service, pod }) => chosen === service || chosen === pod)
  return shown.flatMap(({ service, pod }) => {
    const from = places.get(service)
    const to = places.get(pod)
    if (from === undefined || to === undefined) return []
    const { d } = wayBetween(from, to)
    return shape('path', { d, 'data-chosen': chosen === service || chosen === pod }, [], `${service} ${pod}`)
  })
}

/** The way of a request, from the foot of a Service to the near edge of a Pod. */
export function wayBetween(from: Place, to: Place): { d: string; at(part: number): { x: number; y: number } } {
  const start = { x: from.x + from.width / 2, y: from.y + from.height }
  const end = { x: to.x + 3, y: to.y + to.height / 2 }
  const bend = { x: end.x - 5, y: start.y + 4 }
  const at = (part: number) => {
    const [a, b, c] = [(1 - part) ** 2, 2 * part * (1 - part), part ** 2]
    return { x: a * start.x + b * bend.x + c * end.x, y: a * start.y + b * bend.y + c * end.y }
  }
  return { d: `M${start.x} ${start.y}Q${bend.x} ${bend.y} ${end.x} ${end.y}`, at }
}

const clipped = (text: string, most: number) =>
  text.length <= most ? text : `${text.slice(0, Math.max(1, most - 1))}…`

/** The end of a Pod's name tells it apart; the beginning says what it is. */
function shortName(name: string, most: number): string {
  if (name.length <= most) return name
  const parts = name.split('-')
  const end = parts.at(-1) ?? name
  return clipped(end, most)
}
