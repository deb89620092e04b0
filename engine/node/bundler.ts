import { globSync, readFileSync, rmSync, statSync } from 'node:fs'
import { basename, join } from 'node:path'
import { build, type Plugin } from 'esbuild'

/** Data is read by JSON.parse, which takes a fifth of the memory that it takes as a part of the program. */
const jsonAsText: Plugin = {
  name: 'json as text',
  setup({ onLoad }) {
    onLoad({ filter: /\.json$/ }, ({ path }) => ({
      contents: `export default JSON.parse(${JSON.stringify(JSON.stringify(JSON.parse(readFileSync(path, 'utf8'))))})`,
    }))
  },
}

const root = join(import.meta.dirname, '..', '..')

/** A part of a bundle may be read by a running program long after that one was started, in ms: a day. */
const KEPT_FOR = 24 * 60 * 60 * 1000

export interface BundleOptions {
  /** The program's first file. */
  readonly entry: string
  /** Of a folder beside other bundles. */
  readonly name: string
  /** Folders whose files it is made of. */
  readonly sources: readonly string[]
}

/**
 * Bundles a program that holds the engine, where the bundle is missing or older than what it is made of: started from it, a cluster answers in a
 * third of the time. Returns the file to start.
 */
export async function bundle({ entry, name, sources }: BundleOptions): Promise<string> {
  const outdir = join(root, 'node_modules', '.cache', 'quayside', name)
  const file = join(outdir, basename(entry).replace(/\.ts$/, '.mjs'))
  const changed = lastChange(sources)
  if (madeAt(file) >= changed) return file
  forgetOld(outdir, changed - KEPT_FOR)
  await build({
    entryPoints: [entry],
    outdir,
    outExtension: { '.js': '.mjs' },
    splitting: true,
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node24',
    // A database engine of 9 MB, read when the first database starts: it finds its WebAssembly beside its own files.
    external: ['@electric-sql/pglite'],
    // Modules of the CommonJS kind that are bundled ask for Node's own ones.
    banner: { js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);" },
    minifyWhitespace: true,
    plugins: [jsonAsText],
    logLevel: 'error',
  })
  return file
}

/** Parts have their content in their names: those of an older bundle can stay while a program that was started from it runs. */
function forgetOld(folder: string, before: number): void {
  for (const part of globSync('*', { cwd: folder }).map((at) => join(folder, at)))
    if (madeAt(part) < before) rmSync(part, { recursive: true, force: true })
}

function madeAt(file: string): number {
  return statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? 0
}

function lastChange(folders: readonly string[]): number {
  const sources = folders.flatMap((folder) =>
    globSync(['**/*.ts', '**/*.json'], { cwd: folder }).map((at) => join(folder, at)),
  )
  return Math.max(...[...sources, join(root, 'package-lock.json')].map(madeAt))
}
