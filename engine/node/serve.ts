import type { Clock } from '../clock/clock.ts'
import { type Cluster, type ClusterOptions, createCluster } from '../cluster.ts'
import { CertificateAuthority, type KeyPair, type Subject } from './certificates/authority.ts'
import { Door } from './door.ts'
import { kubeconfig } from './kubeconfig.ts'

export interface ServeOptions extends Omit<ClusterOptions, 'authority' | 'clock' | 'host' | 'port'> {
  readonly clock: Clock
  /** Where it listens, and what clients reach it by; `127.0.0.1` if not said. */
  readonly host?: string
  /** 0: any that is free. */
  readonly port: number
  /** The authority of an earlier run, so that clients still trust the cluster. */
  readonly authority?: KeyPair
}

/** A cluster that clients reach over HTTPS. */
export interface ServedCluster extends Pick<Cluster, 'api'> {
  /** `https://127.0.0.1:6443` */
  readonly url: string
  readonly authority: CertificateAuthority
  /** A kubeconfig for a user who shows a certificate; who may do everything is in the group `system:masters`. */
  kubeconfigFor(user: Subject): string
  /** A kubeconfig for a user who shows a token. */
  kubeconfigWithToken(user: string, token: string): string
  stop(): Promise<void>
}

/** The administrator's kubeconfig names them as kubeadm's does. */
export const ADMIN: Subject = { commonName: 'kubernetes-admin', organizations: ['system:masters'] }
const NAME = 'quayside'

/** Serves a fresh cluster. Fails with `EADDRINUSE` if the port is taken. */
export async function serveCluster(options: ServeOptions): Promise<ServedCluster> {
  const { host = '127.0.0.1', port: wanted, authority: kept, ...rest } = options
  const authority = new CertificateAuthority(options.clock, kept)
  const made = Promise.withResolvers<Cluster>()
  // The cluster's own objects name the port, which is known when the door is open: until then requests wait.
  const door = new Door({
    handler: { handle: async (request) => (await made.promise).api.handle(request) },
    certificate: authority.server('kube-apiserver', [...serverNames, host]),
    clientAuthority: authority.certificate,
  })
  const port = await door.listen({ host, port: wanted })
  const cluster = await createCluster({ ...rest, host, port, authority: authority.certificate })
  made.resolve(cluster)
  const url = `https://${host}:${port}`
  const write = (user: string, credentials: KeyPair | { readonly token: string }): string =>
    kubeconfig({ server: url, authority: authority.certificate, cluster: NAME, user, credentials })
  return {
    api: cluster.api,
    url,
    authority,
    kubeconfigFor: (user) => write(user.commonName, authority.client(user)),
    kubeconfigWithToken: (user, token) => write(user, { token }),
    async stop() {
      cluster.stop()
      await door.close()
    },
  }
}

/** By which Pods, and people on the same machine, reach the server. */
const serverNames = [
  'localhost',
  '127.0.0.1',
  '::1',
  '10.96.0.1',
  'kubernetes',
  'kubernetes.default',
  'kubernetes.default.svc',
  'kubernetes.default.svc.cluster.local',
]
