/**
 * The real side of the comparison: a kind cluster of one node, in the condition that the engine is in. Of its controllers only
 * those run that the engine has too, there is no scheduler, and nothing of the cluster's own is left that would show in lists.
 */
import { execFile, spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import Docker from 'dockerode'
import { systemClock } from '../../lab-server/clock.ts'
import {
  METRICS_SERVER_IMAGE,
  metricsApi,
  metricsServerObjects,
} from '../../lab-server/providers/kind/metrics-server.ts'
import { stillNode } from '../../lab-server/providers/kind/still.ts'
import type { Side } from './side.ts'

/** Not a name that the product gives its clusters. */
const REAL_CLUSTER = 'quayside-compare'

/** Name of its only node. */
export const REAL_NODE = `${REAL_CLUSTER}-control-plane`

/** What both sides run of kube-controller-manager. */
const CONTROLLERS = [
  'namespace-controller',
  'serviceaccount-controller',
  'root-ca-certificate-publisher-controller',
  'garbage-collector-controller',
  'clusterrole-aggregation-controller',
  'resourcequota-controller',
  'validatingadmissionpolicy-status-controller',
  'serviceaccount-token-controller',
  'persistentvolume-protection-controller',
  'persistentvolumeclaim-protection-controller',
  'volumeattributesclass-protection-controller',
]

/** Adds to the roles view, edit and admin. */
const READERS_ROLE = 'system:aggregated-metrics-reader'

/** Within it, static Pods come back after their manifest has changed; in ms. */
const RESTART_MS = 120_000

const run = promisify(execFile)

/** `kubectl` is the one of the clients under test. */
export async function startReal(kubectl: string, image = process.env.TEST_NODE_IMAGE): Promise<Side> {
  const folder = mkdtempSync(join(tmpdir(), 'quayside-compare-real-'))
  const kubeconfig = join(folder, 'kubeconfig')
  const node = REAL_NODE
  const k = (...args: string[]) => run(kubectl, ['--kubeconfig', kubeconfig, ...args])
  const inNode = (script: string) => run('docker', ['exec', node, 'sh', '-ec', script])
  const close = async () => {
    await removeCluster(kubeconfig)
    rmSync(folder, { recursive: true, force: true })
  }
  await removeCluster(kubeconfig)
  try {
    const wanted = image ? ['--image', image] : []
    await run('kind', [
      ...['create', 'cluster', '--name', REAL_CLUSTER, '--kubeconfig', kubeconfig, '--wait', '180s'],
      ...wanted,
    ])
    await haveImage(METRICS_SERVER_IMAGE)
    await run('kind', ['load', 'docker-image', METRICS_SERVER_IMAGE, '--name', REAL_CLUSTER])
    await apply(
      kubectl,
      kubeconfig,
      metricsServerObjects.filter(({ metadata }) => metadata.name !== READERS_ROLE),
    )
    await k('-n', 'kube-system', 'rollout', 'status', 'deployment/metrics-server', '--timeout=180s')
    await apply(kubectl, kubeconfig, [metricsApi])
    // As a cluster without add-ons, which is what the engine is
    await k('-n', 'kube-system', 'delete', 'deployment/coredns', 'service/kube-dns')
    await k('delete', 'namespace/local-path-storage', '--ignore-not-found')
    await k('delete', 'storageclass', '--all')
    await restrict(inNode, k)
    return { name: 'real', kubeconfig, node, close }
  } catch (error) {
    await close()
    throw error
  }
}

async function restrict(
  inNode: (script: string) => Promise<unknown>,
  k: (...args: string[]) => Promise<{ stdout: string }>,
): Promise<void> {
  const manifests = '/etc/kubernetes/manifests'
  const manager = `${manifests}/kube-controller-manager.yaml`
  await inNode(`mv ${manifests}/kube-scheduler.yaml /root/
    sed -e 's/--controllers=.*/--controllers=${CONTROLLERS.join(',')}/' -e 's/--leader-elect=true/--leader-elect=false/' ${manager} > /root/manager.yaml
    mv /root/manager.yaml ${manager}`)
  const begun = Date.now()
  for (;;) {
    const { stdout } = await k(
      ...['-n', 'kube-system', 'get', 'pods', '-l', 'tier=control-plane', '-o'],
      'jsonpath={range .items[*]}{.metadata.name} {.spec.containers[0].command} {.status.containerStatuses[0].ready}{"\\n"}{end}',
    )
    const scheduler = stdout.includes('kube-scheduler-')
    const restricted = stdout
      .split('\n')
      .some((line) => line.includes('root-ca-certificate-publisher-controller') && line.endsWith('true'))
    if (restricted && !scheduler) return
    if (Date.now() - begun > RESTART_MS) throw new Error(`the control plane was not restricted:\n${stdout}`)
    await new Promise((resolve) => setTimeout(resolve, 500))
  }
}

async function removeCluster(kubeconfig: string): Promise<void> {
  const docker = new Docker()
  const nodes = await nodesOf(docker)
  if (nodes.length === 0) return
  await Promise.all(nodes.map(({ Id }) => stillNode(docker, systemClock, Id)))
  await run('kind', ['delete', 'cluster', '--name', REAL_CLUSTER, '--kubeconfig', kubeconfig])
}

const nodesOf = (docker: Docker) =>
  docker.listContainers({ all: true, filters: { label: [`io.x-k8s.kind.cluster=${REAL_CLUSTER}`] } })

/** What this side has in Docker: nothing, once it was closed. */
export async function realLeftovers(): Promise<string[]> {
  return (await nodesOf(new Docker())).flatMap(({ Names }) => Names)
}

async function haveImage(image: string): Promise<void> {
  try {
    await run('docker', ['image', 'inspect', image])
  } catch {
    await run('docker', ['pull', image])
  }
}

function apply(kubectl: string, kubeconfig: string, objects: readonly object[]): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn(kubectl, ['--kubeconfig', kubeconfig, 'apply', '-f', '-'], {
      stdio: ['pipe', 'ignore', 'inherit'],
    })
    child.once('error', reject)
    child.once('exit', (code) => (code === 0 ? resolve() : reject(new Error(`kubectl apply ended with ${code}`))))
    child.stdin.end(JSON.stringify({ apiVersion: 'v1', kind: 'List', items: objects }))
  })
}
