import type { Clock } from '../../clock.ts'
import { TimeoutError, type Transport } from '../../kube/transport.ts'
import type { Thread } from './thread.ts'

const REQUEST_TIMEOUT = 30_000
const BODY_LIMIT = 64 * 1024 * 1024

/** The server's own way to a cluster: messages to its thread, as `system:masters`, past any network. */
export function threadTransport(thread: Thread, cluster: string, clock: Clock): Transport {
  const closed = new AbortController()

  return {
    async request({
      method,
      path,
      body,
      contentType,
      headers = {},
      signal,
      timeout = REQUEST_TIMEOUT,
      limit = BODY_LIMIT,
    }) {
      const late = new AbortController()
      const cancel = clock.after(timeout, () => late.abort())
      try {
        const answer = await thread.call(
          'ask',
          {
            cluster,
            method,
            path,
            headers: {
              accept: 'application/json',
              ...headers,
              ...(body !== undefined && { 'content-type': contentType ?? 'application/json' }),
            },
            ...(body !== undefined && { body }),
            lines: false,
          },
          { signal: AbortSignal.any([late.signal, closed.signal, ...(signal ? [signal] : [])]) },
        )
        return answer.body.length > limit ? { ...answer, body: answer.body.slice(0, limit) } : answer
      } catch (error) {
        if (late.signal.aborted) throw new TimeoutError(`no answer within ${timeout} ms`, { cause: error })
        throw error
      } finally {
        cancel()
      }
    },

    // Between threads a connection cannot be half-open: what is over says so.
    lines: (path, onLine, { signal }) =>
      thread.call(
        'ask',
        { cluster, method: 'GET', path, headers: { accept: 'application/json' }, lines: true },
        {
          signal: AbortSignal.any([closed.signal, signal]),
          onLines: (lines) => {
            for (const line of lines) onLine(line)
          },
        },
      ),

    close: () => closed.abort(),
  }
}
