/**
 * `npm run lab -- dev`: the pages as Astro's development server has them, and behind them a lab server that is told
 * whenever a file of the lab is saved. Sessions go on: their checks are the new ones from then on.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { watch } from 'node:fs'
import { join } from 'node:path'
import process from 'node:process'
import { LabFileError } from '../../../protocol/lab/parse.ts'
import { astroCommand } from '../../astro.ts'
import { systemClock as clock } from '../../clock.ts'
import { freePort } from '../../port.ts'
import { loadLab } from '../catalogue.ts'

/** Editors write a file in several steps; one reload is enough for all of them, in milliseconds. */
const SETTLED_AFTER = 200
/** Where Astro's development server listens if nobody does yet. */
const PAGES_PORT = 4321

/** @returns the exit code, when one of the two servers has ended */
export async function developLab(root: string, id: string): Promise<number> {
  const labs = join(root, 'labs')
  // Said now, not by a server that does not start.
  await loadLab(labs, id)
  const [pages, server] = [await freePort(PAGES_PORT), await freePort()]
  const address = `http://localhost:${pages}`
  const children = [
    start(root, ['lab-server/main.ts'], {
      QUAYSIDE_PORT: String(server),
      QUAYSIDE_PUBLIC_URL: address,
      QUAYSIDE_LOG_LEVEL: 'warn',
    }),
    start(root, [astroCommand(), 'dev', '--port', String(pages)], {
      LAB_SERVER: `http://localhost:${server}`,
    }),
  ]
  let settle = () => {}
  const watcher = watch(join(labs, id), { recursive: true }, () => {
    settle()
    settle = clock.after(SETTLED_AFTER, () => void tell(labs, id, children[0]))
  })
  console.log(`\n  ${address}/labs/${id}/\n`)
  return new Promise((resolve) => {
    for (const child of children) {
      child.on('exit', (code) => {
        watcher.close()
        for (const other of children) if (other.exitCode === null) other.kill('SIGTERM')
        resolve(code ?? 0)
      })
    }
  })
}

/** The server reads its labs again on SIGHUP; what cannot be read is said here, where the author looks. */
async function tell(labs: string, id: string, server: ChildProcess | undefined): Promise<void> {
  try {
    await loadLab(labs, id)
    server?.kill('SIGHUP')
  } catch (error) {
    if (!(error instanceof LabFileError)) throw error
    console.error(error.message)
  }
}

function start(root: string, args: string[], settings: Record<string, string>): ChildProcess {
  return spawn(process.execPath, ['--disable-warning=ExperimentalWarning', ...args], {
    cwd: root,
    stdio: 'inherit',
    env: { ...process.env, ...settings },
  })
}
