/** A reader's files as bytes, and back. Made and unpacked as the reader, in the reader's home, so that no link in them leads anywhere else. */
import { spawn } from 'node:child_process'
import type { Home } from './sandbox/home.ts'

/** What is the provider's, what was typed, and what can be fetched again: stays as it is. */
const KEPT = ['.kube', '.bash_history', '.cache']
/** More than a lab's files; a home that holds more has no snapshots. */
const LARGEST = 16 * 1024 * 1024

/** tar ends with 1 where a file changed while it was read: it is as it was at some moment. */
const CHANGED_MEANWHILE = 1

const archive = ['tar', ...KEPT.map((name) => `--exclude=./${name}`), '-cf', '-', '.']

/**
 * What is not in the archive goes first, and directories that are in it stay the same ones: a shell may stand in them. Where that fails, as
 * a directory is now what was a file, all goes.
 */
const unpack = `
all=$(mktemp) && trap 'rm -f "$all"' EXIT && cat > "$all" || exit
chmod -R u+rwX . 2> /dev/null
others=(-mindepth 1 ${KEPT.map((name) => `! -path './${name}' ! -path './${name}/*'`).join(' ')})
tar -tf "$all" | sed 's:/$::' | sort > "$all.names"
find . "\${others[@]}" | sort | comm -23 - "$all.names" | while IFS= read -r name; do rm -rf -- "$name"; done
rm -f "$all.names"
tar -xf "$all" 2> /dev/null && exit
find . "\${others[@]}" -delete
tar -xf "$all"`

/** For a home that is made anew: all but what can be fetched again. */
const archiveOfAll = ['tar', '--exclude=./.cache', '--exclude=./.kube/cache', '-cf', '-', '.']

/** @throws {Error} if it is too large or cannot be read */
export const archiveHome = (home: Home, signal: AbortSignal): Promise<Buffer> => archived(home, archive, signal)

/** The provider's own files and what was typed with it. @throws {Error} if it is too large or cannot be read */
export const archiveAll = (home: Home, signal: AbortSignal): Promise<Buffer> => archived(home, archiveOfAll, signal)

/** Into a home in which there is nothing yet but the provider's own. @throws {Error} if something does not come back */
export async function unpackAll(home: Home, bytes: Uint8Array, signal: AbortSignal): Promise<void> {
  const { code } = await piped(home, ['tar', '-xf', '-'], bytes, signal)
  if (code !== 0) throw new Error(`the home could not be put back: tar ended with ${code}`)
}

async function archived(home: Home, command: readonly string[], signal: AbortSignal): Promise<Buffer> {
  const { code, output } = await piped(home, command, undefined, signal)
  if (code !== 0 && code !== CHANGED_MEANWHILE)
    throw new Error(`the home could not be archived: tar ended with ${code}`)
  return output
}

/** @throws {Error} if something does not come back */
export async function unpackHome(home: Home, bytes: Uint8Array, signal: AbortSignal): Promise<void> {
  const { code } = await piped(home, ['bash', '-c', unpack], bytes, signal)
  if (code !== 0) throw new Error(`the home could not be put back: tar ended with ${code}`)
}

function piped(
  home: Home,
  argv: readonly string[],
  input: Uint8Array | undefined,
  signal: AbortSignal,
): Promise<{ code: number | null; output: Buffer }> {
  signal.throwIfAborted()
  const { file, args, env, cwd } = home.command(argv)
  return new Promise((resolve, reject) => {
    const child = spawn(file, args, { env, cwd, stdio: ['pipe', 'pipe', 'ignore'], signal, killSignal: 'SIGKILL' })
    const parts: Buffer[] = []
    let size = 0
    child.stdout?.on('data', (chunk: Buffer) => {
      parts.push(chunk)
      size += chunk.length
      if (size <= LARGEST) return
      child.kill('SIGKILL')
      reject(new Error(`the home is larger than ${LARGEST} bytes`))
    })
    // Who ends before all was read says so with its code
    child.stdin?.on('error', () => {})
    child.stdin?.end(input)
    child.on('error', reject)
    child.on('close', (code) => resolve({ code, output: Buffer.concat(parts) }))
  })
}
