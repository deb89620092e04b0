/** What the tests use of it. */
declare module 'oidc-provider' {
  export default class Provider {
    constructor(issuer: string, configuration: object)
    listen(port: number, host: string, ready: () => void): void
  }
}
