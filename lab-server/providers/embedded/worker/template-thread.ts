/**
 * Templates of databases are made in a thread of their own, so that no cluster waits for the 2 to 3 seconds in which the engine computes without a
 * pause. That thread is begun by the one that needs the template, from the same program, and gone when it is made.
 */
import process from 'node:process'
import { parentPort, Worker } from 'node:worker_threads'
import { makeTemplate, type Template } from '../../../../engine/images/postgres/pglite.ts'
import { decodeTemplate, encodeTemplate } from '../../../../engine/images/postgres/templates.ts'

export function templateFromAThread(): Promise<Template> {
  const worker = new Worker(process.argv[1] as string, { workerData: { makes: 'template' } })
  worker.unref()
  return new Promise((resolve, reject) => {
    worker.once('message', (bytes: Uint8Array) => resolve(decodeTemplate(bytes)))
    worker.once('error', reject)
    worker.once('exit', (code) => reject(new Error(`the thread that makes a template of databases ended with ${code}`)))
  })
}

/** In such a thread. */
export async function sendTemplate(): Promise<void> {
  // A buffer of its own, which can be handed over
  const bytes = Uint8Array.from(encodeTemplate(await makeTemplate()))
  parentPort?.postMessage(bytes, [bytes.buffer])
}
