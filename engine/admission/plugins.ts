import { escalationCheck } from '../auth/escalation.ts'
import type { RbacAuthorizer } from '../auth/rbac.ts'
import type { Authorizer } from '../auth/user.ts'
import { certificateRequester } from '../kinds/certificates/requester.ts'
import { certificateApproval, certificateSigning, certificateSubjectRestriction } from './certificates.ts'
import { defaultIngressClass, defaultStorageClass } from './classes.ts'
import { limitRanger } from './limit-ranger.ts'
import { namespaceLifecycle } from './namespace-lifecycle.ts'
import { defaultTolerationSeconds, taintNodesByCondition } from './nodes.ts'
import type { AdmissionPlugin } from './plugin.ts'
import { podSecurity } from './pod-security/plugin.ts'
import { priority } from './priority.ts'
import { resourceQuota } from './quota/plugin.ts'
import { runtimeClass } from './runtime-class.ts'
import { serviceAccount } from './service-account.ts'
import { persistentVolumeClaimResize, storageObjectInUseProtection } from './storage.ts'

export interface PluginOptions {
  readonly authorizer: Authorizer
  readonly rbac: RbacAuthorizer
  /** Policies and what else stands between the plug-ins of the server and its quotas. */
  readonly policies?: readonly AdmissionPlugin[]
}

/**
 * The plug-ins that a kube-apiserver of 1.34 has by default, in its order, after what its strategies
 * do with the user in hand; quotas, which count what has passed all others, come last.
 */
export function admissionPlugins({ authorizer, rbac, policies = [] }: PluginOptions): readonly AdmissionPlugin[] {
  return [
    certificateRequester,
    namespaceLifecycle,
    limitRanger,
    serviceAccount,
    taintNodesByCondition,
    podSecurity,
    priority,
    defaultTolerationSeconds,
    defaultStorageClass,
    storageObjectInUseProtection,
    persistentVolumeClaimResize,
    runtimeClass,
    certificateApproval(authorizer),
    certificateSigning(authorizer),
    certificateSubjectRestriction,
    defaultIngressClass,
    escalationCheck(rbac, authorizer),
    ...policies,
    resourceQuota,
  ]
}
