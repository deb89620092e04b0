/**
 * Templates of databases are made in a thread of their own, so that no cluster waits for the 2 to 3 seconds in which the engine computes without a
 * pause. That thread is begun by the one that needs the template, from the same program, and gone when it is made.
 */
import process from 'node:process'
import { parentPort, Worker } from 'node:worker_threads'
import type { Clock } from '../../../../engine/clock/clock.ts'
import { makeTemplate, type Template } from '../../../../engine/images/postgres/pglite.ts'
import { decodeTemplate, encodeTemplate } from '../../../../engine/images/postgres/templates.ts'

/** Milliseconds for such a thread. One that fails, or is not done by then, has cost time and no more: the template is made here. */
const WITHIN = 60_000

export async function templateFromAThread(clock: Pick<Clock, 'after'>): Promise<Template> {
  const worker = new Worker(process.argv[1] as string, { workerData: { makes: 'template' } })
  worker.unref()
  const made = Promise.withResolvers<Uint8Array | undefined>()
  worker.once('message', made.resolve)
  for (const end of ['error', 'exit'] as const) worker.once(end, () => made.resolve(undefined))
  const cancel = clock.after(WITHIN, () => {
    made.resolve(undefined)
    void worker.terminate()
  })
  const bytes = await made.promise
  cancel()
  return bytes === undefined ? makeTemplate() : decodeTemplate(bytes)
}

/** In such a thread. */
export async function sendTemplate(): Promise<void> {
  // A buffer of its own, which can be handed over
  const bytes = Uint8Array.from(encodeTemplate(await makeTemplate()))
  parentPort?.postMessage(bytes, [bytes.buffer])
}
