import type { Backend } from '../../admission/plugin.ts'
import type { ServiceAccountTokens } from '../../auth/service-accounts.ts'
import { createToken } from '../../auth/token-request.ts'
import type { TokenSource } from './payload.ts'

/** Tokens for Pods, made as the API server makes them when a kubelet asks. */
export function tokenSource(backend: Backend, tokens: ServiceAccountTokens): TokenSource {
  return async ({ pod, audience, expires }) => {
    const { namespace = '', name, uid } = pod.metadata
    const { serviceAccountName = 'default' } = pod.spec
    const made = await createToken(backend, tokens, namespace, serviceAccountName, {
      apiVersion: 'authentication.k8s.io/v1',
      kind: 'TokenRequest',
      metadata: {},
      spec: {
        ...(audience === undefined ? {} : { audiences: [audience] }),
        expirationSeconds: expires,
        boundObjectRef: { apiVersion: 'v1', kind: 'Pod', name, uid },
      },
    })
    return (made.status as { readonly token: string }).token
  }
}
