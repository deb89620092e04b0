/** Bundles the engine for `npm run engine`. */
import { join } from 'node:path'
import { bundle } from './bundler.ts'

await bundle({
  entry: join(import.meta.dirname, 'start.ts'),
  name: 'engine',
  sources: [join(import.meta.dirname, '..')],
})
