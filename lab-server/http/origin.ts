/**
 * Which requests come from our own pages. A server on a loopback port can be reached by every page that the reader has
 * open, so Host is checked against DNS rebinding and Origin against everybody else's pages.
 */
import { ReaderError } from '../errors.ts'

export interface Guard {
  /** @throws {ReaderError} wrong-host (421) */
  checkHost(host: string | undefined): void
  /**
   * For what is not a GET: a foreign page can send one, but not with our header, nor from our origin.
   * @throws {ReaderError} foreign-origin (403)
   */
  checkChange(headers: RequestHeaders): void
  /** For GETs of the API. @throws {ReaderError} foreign-origin (403) */
  checkRead(headers: RequestHeaders): void
  /** For WebSockets, which no same-origin policy protects: Origin must be there and ours. @throws {ReaderError} foreign-origin (403) */
  checkUpgrade(headers: RequestHeaders): void
}

export interface RequestHeaders {
  host?: string | undefined
  origin?: string | undefined
  'sec-fetch-site'?: string | string[] | undefined
  'x-quayside'?: string | string[] | undefined
}

const foreign = () =>
  new ReaderError('foreign-origin', 'This request did not come from a page of Quayside.', { status: 403 })

export function createGuard(options: { port: () => number; publicUrl?: string | undefined }): Guard {
  const publicUrl = options.publicUrl === undefined ? undefined : new URL(options.publicUrl)

  /** The one origin whose pages are served under this Host; undefined if it is not a name of ours. */
  function originOf(host: string | undefined): string | undefined {
    if (host === undefined) return undefined
    if (publicUrl && host === publicUrl.host) return publicUrl.origin
    const port = options.port()
    const suffix = port === 80 ? '' : `:${port}`
    return ['localhost', '127.0.0.1', '[::1]'].some((name) => host === name + suffix) ? `http://${host}` : undefined
  }

  const site = (headers: RequestHeaders) => headers['sec-fetch-site']
  const fromElsewhere = (headers: RequestHeaders) =>
    site(headers) !== undefined && site(headers) !== 'same-origin' && site(headers) !== 'none'

  return {
    checkHost(host) {
      if (originOf(host)) return
      throw new ReaderError('wrong-host', 'This server does not answer under that name.', { status: 421 })
    },
    checkChange(headers) {
      if (headers['x-quayside'] === undefined || fromElsewhere(headers)) throw foreign()
      if (headers.origin !== undefined && headers.origin !== originOf(headers.host)) throw foreign()
    },
    checkRead(headers) {
      if (fromElsewhere(headers)) throw foreign()
      if (headers.origin !== undefined && headers.origin !== originOf(headers.host)) throw foreign()
    },
    checkUpgrade(headers) {
      if (headers.origin === undefined || headers.origin !== originOf(headers.host) || fromElsewhere(headers))
        throw foreign()
    },
  }
}
