/** Which port the server gets. */
import { type AddressInfo, createServer } from 'node:net'

export const DEFAULT_PORT = 4321
/** Ports tried after the default one. */
const MOST_TRIES = 20

/** The port that was asked for is taken; the message is a sentence. */
export class PortTakenError extends Error {
  override name = 'PortTakenError'
}

/**
 * @param chosen the port that must be it; undefined: the default one or the next that is free
 * @returns the port, and the one that was taken if another had to be found
 * @throws {PortTakenError}
 */
export async function listenSomewhere(
  listen: (port: number) => Promise<number>,
  chosen: number | undefined,
): Promise<{ port: number; taken?: number }> {
  const first = chosen ?? DEFAULT_PORT
  const last = chosen === undefined ? first + MOST_TRIES : first
  for (let port = first; port <= last; port++) {
    try {
      const got = await listen(port)
      return got === first ? { port: got } : { port: got, taken: first }
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw error
    }
  }
  throw new PortTakenError(
    chosen === undefined
      ? `All ports from ${first} to ${last} are taken: set QUAYSIDE_PORT to a free one.`
      : `Port ${chosen} is taken: end what listens there, or set QUAYSIDE_PORT to another.`,
  )
}

/** A port of this machine on which nobody listens: the wanted one if that is free. */
export function freePort(wanted = 0): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer()
    probe.once('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'EADDRINUSE' && wanted !== 0) freePort().then(resolve, reject)
      else reject(error)
    })
    probe.listen(wanted, '127.0.0.1', () => {
      const { port } = probe.address() as AddressInfo
      probe.close(() => resolve(port))
    })
  })
}
