import { join } from 'node:path'
import { bundle } from '../../../../engine/node/bundler.ts'

const root = join(import.meta.dirname, '..', '..', '..', '..')

/** The file of the threads' program, made anew if the engine has changed. */
export const bundleThread = (): Promise<string> =>
  bundle({
    entry: join(import.meta.dirname, 'start.ts'),
    name: 'threads',
    sources: [join(root, 'engine'), join(root, 'lab-server', 'providers')],
  })
