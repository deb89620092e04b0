/** A simulation as it is shown: both sides as pictures, figures and words. Drawn by the build, then by the browser. */
import type { MapNode, MapObject, MapPod, PodState } from '../../protocol/map.ts'
import { drawCluster, type Place, wayBetween } from '../map/picture.ts'
import { type Shape, shape } from '../map/shapes.ts'
import { map } from '../strings/map.ts'
import { sentence, simulation as strings } from '../strings/simulation.ts'
import { answers } from './app.ts'
import type { Pod } from './cluster/state.ts'
import type { Container } from './docker/host.ts'
import type { Side } from './happenings.ts'
import type { Simulation } from './simulation.ts'

export const sides: readonly Side[] = ['docker', 'cluster']

/** Width of one side's picture: two of them fill the text's width, one a phone's. In pixels. */
export const WIDTH = 300
/** Happenings that are shown of each side. */
const LINES = 3
/** Requests that are shown on their way at a time. */
const MOST_DOTS = 14

export interface View {
  height: number
  places: ReadonlyMap<string, Place>
  shapes: Shape[]
}

const SERVICE = 'service'

// ---- what stands where ----

function containerState({ state, app, health }: Container): PodState {
  if (state === 'stopping') return 'terminating'
  if (state !== 'running' || health === 'unhealthy') return 'failing'
  return app.state === 'up' && app.release.works ? 'ready' : 'running'
}

function podState(pod: Pod): PodState {
  if (pod.deletedAt !== undefined) return 'terminating'
  if (pod.node === undefined) return 'pending'
  if (!pod.running) return 'starting'
  if (pod.restartAt !== undefined) return 'failing'
  return pod.ready ? 'ready' : 'running'
}

const node = (name: string, ready: boolean, cordoned = false): MapNode => ({
  kind: 'Node',
  uid: `node ${name}`,
  name,
  ready,
  cordoned,
  controlPlane: false,
})
const service = (name: string, ready: string[]): MapObject[] => [
  { kind: 'Service', uid: SERVICE, name, namespace: '', type: 'ClusterIP' },
  { kind: 'EndpointSlice', uid: 'endpoints', namespace: '', service: name, ready },
]

/** One side, as the objects that a cluster map is drawn from. */
export function objectsOf(simulation: Simulation, side: Side): MapObject[] {
  const { docker, cluster } = simulation
  if (side === 'docker') {
    const target = docker.fixedPort ? docker.listed.slice(0, 1) : docker.listed
    return [
      node(docker.name, docker.up),
      ...service(
        docker.fixedPort ? strings.port : strings.dns(docker.service),
        target.map(({ name }) => name),
      ),
      ...docker.containers.map((container) =>
        copy(container.name, docker.up ? containerState(container) : 'failing', docker.name, container.restarts),
      ),
    ]
  }
  return [
    ...cluster.nodes.map(({ name, up, ready, cordoned }) => node(name, up && ready, cordoned)),
    ...service(strings.service(cluster.volume ? 'db' : 'web'), [...cluster.endpoints]),
    ...cluster.pods.map((pod) => ({
      ...copy(pod.name, podState(pod), pod.node, pod.restarts),
      owner: pod.replicaSet,
      ownerName: `ReplicaSet/${pod.replicaSet}`,
    })),
  ]
}

const copy = (name: string, state: PodState, where: string | undefined, restarts: number): MapPod => ({
  kind: 'Pod',
  uid: name,
  name,
  namespace: '',
  state,
  restarts,
  ...(where === undefined ? {} : { node: where }),
})

/** What a copy shows on its right: what this simulation is about. */
function tagOf(simulation: Simulation, name: string): string | undefined {
  const app = (
    simulation.docker.containers.find((one) => one.name === name) ??
    simulation.cluster.pods.find((one) => one.name === name)
  )?.app
  if (simulation.name === 'rolling-update') return app?.release.name
  return simulation.name === 'load-balancing' && app !== undefined ? String(app.served) : undefined
}

export function viewOf(simulation: Simulation, side: Side): View {
  const silent = new Set(simulation.cluster.nodes.filter(({ up, ready }) => !up && ready).map(({ name }) => name))
  const picture = drawCluster(objectsOf(simulation, side), {
    width: WIDTH,
    columns: 1,
    rows: side === 'docker' ? simulation.scenario.rows : 1,
    keepUnplaced: side === 'cluster' && simulation.scenario.unplaced,
    still: true,
    tag: ({ name }) => tagOf(simulation, name),
    note: ({ name, ready }) => {
      if (ready) return undefined
      return side === 'docker' ? strings.unplugged : silent.has(name) ? strings.silent : undefined
    },
  })
  return {
    height: picture.height,
    places: picture.places,
    shapes: [...picture.shapes, ...volumeShapes(simulation, side, picture.places)],
  }
}

function volumeShapes(simulation: Simulation, side: Side, places: ReadonlyMap<string, Place>): Shape[] {
  const { docker, cluster } = simulation
  const [where, entries] =
    side === 'docker' ? [docker.name, docker.data] : [cluster.volume?.node, cluster.volume?.entries]
  const box = places.get(`node ${where}`)
  if (entries === undefined || box === undefined) return []
  const network = side === 'cluster' && cluster.volume?.kind === 'network'
  const width = 122
  const [x, y] = [box.x + box.width - width - 8, box.y + 28]
  return [
    shape(
      'g',
      { class: 'sim-volume', 'data-network': network, transform: `translate(${x} ${y})` },
      [
        shape('rect', { width, height: 26, rx: 4 }),
        shape('text', { x: width / 2, y: 17, 'text-anchor': 'middle' }, strings.volume(entries)),
      ],
      'volume',
    ),
  ]
}

/** Requests on their way. @param late simulated ms that have passed since the last tick */
export function dotsOf(simulation: Simulation, side: Side, { places }: View, late = 0): Shape[] {
  const from = places.get(SERVICE)
  if (from === undefined) return []
  const { shots, flight } = simulation.requests[side]
  // Always the same ones for the same traffic, so that none vanishes on its way; not each second, which might go to one copy alone.
  const every = Math.max(1, Math.ceil((simulation.traffic * flight) / 1000 / MOST_DOTS))
  return shots
    .filter(({ id }) => (Math.imul(id, 0x9e3779b1) >>> 16) % every === 0)
    .map(({ id, at, to, answered }) => {
      const target = (to === undefined ? undefined : places.get(to)) ?? {
        ...from,
        x: from.x + from.width / 2,
        y: from.y + 46,
      }
      const { x, y } = wayBetween(from, target).at(Math.min(1, (simulation.now + late - at) / flight))
      const place = { transform: `translate(${x.toFixed(1)} ${y.toFixed(1)})` }
      // Not by colour alone: what is lost is a cross.
      return answered
        ? shape('circle', { ...place, r: 3.5 }, [], `${id}`)
        : shape('path', { ...place, d: 'M-4-4 4 4M4-4-4 4' }, [], `${id}`)
    })
}

// ---- in words ----

const answering = (simulation: Simulation, side: Side): [up: number, all: number] =>
  side === 'docker'
    ? [
        simulation.docker.up ? simulation.docker.containers.filter(({ app }) => answers(app)).length : 0,
        simulation.docker.containers.length,
      ]
    : [
        simulation.cluster.pods.filter((pod) => answers(pod.app) && simulation.cluster.nodeOf(pod)?.up).length,
        simulation.cluster.pods.length,
      ]

export function summaryOf(simulation: Simulation, side: Side): string {
  const [up, all] = answering(simulation, side)
  return strings.summary(strings.sides[side], up, all, simulation.requests[side].share)
}

/** One side whole: picture, figures, what happened. */
export function drawSide(simulation: Simulation, side: Side, view: View): Shape[] {
  const { share, failed } = simulation.requests[side]
  const lines = simulation.log.filter((line) => line.side === side).slice(-LINES)
  return [
    shape('p', { class: 'sim-side-title' }, strings.sides[side]),
    shape(
      'svg',
      {
        viewBox: `0 0 ${WIDTH} ${view.height}`,
        role: 'img',
        'aria-label': summaryOf(simulation, side),
        class: 'map-picture',
      },
      [...view.shapes, shape('g', { class: 'sim-dots' }, dotsOf(simulation, side, view), 'dots')],
    ),
    shape('p', { class: 'sim-figures' }, [
      shape('span', {}, strings.figures.traffic(simulation.traffic)),
      shape('span', { 'data-bad': share !== undefined && share < 0.99 }, strings.figures.share(share)),
      shape('span', { 'data-bad': failed > 0 }, strings.figures.failed(failed)),
    ]),
    shape(
      'ol',
      { class: 'sim-log', 'aria-label': strings.log },
      lines.length === 0
        ? [shape('li', {}, strings.nothing, 'nothing')]
        : lines.map((line) =>
            shape(
              'li',
              {},
              `${strings.clock(line.at)} ${sentence(line.happening)}`,
              `${line.at} ${sentence(line.happening)}`,
            ),
          ),
    ),
  ]
}

/** Both sides as the rows of one table. */
export function drawTable(simulation: Simulation): Shape[] {
  const { copy: name, place, state, served } = strings.columns
  const rows = sides.flatMap((side) =>
    objectsOf(simulation, side).flatMap((pod) => {
      if (pod.kind !== 'Pod') return []
      const app = (
        simulation.docker.containers.find((one) => one.name === pod.uid) ??
        simulation.cluster.pods.find((one) => one.name === pod.uid)
      )?.app
      const cells = [pod.name, pod.node ?? strings.nowhere, map.states[pod.state], String(app?.served ?? 0)]
      return [
        shape(
          'tr',
          {},
          cells.map((text, at) => shape(at === 0 ? 'th' : 'td', at === 0 ? { scope: 'row' } : {}, text)),
          `${side} ${pod.uid}`,
        ),
      ]
    }),
  )
  return [
    shape('thead', {}, [
      shape(
        'tr',
        {},
        [name, place, state, served].map((text) => shape('th', { scope: 'col' }, text)),
      ),
    ]),
    shape('tbody', {}, rows),
  ]
}
