import { dump } from 'js-yaml'
import type { KeyPair } from './certificates/authority.ts'

export interface KubeconfigOptions {
  /** `https://127.0.0.1:6443` */
  readonly server: string
  /** PEM. */
  readonly authority: string
  readonly cluster: string
  readonly user: string
  readonly namespace?: string
  readonly credentials: { readonly token: string } | KeyPair
}

const base64 = (text: string): string => Buffer.from(text).toString('base64')

/** A kubeconfig (client-go's `clientcmd/api/v1` Config) with one cluster, one user and one context, as YAML. */
export function kubeconfig(options: KubeconfigOptions): string {
  const { server, authority, cluster, user, namespace, credentials } = options
  return dump({
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name: cluster, cluster: { server, 'certificate-authority-data': base64(authority) } }],
    users: [
      {
        name: user,
        user:
          'token' in credentials
            ? { token: credentials.token }
            : {
                'client-certificate-data': base64(credentials.certificate),
                'client-key-data': base64(credentials.key),
              },
      },
    ],
    contexts: [{ name: cluster, context: { cluster, user, ...(namespace === undefined ? {} : { namespace }) } }],
    'current-context': cluster,
    preferences: {},
  })
}
