/** The real side's cluster: kind, a control plane and three workers, with metrics-server and the images that scenarios run. */
import { execFile, spawn } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import Docker from 'dockerode'
import { pino } from 'pino'
import { systemClock } from '../../lab-server/clock.ts'
import { clusterConfig } from '../../lab-server/providers/kind/cluster-config.ts'
import { DEFAULT_NODE_IMAGE } from '../../lab-server/providers/kind/config.ts'
import { deriveNodeImage } from '../../lab-server/providers/kind/image.ts'
import {
  METRICS_SERVER_IMAGE,
  metricsApi,
  metricsServerObjects,
} from '../../lab-server/providers/kind/metrics-server.ts'
import { stillNode } from '../../lab-server/providers/kind/still.ts'
import { images } from './objects.ts'

/** Not a name that the product gives its clusters. */
const NAME = 'quayside-behaviour'
const WORKERS = 3

/** Control plane first. */
export const kindNodes = [
  `${NAME}-control-plane`,
  ...Array.from({ length: WORKERS }, (_, index) => `${NAME}-worker${index === 0 ? '' : index + 1}`),
]

const run = promisify(execFile)

export interface KindCluster {
  readonly kubeconfig: string
  close(): Promise<void>
}

/** For the Pods that make volumes; a node image that was built by hand may come without it. */
const helperAccount = {
  apiVersion: 'v1',
  kind: 'ServiceAccount',
  metadata: { name: 'local-path-provisioner-service-account', namespace: 'local-path-storage' },
}

/** A fresh one; what an earlier run has left is removed. */
export async function startKind(image = process.env.TEST_NODE_IMAGE): Promise<KindCluster> {
  const docker = new Docker()
  const folder = mkdtempSync(join(tmpdir(), 'quayside-behaviour-'))
  const kubeconfig = join(folder, 'kubeconfig')
  const config = join(folder, 'kind.yaml')
  const close = async () => {
    await removeKind(kubeconfig)
    rmSync(folder, { recursive: true, force: true })
  }
  await removeKind(kubeconfig)
  try {
    const nodeImage = await deriveNodeImage(
      { docker, clock: systemClock, log: pino({ level: 'warn' }) },
      {
        baseImage: image ?? DEFAULT_NODE_IMAGE,
        images: [METRICS_SERVER_IMAGE, ...Object.values(images)],
        instance: NAME,
      },
    )
    writeFileSync(config, clusterConfig(WORKERS))
    await run('kind', [
      ...['create', 'cluster', '--name', NAME, '--kubeconfig', kubeconfig, '--wait', '180s'],
      ...['--config', config, '--image', nodeImage],
    ])
    await kubectl(kubeconfig, ['apply', '-f', '-'], list([...metricsServerObjects, helperAccount]))
    await kubectl(kubeconfig, ['wait', '--for=condition=Ready', 'nodes', '--all', '--timeout=180s'])
    const rollout = ['rollout', 'status', 'deployment/metrics-server', '--timeout=180s', '-n', 'kube-system']
    await kubectl(kubeconfig, rollout)
    await kubectl(kubeconfig, ['apply', '-f', '-'], list([metricsApi]))
    return { kubeconfig, close }
  } catch (error) {
    await close()
    throw error
  }
}

async function removeKind(kubeconfig: string): Promise<void> {
  const docker = new Docker()
  const nodes = await nodesOf(docker)
  if (nodes.length === 0) return
  // A scenario that failed may have left one paused, and nothing can be done to it until it goes on
  await Promise.all(nodes.map(({ Id, State }) => (State === 'paused' ? docker.getContainer(Id).unpause() : undefined)))
  await Promise.all(nodes.map(({ Id }) => stillNode(docker, systemClock, Id)))
  await run('kind', ['delete', 'cluster', '--name', NAME, '--kubeconfig', kubeconfig])
}

const nodesOf = (docker: Docker) =>
  docker.listContainers({ all: true, filters: { label: [`io.x-k8s.kind.cluster=${NAME}`] } })

/** What this side has in Docker: nothing, once it was closed. */
export async function kindLeftovers(): Promise<string[]> {
  return (await nodesOf(new Docker())).flatMap(({ Names }) => Names)
}

const list = (items: readonly object[]) => JSON.stringify({ apiVersion: 'v1', kind: 'List', items })

function kubectl(kubeconfig: string, args: readonly string[], input = ''): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn('kubectl', ['--kubeconfig', kubeconfig, ...args], { stdio: ['pipe', 'ignore', 'inherit'] })
    child.once('error', reject)
    child.once('exit', (code) => (code === 0 ? resolve() : reject(new Error(`kubectl ${args[0]} ended with ${code}`))))
    child.stdin.end(input)
  })
}
