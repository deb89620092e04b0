/**
 * Fulfils what the command `lab` wishes of nodes. A wish is an annotation on the Node, which readers may set; the answer is
 * another, so that what is under way and what was done outlives this process.
 */
import type { Logger } from 'pino'
import { type Clock, sleep } from '../clock.ts'
import { ReaderError } from '../errors.ts'
import type { KubeObject } from '../kube/connection.ts'
import type { Cluster } from '../providers/provider.ts'
import { annotation, readWish, wordOf } from './annotations.ts'

export interface NodeWishes {
  /** Begins no other; what is under way comes to its end. */
  close(): void
}

/** Least time between two changes of one node, in ms: whoever wishes in a loop keeps nobody busy. */
const CHANGE_EVERY = 1_000

const NODE = { apiVersion: 'v1', kind: 'Node' } as const

/**
 * One change at a time for each node; of the wishes that come meanwhile the last is fulfilled. A wish that an earlier process
 * left without an answer is fulfilled too: to do it twice does no harm.
 */
export function followNodeWishes(
  { admin, nodes }: Pick<Cluster, 'admin' | 'nodes'>,
  { clock, log }: { clock: Clock; log: Logger },
): NodeWishes {
  const closing = new AbortController()
  const busy = new Set<string>()

  const open = (name: string): string | undefined => {
    const node = watch.objects.find(({ metadata }) => metadata.name === name)
    const wanted = node?.metadata.annotations?.[annotation.wanted]
    return wanted === node?.metadata.annotations?.[annotation.answered] ? undefined : wanted
  }

  async function fulfil(name: string, wanted: string): Promise<void> {
    const answer = await attempt(name, wanted)
    // Another wish has come, or a reset has taken this one back
    if (open(name) !== wanted) return
    await admin.merge({ ...NODE, name }, { metadata: { annotations: { [annotation.answered]: wanted, ...answer } } })
  }

  /** The annotations that say how it went. */
  async function attempt(name: string, wanted: string): Promise<Record<string, string | null>> {
    const to = readWish(wanted)
    if (to === undefined) return { [annotation.trouble]: `“${wanted}” is no state of a node.` }
    if (!nodes) return { [annotation.trouble]: 'nodes cannot be switched on this cluster.' }
    try {
      await nodes.set(name, to)
      log.info({ node: name, to }, 'node switched')
      return { [annotation.state]: wordOf(to), [annotation.trouble]: null }
    } catch (error) {
      if (error instanceof ReaderError) return { [annotation.trouble]: error.message }
      log.warn({ err: error, node: name, to }, 'node not switched')
      return { [annotation.trouble]: 'that did not work: try again, or reset the lab.' }
    }
  }

  async function work(name: string): Promise<void> {
    if (busy.has(name)) return
    busy.add(name)
    try {
      let last: string | undefined
      for (;;) {
        const wanted = open(name)
        // Our own answer may not have come back to us yet
        if (closing.signal.aborted || wanted === undefined || wanted === last) return
        last = wanted
        await fulfil(name, wanted)
        await sleep(clock, CHANGE_EVERY, closing.signal)
      }
    } catch (error) {
      if (!closing.signal.aborted) log.warn({ err: error, node: name }, 'a wish for a node could not be answered')
    } finally {
      busy.delete(name)
    }
  }

  const watch = admin.watch(NODE, ({ object }: { object: KubeObject }) => {
    const { name, annotations } = object.metadata
    if (!closing.signal.aborted && annotations?.[annotation.wanted] !== undefined) void work(name)
  })
  watch.synced.catch((error: unknown) => log.error({ err: error }, 'nodes cannot be watched'))

  return {
    close() {
      closing.abort(new Error('nobody follows wishes any more'))
      watch.close()
    },
  }
}
