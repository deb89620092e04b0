import { mkdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type Docker from 'dockerode'
import type { Logger } from 'pino'
import { type Clock, sleep } from '../../clock.ts'
import type { KubeConnection, KubeObject } from '../../kube/connection.ts'
import { forwardHttps } from '../../kube/forward.ts'
import { connectHttps } from '../../kube/https.ts'
import type { Credentials } from '../../kube/kubeconfig.ts'
import { createTransport, type Transport } from '../../kube/transport.ts'
import { applyPatiently, asReader, guardHolds, guardObjects } from '../guard/guard.ts'
import { keepRights, type RightsKeeper } from '../guard/rights-keeper.ts'
import type { Cluster, ProviderStage } from '../provider.ts'
import { available } from './available.ts'
import { clusterConfig } from './cluster-config.ts'
import type { KindConfig } from './config.ts'
import { hurryCoreDns } from './coredns.ts'
import { adminCredentials, readerKubeconfig } from './credentials.ts'
import { within } from './deadline.ts'
import { clusterContainers, disposeCluster } from './dispose.ts'
import { type KindCommand, runKind } from './kind-command.ts'
import { metricsApi, metricsServerObjects } from './metrics-server.ts'
import { type ClusterMark, clusterName, KIND_CLUSTER_LABEL, nodesNetwork } from './names.ts'
import { createNetworks } from './networks.ts'
import { controlNodes } from './node-control.ts'
import { confineNodes } from './nodes.ts'
import { nodesReady } from './nodes-ready.ts'
import { storageHelper } from './storage.ts'
import { adoptToolbox, createToolbox, type Toolbox } from './toolbox.ts'

export interface ClusterTools {
  docker: Docker
  clock: Clock
  log: Logger
  config: KindConfig
  kind: KindCommand
  /** The host's own addresses, where nothing of a cluster may go. */
  hostAddresses: readonly string[]
  /** Called once the cluster is disposed of. */
  onDisposed(id: string): void
}

/** Laid into a cluster when it is whole: without it, a crash has cut off its making. */
const wholeMark: KubeObject = {
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name: 'quayside-whole', namespace: 'kube-system' },
}

/** The size of the first shell until a page says its own. */
const FIRST_SIZE = { cols: 80, rows: 24 }
/** A cluster that does not answer within this time is not healthy; in ms. */
const HEALTH_TIMEOUT = 5000
/** How often the node is looked into for the credentials of an API server that is being made, and then that server asked; in ms. */
const CREDENTIALS_EVERY = 2_000
const API_EVERY = 500
/** How long for either, in ms. */
const API_FOR = 10 * 60_000

/** Makes a cluster. What is left when it fails is the caller's to dispose of. */
export async function createCluster(
  tools: ClusterTools,
  mark: ClusterMark,
  image: string,
  progress: (stage: ProviderStage) => void,
  signal: AbortSignal,
): Promise<Cluster> {
  const { docker, clock, log, config } = tools
  const { id, workers } = mark
  const started = clock.now()
  const took = () => clock.now() - started

  progress('cluster')
  await createNetworks(docker, mark)
  // The toolbox comes up while kind works; only its kubeconfig must wait
  const opened = createToolbox(tools, mark, image, config).then(async (box) => {
    await box.openShell(FIRST_SIZE)
    return box
  })
  opened.catch(() => {})
  const failed = new AbortController()
  const stop = AbortSignal.any([signal, failed.signal])
  let api: ApiServer | undefined

  /** What needs the API only, which answers while kind is still at work on the rest. */
  async function furnish(): Promise<ApiServer> {
    const found = await awaitApi(tools, id, stop)
    api = found
    const { kube, transport, rights } = found
    await Promise.all([
      applyPatiently(kube, clock, guardObjects, stop)
        .then(() => Promise.all([guardHolds(transport, clock, stop), rights.ready]))
        .then(() => log.debug({ cluster: id, ms: took() }, 'the policies hold')),
      applyPatiently(kube, clock, [...metricsServerObjects, storageHelper], stop),
      Promise.all([opened, readerKubeconfig(docker, clock, id)]).then(([box, kubeconfig]) =>
        box.writeFile('.kube/config', kubeconfig),
      ),
      hurryCoreDns(kube, clock, stop)
        .then(() => available(kube, clock, 'coredns', stop))
        .then(() => log.debug({ cluster: id, ms: took() }, 'CoreDNS is ready')),
    ])
    return found
  }

  async function build(): Promise<void> {
    await createNodes(tools, mark, image, stop)
    log.debug({ cluster: id, ms: took() }, 'kind is done')
    progress('addons')
    await confineNodes(tools, mark, config, tools.hostAddresses)
  }

  const parts = [furnish(), build()] as const
  try {
    const [whole] = await Promise.all(parts)
    const allReady = await nodesReady(whole.kube, clock, 1 + workers, stop)
    log.debug({ cluster: id, ms: took(), allReady }, 'the nodes are ready')
    progress('shell')
    await whole.kube.apply(wholeMark, stop)
    stop.throwIfAborted()
    log.info({ cluster: id, workers, ms: took() }, 'a cluster is ready')
    return asCluster(tools, mark, whole, await opened)
  } catch (error) {
    failed.abort(error)
    // So that nothing appears behind the back of whoever removes what there is
    await Promise.allSettled([...parts, opened.then((box) => box.release())])
    api?.close()
    throw error
  }
}

/** Takes up a cluster that runs already. Undefined if anything of it is missing. */
export async function adoptCluster(tools: ClusterTools, mark: ClusterMark): Promise<Cluster | undefined> {
  const { config } = tools
  const containers = await clusterContainers(tools, mark.instance, mark.id)
  const nodes = containers.filter((container) => KIND_CLUSTER_LABEL in container.Labels)
  if (nodes.length !== 1 + mark.workers || nodes.some((node) => node.State !== 'running')) return undefined
  const box = await adoptToolbox(tools, mark, config)
  if (!box) return undefined
  let api: ApiServer | undefined
  try {
    api = reachApi(tools, await adminCredentials(tools.docker, tools.clock, mark.id), mark.id)
    const { kube } = api
    const sign = { ...wholeMark, name: wholeMark.metadata.name, namespace: 'kube-system' }
    const found = await within(tools.clock, HEALTH_TIMEOUT, (signal) => kube.get(sign, signal))
    if (!found) throw new Error('it was never finished')
    return asCluster(tools, mark, api, box)
  } catch (error) {
    tools.log.info({ cluster: mark.id, err: error }, 'a cluster is not whole')
    api?.close()
    box.release()
    return undefined
  }
}

async function createNodes(tools: ClusterTools, mark: ClusterMark, image: string, signal: AbortSignal): Promise<void> {
  const folder = join(tools.config.workDir, clusterName(mark.id))
  await mkdir(folder, { recursive: true, mode: 0o700 })
  try {
    const config = join(folder, 'cluster.yaml')
    await writeFile(config, clusterConfig(mark.workers), { mode: 0o600 })
    const kubeconfig = join(folder, 'kubeconfig')
    const name = clusterName(mark.id)
    const output = await runKind(
      tools.kind,
      ['create', 'cluster', '--name', name, '--image', image, '--config', config, '--kubeconfig', kubeconfig],
      { env: { KIND_EXPERIMENTAL_DOCKER_NETWORK: nodesNetwork(mark.id), KUBECONFIG: kubeconfig }, signal },
    )
    tools.log.trace({ cluster: mark.id, output }, 'kind')
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

interface ApiServer {
  kube: KubeConnection
  transport: Transport
  rights: RightsKeeper
  forward: Cluster['forward']
  /** Lets the API server ask metrics-server as soon as that has something to say. */
  serveMetrics(): void
  close(): void
}

/** Waits for an API server that is being made until it knows the lab server. */
async function awaitApi(tools: ClusterTools, id: string, signal: AbortSignal): Promise<ApiServer> {
  const { docker, clock } = tools
  // Each look into the node is a process there, while kind needs the machine: few of them, then questions to the API alone
  const credentials = await patiently(tools, id, CREDENTIALS_EVERY, signal, () => adminCredentials(docker, clock, id))
  const transport = createTransport(credentials, clock)
  try {
    await patiently(tools, id, API_EVERY, signal, async () => {
      const ask = { method: 'GET', path: '/api/v1/nodes', timeout: API_EVERY * 4, signal } as const
      const { status } = await transport.request(ask)
      if (status !== 200) throw new Error(`the API server answers ${status}`)
    })
  } finally {
    transport.close()
  }
  return reachApi(tools, credentials, id)
}

/** Tries again and again, as long as a cluster may take to be made. */
async function patiently<T>(
  { clock, log }: ClusterTools,
  id: string,
  every: number,
  signal: AbortSignal,
  attempt: () => Promise<T>,
): Promise<T> {
  for (const started = clock.now(); ; await sleep(clock, every, signal)) {
    signal.throwIfAborted()
    try {
      return await attempt()
    } catch (error) {
      if (clock.now() - started > API_FOR) throw error
      log.trace({ cluster: id, err: error }, 'the API server does not answer yet')
    }
  }
}

function reachApi({ clock, log }: ClusterTools, credentials: Credentials, id: string): ApiServer {
  const transport = createTransport(credentials, clock)
  const kube = connectHttps(credentials, { clock, log: log.child({ cluster: id }), transport })
  const rights = keepRights(kube, { clock, log: log.child({ cluster: id }) })
  const stopped = new AbortController()
  return {
    kube,
    transport,
    rights,
    forward: (target, signal) =>
      forwardHttps(credentials, clock, target, {
        headers: asReader,
        signal: AbortSignal.any([signal, stopped.signal]),
      }),
    serveMetrics() {
      // It measures nothing in its first ten seconds, which no reader need wait for
      available(kube, clock, 'metrics-server', stopped.signal)
        .then(() => kube.apply(metricsApi, stopped.signal))
        .catch((error: unknown) => {
          if (!stopped.signal.aborted) log.warn({ cluster: id, err: error }, 'a cluster has no metrics')
        })
    },
    close() {
      stopped.abort()
      rights.close()
      kube.close()
    },
  }
}

function asCluster(
  tools: ClusterTools,
  { id, instance, workers }: ClusterMark,
  api: ApiServer,
  box: Toolbox,
): Cluster & { release(): void } {
  let disposed: Promise<void> | undefined
  api.serveMetrics()
  const release = () => {
    api.close()
    box.release()
  }
  return {
    id,
    admin: api.kube,
    nodes: controlNodes(tools, { id, workers }, tools.config),
    forward: api.forward,
    get shells() {
      return box.shells
    },
    openShell: (size) => box.openShell(size),
    writeFile: (path, content) => box.writeFile(path, content),
    home: box.home,
    run: (script, signal) => box.run(script, signal),
    async healthy() {
      try {
        const [ready, running] = await Promise.all([
          api.transport.request({ method: 'GET', path: '/readyz', timeout: HEALTH_TIMEOUT }),
          box.running(),
        ])
        return ready.status === 200 && running
      } catch {
        return false
      }
    },
    dispose() {
      release()
      disposed ??= disposeCluster(tools, instance, id, { interrupted: false }).then(
        () => tools.onDisposed(id),
        (error: unknown) => {
          // Another call may try again
          disposed = undefined
          throw error
        },
      )
      return disposed
    },
    release,
  }
}
