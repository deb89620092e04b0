import type { Container } from '../../kinds/pod/types.ts'
import type { NetworkErrorCode } from '../../network/contract.ts'
import { HttpError } from '../../network/http/http-error.ts'
import { isNetworkError } from '../../network/network-error.ts'
import type { IntOrString } from '../../objects/int-or-string.ts'

const SYSTEM_WORDS: { readonly [code in NetworkErrorCode]?: string } = {
  ECONNREFUSED: 'connect: connection refused',
  EHOSTUNREACH: 'connect: no route to host',
  ENETUNREACH: 'connect: network is unreachable',
}

/** What Go says of a connection that could not be made. */
export function dialError(host: string, port: number, error: unknown): string {
  const start = `dial tcp ${address(host, port)}: `
  if (!isNetworkError(error)) return start + String((error as Error).message ?? error)
  if (error.code === 'ENOTFOUND') return `dial tcp: lookup ${host}: no such host`
  if (error.code === 'ETIMEDOUT') return `${start}i/o timeout`
  return start + (SYSTEM_WORDS[error.code] ?? error.message.toLowerCase())
}

/** What Go's HTTP client says of a request that failed. */
export function requestError(url: string, host: string, port: number, error: unknown): string {
  const start = `Get ${JSON.stringify(url)}: `
  if (isNetworkError(error)) {
    switch (error.code) {
      case 'ECONNRESET':
        return `${start}read tcp ${address(host, port)}: read: connection reset by peer`
      case 'EPIPE':
        return `${start}write tcp ${address(host, port)}: write: broken pipe`
      default:
        return start + dialError(host, port, error)
    }
  }
  return `${start}${error instanceof HttpError ? 'EOF' : String((error as Error).message ?? error)}`
}

export const address = (host: string, port: number): string => `${host.includes(':') ? `[${host}]` : host}:${port}`

/** A port by its number or by the name that the container gives it; undefined for a name that it does not give. */
export function portOf(port: IntOrString | undefined, container: Container): number | undefined {
  if (typeof port === 'number') return port
  if (port !== undefined && /^\d+$/.test(port)) return Number(port)
  return container.ports?.find(({ name }) => name === port)?.containerPort
}
