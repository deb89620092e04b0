/** The names under which previews are served: one for each, never used again. */
import { createHash } from 'node:crypto'

/** A label of DNS with 128 bits. Lower case, as browsers write host names. */
const LABEL = '[0-9a-f]{32}'

export interface PreviewHosts {
  /** The preview's own part of a Host header; undefined for any other host. */
  labelOf(host: string | undefined): string | undefined
  /** Like `http://<label>.localhost:4321`; undefined where previews have no host. */
  originOf(label: string): string | undefined
  /** What a Content-Security-Policy calls them all; undefined where there are none. */
  source(): string | undefined
}

/**
 * @param wildcard of the settings, like `*.preview.example.org`. Left out, names under `localhost` are taken, which browsers resolve to
 *   their own machine by themselves; for readers elsewhere there are none.
 */
export function createPreviewHosts(options: {
  port: () => number
  publicUrl: string | undefined
  wildcard: string | undefined
}): PreviewHosts {
  const { port, publicUrl, wildcard } = options
  const scheme = publicUrl?.startsWith('https:') ? 'https' : 'http'

  /** What follows the label, with the dot. */
  function suffix(): string | undefined {
    if (wildcard !== undefined) return wildcard.slice(1).toLowerCase()
    if (publicUrl !== undefined) return undefined
    return port() === 80 ? '.localhost' : `.localhost:${port()}`
  }

  return {
    labelOf(host) {
      const end = suffix()
      if (host === undefined || end === undefined) return undefined
      const name = host.toLowerCase()
      const label = name.slice(0, -end.length)
      return name.endsWith(end) && new RegExp(`^${LABEL}$`).test(label) ? label : undefined
    },
    originOf(label) {
      const end = suffix()
      return end === undefined ? undefined : `${scheme}://${label}${end}`
    },
    source() {
      const end = suffix()
      return end === undefined ? undefined : `${scheme}://*${end}`
    },
  }
}

/** A label out of a secret of {@link import('../ids.ts').Ids}. */
export const labelFrom = (secret: string) => createHash('sha256').update(`host ${secret}`).digest('hex').slice(0, 32)
