import type { AdmissionPlugin, Backend } from '../admission/plugin.ts'
import { admissionPlugins } from '../admission/plugins.ts'
import type { Guards } from '../api/api-server.ts'
import { ChainedAuthenticator } from './authenticate.ts'
import type { SigningKey } from './jwt.ts'
import { authorizers, RbacAuthorizer } from './rbac.ts'
import { type ReviewOptions, reviews } from './reviews.ts'
import { ServiceAccountTokens } from './service-accounts.ts'
import type { Authorizer, UserInfo } from './user.ts'

export interface GuardOptions {
  readonly schemas: ReviewOptions['schemas']
  /** Signs tokens of ServiceAccounts: `generateSigningKey()`, or one that outlives the server. */
  readonly key: SigningKey
  /** Users by static bearer token. */
  readonly tokens?: ReadonlyMap<string, UserInfo>
  /** Whether requests without credentials are `system:anonymous`; true if not said. */
  readonly anonymous?: boolean
  /** Plug-ins between those of upstream and its quotas: policies. */
  readonly policies?: (authorizer: Authorizer) => readonly AdmissionPlugin[]
}

/** Who may ask and what, as kubeadm's clusters have it: certificates and tokens, RBAC, and the plug-ins that are on by default. */
export function kubeadmGuards(options: GuardOptions): (backend: Backend) => Required<Guards> {
  const { schemas, key, policies } = options
  return (backend) => {
    const rbac = new RbacAuthorizer(backend.store)
    const authorizer = authorizers(rbac)
    const tokens = new ServiceAccountTokens({ ...backend, key })
    const authenticator = new ChainedAuthenticator({
      serviceAccounts: tokens,
      ...(options.tokens === undefined ? {} : { tokens: options.tokens }),
      ...(options.anonymous === undefined ? {} : { anonymous: options.anonymous }),
    })
    return {
      authenticator,
      authorizer,
      admission: admissionPlugins({ authorizer, rbac, policies: policies?.(authorizer) ?? [] }),
      virtual: reviews({ schemas, clock: backend.clock, authorizer, rbac, authenticator }),
      tokens,
    }
  }
}
