import type { AdmissionPlugin, Backend } from '../admission/plugin.ts'
import type { Authorizer, UserInfo } from '../auth/user.ts'
import type { Random } from '../clock/random.ts'
import type { Decoder } from '../decode/contract.ts'
import type { Endpoints } from './endpoint.ts'
import type { ApiRequest } from './http.ts'
import type { Accepted } from './negotiation.ts'
import type { RequestInfo } from './request-info.ts'
import type { NodeRuntime } from './runtime.ts'
import type { Catalogue } from './served.ts'
import type { Warnings } from './warnings.ts'

/** What all requests are served with. */
export interface Api {
  readonly backend: Backend
  readonly catalogue: Catalogue
  readonly endpoints: Endpoints
  readonly decoder: Decoder
  /** In upstream's order. */
  readonly admission: readonly AdmissionPlugin[]
  /** Without one everything is allowed. */
  readonly authorizer?: Authorizer
  readonly runtime?: NodeRuntime
  readonly random: Random
  /** Hears of faults of ours, which clients see as a 500. */
  report(error: unknown): void
}

/** One request on its way. */
export interface Call {
  readonly request: ApiRequest
  readonly info: RequestInfo
  readonly user: UserInfo
  readonly warnings: Warnings
  readonly accepted: Accepted
}

/** The namespace in which a resource's objects are; empty for what has none. */
export function namespaceOf(call: Call, namespaced: boolean): string {
  return namespaced ? call.info.namespace : ''
}
