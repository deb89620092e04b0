/** `npm start`: builds the pages if they are missing or out of date, then runs the server. */
import { spawn } from 'node:child_process'
import { join } from 'node:path'
import process from 'node:process'
import { astroCommand } from './astro.ts'
import { readConfig } from './config.ts'
import { forgetBuild, whyBuild } from './http/built.ts'
import { compressFolder } from './http/compress.ts'

const root = join(import.meta.dirname, '..')
/** Lines of a failed build that are shown: its message is at the end. */
const SHOWN_LINES = 40

async function buildPages(): Promise<void> {
  const reason = await whyBuild(root)
  if (reason !== undefined) {
    process.stdout.write(`Building the pages (${reason}) … `)
    const { code, output } = await astroBuild()
    if (code !== 0) {
      await forgetBuild(root)
      const lines = output.trimEnd().split('\n')
      throw new StartError(`failed.\n\n${lines.slice(-SHOWN_LINES).join('\n')}\n\nThe pages could not be built.`)
    }
    console.log('done.')
  }
  await compressFolder(join(root, 'dist'))
}

function astroBuild(): Promise<{ code: number | null; output: string }> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [astroCommand(), 'build'], {
      cwd: root,
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    let output = ''
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (output += chunk))
    child.on('error', reject)
    child.on('close', (code) => resolve({ code, output }))
  })
}

class StartError extends Error {
  override name = 'StartError'
}

try {
  // A wrong setting is said at once, not after a build.
  readConfig(process.env)
  await buildPages()
} catch (error) {
  console.error(error instanceof Error && ['StartError', 'ConfigError'].includes(error.name) ? error.message : error)
  process.exit(1)
}
await import('./main.ts')
