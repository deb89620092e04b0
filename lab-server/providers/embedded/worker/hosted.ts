import { randomBytes } from 'node:crypto'
import { pipeline } from 'node:stream/promises'
import { setImmediate } from 'node:timers/promises'
import { promisify } from 'node:util'
import { deflateRaw, inflateRaw } from 'node:zlib'
import type { ApiRequest, ApiResponse, Duplex } from '../../../../engine/api/http.ts'
import { generateSigningKey, keepKey, keptKey } from '../../../../engine/auth/jwt.ts'
import type { Clock } from '../../../../engine/clock/clock.ts'
import { VirtualClock } from '../../../../engine/clock/virtual-clock.ts'
import { type Cluster, createCluster } from '../../../../engine/cluster.ts'
import { images } from '../../../../engine/images/all.ts'
import { templatesIn } from '../../../../engine/images/postgres/templates.ts'
import { CertificateAuthority } from '../../../../engine/node/certificates/authority.ts'
import { Door } from '../../../../engine/node/door.ts'
import { kubeconfig } from '../../../../engine/node/kubeconfig.ts'
import { Scratch } from '../../../../engine/objects/packed.ts'
import { StatusError, tooManyRequests } from '../../../../engine/objects/status-error.ts'
import { type ClusterSnapshot, decodeSnapshot, encodeSnapshot } from '../../../../engine/snapshot.ts'
import { workloads } from '../../../../engine/workloads/workloads.ts'
import { forwardPath } from '../../../kube/forward-path.ts'
import { READER_GROUP, READER_USER } from '../../guard/protected.ts'
import type { NodeState } from '../../provider.ts'
import type { Answers } from './answers.ts'
import { Cap } from './cap.ts'
import { Channel } from './channel.ts'
import {
  type Asked,
  type AskOrder,
  type ClusterKeys,
  type ClusterOrder,
  type ForwardOrder,
  SANDBOX_PORT,
  type Written,
} from './messages.ts'
import type { Opener } from './opener.ts'
import { shareClock } from './share-clock.ts'
import { Stirrings } from './stirrings.ts'
import type { Share } from './turns.ts'

const HOST = '127.0.0.1'
/** One reader's shells, their watches and port-forwards. */
const MOST_CONNECTIONS = 200
/** Requests that wait for the cluster's turn; what comes beyond is told to come again, in seconds. */
const MOST_WAITING = 500
const COME_AGAIN = 1

/** How old a cluster is when a reader gets it, in ms. */
const BEFORE = 60_000

/** As whom the server itself asks. */
const SERVER = { certificate: { commonName: 'quayside', organizations: ['system:masters'] } }
/** As whom it asks for what is a reader's to have. */
const READER = { certificate: { commonName: READER_USER, organizations: [READER_GROUP] } }

const serverNames = [
  'localhost',
  HOST,
  '10.96.0.1',
  'kubernetes',
  'kubernetes.default',
  'kubernetes.default.svc',
  'kubernetes.default.svc.cluster.local',
]

/** A cluster's objects become an eighth of their size in 2 ms; harder work would make them a tenth in 20. */
const QUICK = 1
const compressed = promisify(deflateRaw)
/**
 * For snapshots on their way to be compressed, of which a full room has a dozen each second. New bytes each time, outside of the heap, have V8
 * mark all clusters every few seconds: half a processor's time.
 */
const scratches: Scratch[] = []
/** Of a cluster that is larger, in bytes, they are not kept. */
const LARGEST_SCRATCH = 16 * 1024 * 1024
const whole = promisify(inflateRaw)

interface HostedParts {
  readonly clock: Clock
  readonly share: Share
  readonly answers: Answers
  readonly report: (error: unknown) => void
}

/** A cluster in this thread, with its door. */
export class Hosted {
  /** The reader's. */
  readonly kubeconfig: string
  readonly keys: ClusterKeys
  readonly #cluster: Cluster
  readonly #door: Door
  readonly #share: Share
  readonly #clock: { stop(): void }
  /** The connections that are open for the reader. */
  readonly #channels = new Set<Channel>()
  readonly #stirrings: Stirrings

  private constructor(parts: {
    kubeconfig: string
    keys: ClusterKeys
    stirrings: Stirrings
    cluster: Cluster
    door: Door
    share: Share
    clock: { stop(): void }
  }) {
    this.kubeconfig = parts.kubeconfig
    this.keys = parts.keys
    this.#stirrings = parts.stirrings
    this.#cluster = parts.cluster
    this.#door = parts.door
    this.#share = parts.share
    this.#clock = parts.clock
  }

  static async create(order: ClusterOrder, { clock: real, share, answers, report }: HostedParts): Promise<Hosted> {
    const driver = shareClock(real, share)
    const { kept } = order
    const before = kept === undefined ? BEFORE : 0
    const clock = new VirtualClock({ start: real.now() - before, driver, settle: () => setImmediate() })
    const authority = new CertificateAuthority(real, kept?.keys.authority)
    const signing = await (kept === undefined ? generateSigningKey() : keptKey(kept.keys.signing))
    const snapshot = kept && decodeSnapshot(await whole(kept.snapshot))
    const stirrings = new Stirrings()
    const made = Promise.withResolvers<Cluster>()
    made.promise.catch(() => {})
    const door = new Door({
      handler: {
        async handle(request) {
          const came = performance.now()
          const response = await inTurn(share, async () => (await made.promise).api.handle(request))
          if (response.kind === 'whole') answers.add(performance.now() - came)
          return response
        },
      },
      certificate: authority.server('kube-apiserver', serverNames),
      clientAuthority: authority.certificate,
      maxConnections: MOST_CONNECTIONS,
    })
    const port = order.door.kind === 'port' ? await door.listen({ host: HOST, port: 0 }) : SANDBOX_PORT
    try {
      const cluster = await createCluster({
        clock,
        seed: randomBytes(8).toString('hex'),
        // Workers, and the one with the control plane
        nodes: order.workers + 1,
        host: HOST,
        port,
        authority: authority.certificate,
        signingKey: signing,
        admission: [new Cap(order.limits)],
        workloads: workloads({ images, addons: { ingress: order.ingress }, preloaded: order.images }),
        report,
      })
      if (snapshot !== undefined) cluster.restore(snapshot)
      // The first minute of its life passes at once: a fresh cluster's add-ons take half of one to be ready
      await clock.step(real.now() - clock.now())
      clock.run()
      made.resolve(cluster)
      const config = kubeconfig({
        server: `https://${HOST}:${port}`,
        authority: authority.certificate,
        cluster: 'lab',
        user: READER_USER,
        credentials: authority.client({ commonName: READER_USER, organizations: [READER_GROUP] }),
      })
      stirrings.follow(cluster)
      const keys = { authority: authority.keyPair, signing: await keepKey(signing) }
      return new Hosted({ kubeconfig: config, keys, cluster, door, share, clock: driver, stirrings })
    } catch (error) {
      made.reject(error)
      driver.stop()
      await door.close()
      throw error
    }
  }

  /** Milliseconds of the thread's time that the cluster has taken. */
  get used(): number {
    return this.#share.used
  }

  /** Opens the door on a listener that a command makes, in the network of a sandbox, and hands over. */
  async open(opener: Opener, command: readonly string[]): Promise<void> {
    await this.#door.takeOver(await opener.open(command))
  }

  /** A request by the server itself: it waits for nobody's turn. */
  async ask(order: AskOrder, signal: AbortSignal, onLines: (lines: readonly string[]) => void): Promise<Asked> {
    const mark = order.path.indexOf('?')
    const answer = await this.#cluster.api.handle({
      method: order.method,
      path: mark === -1 ? order.path : order.path.slice(0, mark),
      query: new URLSearchParams(mark === -1 ? '' : order.path.slice(mark + 1)),
      headers: order.headers,
      body: order.body === undefined ? new Uint8Array() : Buffer.from(order.body),
      credentials: SERVER,
      signal,
    } satisfies ApiRequest)
    if (answer.kind === 'upgrade') throw new Error(`${order.path} is no plain request`)
    if (answer.kind === 'whole') return { status: answer.status, body: textOf(answer) }
    return streamed(answer, order.lines ? onLines : undefined)
  }

  /** A connection for the reader: bytes flow through the port once the answer is null. */
  async forward({ target, port }: ForwardOrder, signal: AbortSignal): Promise<Asked | null> {
    const channel = new Channel(port)
    this.#channels.add(channel)
    channel.once('close', () => this.#channels.delete(channel))
    try {
      const answer = await this.#cluster.api.handle({
        method: 'GET',
        path: forwardPath(target),
        query: new URLSearchParams({ ports: String(target.port) }),
        headers: { connection: 'Upgrade', upgrade: 'websocket' },
        body: new Uint8Array(),
        credentials: READER,
        signal,
      } satisfies ApiRequest)
      if (answer.kind === 'upgrade' && answer.session.kind === 'portforward') {
        void carry(channel, await answer.session.connect(target.port))
        return null
      }
      channel.destroy()
      return answer.kind === 'whole' ? { status: answer.status, body: textOf(answer) } : { status: 500, body: '' }
    } catch (error) {
      channel.destroy()
      if (error instanceof StatusError) return { status: error.code, body: JSON.stringify(error.toStatus()) }
      throw error
    }
  }

  /** @throws {Error} if the cluster has no such node */
  setNode(node: string, to: NodeState): void {
    const nodes = this.#cluster.workloads?.nodes
    this.#stirrings.stir()
    if (nodes === undefined) throw new Error('nothing runs on the nodes of this cluster')
    const { running } = nodes.state(node)
    if (to.state === 'stopped') {
      if (running) nodes.stop(node)
      return
    }
    if (!running) nodes.start(node)
    nodes.setCutOff(node, to.state === 'cut-off')
    nodes.slow(node, to.state === 'slow' ? to.factor : 1)
  }

  /** See `marks` in messages.ts. */
  get mark(): string {
    return this.#stirrings.mark
  }

  async write(): Promise<Written> {
    const snapshot = this.#cluster.snapshot()
    // Programs may have written to files for it
    const { mark } = this
    const templates = [...templatesIn(snapshot)]
    return { snapshot: await encoded(snapshot), mark, templates }
  }

  async snapshot(): Promise<Uint8Array> {
    return encoded(this.#cluster.snapshot())
  }

  /** @throws {Error} for what is no snapshot of such a cluster */
  async restore(snapshot: Uint8Array): Promise<void> {
    const decoded = decodeSnapshot(await whole(snapshot))
    this.#stirrings.stir()
    this.#cluster.restore(decoded)
  }

  async close(): Promise<void> {
    for (const channel of this.#channels) channel.destroy()
    this.#cluster.stop()
    this.#clock.stop()
    this.#share.end()
    await this.#door.close()
  }
}

function inTurn(share: Share, handle: () => Promise<ApiResponse>): Promise<ApiResponse> {
  if (share.waiting >= MOST_WAITING) return Promise.resolve(busy)
  return new Promise((resolve, reject) => {
    share.run(() => void handle().then(resolve, reject))
  })
}

const tooMany = tooManyRequests('The cluster is busy, please come again.', COME_AGAIN)
const busy: ApiResponse = {
  kind: 'whole',
  status: tooMany.code,
  headers: { 'content-type': 'application/json', 'retry-after': String(COME_AGAIN) },
  body: JSON.stringify(tooMany.toStatus()),
}

/** As compressed bytes, by themselves. It is read before this returns. */
async function encoded(snapshot: ClusterSnapshot): Promise<Uint8Array> {
  const scratch = scratches.pop() ?? new Scratch()
  try {
    return await compressed(encodeSnapshot(snapshot, scratch), { level: QUICK })
  } finally {
    if (scratch.size <= LARGEST_SCRATCH) scratches.push(scratch)
  }
}

const textOf = ({ body }: Extract<ApiResponse, { kind: 'whole' }>): string => {
  if (typeof body === 'string') return body
  const parts = body instanceof Uint8Array ? [body] : body
  return parts.map((part) => (typeof part === 'string' ? part : Buffer.from(part).toString())).join('')
}

async function streamed(
  { status, chunks }: Extract<ApiResponse, { kind: 'stream' }>,
  onLines: ((lines: readonly string[]) => void) | undefined,
): Promise<Asked> {
  const decoder = new TextDecoder()
  let text = ''
  for await (const chunk of chunks) {
    text += decoder.decode(chunk, { stream: true })
    if (onLines === undefined) continue
    const lines = text.split('\n')
    text = lines.pop() ?? ''
    const whole = lines.filter((line) => line !== '')
    if (whole.length > 0) onLines(whole)
  }
  return { status, body: onLines === undefined ? text : '' }
}

/** Hands bytes over, both ways, until one side has gone. */
async function carry(channel: Channel, port: Duplex): Promise<void> {
  const up = (async () => {
    for await (const chunk of channel) await port.write(chunk as Uint8Array)
    port.close()
  })()
  // What the client still sends has no reader any more, once the port has ended.
  up.catch(() => {})
  try {
    await pipeline(port.incoming, channel)
  } catch (error) {
    channel.destroy(error as Error)
  } finally {
    port.close()
    channel.destroy()
  }
}
