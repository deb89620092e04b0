import type Docker from 'dockerode'
import { dump, load } from 'js-yaml'
import type { Clock } from '../../clock.ts'
import { type Credentials, parseKubeconfig } from '../../kube/kubeconfig.ts'
import { READER_GROUP, READER_USER } from '../guard/protected.ts'
import { mustExec } from './docker.ts'
import { controlPlaneName } from './names.ts'

/** The server's own credentials, asked of the control plane each time: they are nowhere on the host's disk. */
export async function adminCredentials(docker: Docker, clock: Clock, id: string): Promise<Credentials> {
  const container = docker.getContainer(controlPlaneName(id))
  const [kubeconfig, { NetworkSettings }] = await Promise.all([
    mustExec(container, clock, ['cat', '/etc/kubernetes/admin.conf'], { user: 'root' }),
    container.inspect(),
  ])
  const port = NetworkSettings.Ports['6443/tcp']?.[0]?.HostPort
  if (!port) throw new Error(`${controlPlaneName(id)}: its API server is not published`)
  return { ...parseKubeconfig(kubeconfig), server: `https://127.0.0.1:${port}` }
}

/**
 * A kubeconfig for the reader, with a certificate that kubeadm signs; it holds for a year, which no lab outlives. The configuration
 * of the cluster is named, as kubeadm would else ask the internet for the newest version.
 */
export async function readerKubeconfig(docker: Docker, clock: Clock, id: string): Promise<string> {
  const command = ['kubeadm', 'kubeconfig', 'user', '--config', '/kind/kubeadm.conf']
  const made = await mustExec(
    docker.getContainer(controlPlaneName(id)),
    clock,
    [...command, '--client-name', READER_USER, '--org', READER_GROUP],
    { user: 'root' },
  )
  return forToolbox(made, `https://${controlPlaneName(id)}:6443`)
}

/** The kubeconfig with another address, and with names that read well in `kubectl config get-contexts`. */
export function forToolbox(kubeconfig: string, server: string): string {
  const { clusters, users } = load(kubeconfig) as {
    clusters: { cluster: { 'certificate-authority-data': string } }[]
    users: { user: object }[]
  }
  return dump({
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name: 'lab', cluster: { ...clusters[0]?.cluster, server } }],
    users: [{ name: READER_USER, user: users[0]?.user }],
    contexts: [{ name: 'lab', context: { cluster: 'lab', user: READER_USER } }],
    'current-context': 'lab',
  })
}
