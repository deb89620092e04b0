/** Who asks: authentication.k8s.io `UserInfo`. */
export interface UserInfo {
  readonly username: string
  readonly uid?: string
  readonly groups: readonly string[]
  readonly extra?: Readonly<Record<string, readonly string[]>>
}

/** What is asked for: apiserver's `authorizer.Attributes` (1.34). */
export type AuthorizationAttributes = ResourceAttributes | PathAttributes

export interface ResourceAttributes {
  readonly user: UserInfo
  /** `get`, `list`, `watch`, `create`, `update`, `patch`, `delete`, `deletecollection`, or a special one (`impersonate`, `bind`, `escalate`, `approve`). */
  readonly verb: string
  readonly group: string
  readonly version: string
  readonly resource: string
  /** Empty for the object itself. */
  readonly subresource: string
  /** Empty for all namespaces and for what has none. */
  readonly namespace: string
  /** Empty for all. */
  readonly name: string
}

export interface PathAttributes {
  readonly user: UserInfo
  /** The HTTP method in lower case. */
  readonly verb: string
  readonly path: string
}

export interface Decision {
  readonly allowed: boolean
  /** Why not, or by which binding; may be empty. */
  readonly reason: string
}

export interface Authorizer {
  authorize(attributes: AuthorizationAttributes): Decision
}

/** Finds who asks by what the request carries. */
export interface Authenticator {
  /** Undefined without credentials; fails with 401 for wrong ones. */
  authenticate(credentials: Credentials): Promise<UserInfo | undefined>
}

export interface Credentials {
  /** Of the Authorization header. */
  readonly bearerToken?: string
  /** Of a client certificate that the front door has verified: its common name and organizations. */
  readonly certificate?: {
    readonly commonName: string
    readonly organizations: readonly string[]
    /** The certificate's SHA-256 in lower-case hexadecimal; shown in the user's `extra` where it is known. */
    readonly sha256?: string
  }
}
