/** A reader's files as bytes, and back. Made and unpacked as the reader, in the reader's home, so that no link in them leads anywhere else. */
import type { Start } from './launcher/launcher.ts'
import { LARGEST_ARCHIVE } from './sandbox/archive.ts'
import type { Home } from './sandbox/home.ts'
import { over } from './scripts.ts'

/** What is the provider's, what was typed, and what can be fetched again: stays as it is. */
const KEPT = ['.kube', '.bash_history', '.cache']
/** tar ends with 1 where a file changed while it was read: it is as it was at some moment. */
const CHANGED_MEANWHILE = 1

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
const FETCHED = ['.cache', '.kube/cache']

/** @throws {Error} if it is too large or cannot be read */
export const archiveHome = (home: Home, signal: AbortSignal): Promise<Buffer> => archived(home, KEPT, signal)

/** The provider's own files and what was typed with it. @throws {Error} if it is too large or cannot be read */
export const archiveAll = (home: Home, signal: AbortSignal): Promise<Buffer> => archived(home, FETCHED, signal)

async function archived(home: Home, without: readonly string[], signal: AbortSignal): Promise<Buffer> {
  const { code, bytes } = await home.archive(without, signal)
  if (bytes.length > LARGEST_ARCHIVE) throw new Error(`the home is larger than ${LARGEST_ARCHIVE} bytes`)
  if (code !== 0 && code !== CHANGED_MEANWHILE)
    throw new Error(`the home could not be archived: tar ended with ${code}`)
  return bytes
}

/** Into a home in which there is nothing yet but the provider's own. @throws {Error} if something does not come back */
export async function unpackAll(home: Home, start: Start, bytes: Uint8Array, signal: AbortSignal): Promise<void> {
  const code = await fed(home, start, ['tar', '-xf', '-'], bytes, signal)
  if (code !== 0) throw new Error(`the home could not be put back: tar ended with ${code}`)
}

/** @throws {Error} if something does not come back */
export async function unpackHome(home: Home, start: Start, bytes: Uint8Array, signal: AbortSignal): Promise<void> {
  const code = await fed(home, start, ['bash', '-c', unpack], bytes, signal)
  if (code !== 0) throw new Error(`the home could not be put back: tar ended with ${code}`)
}

/** Its code. */
async function fed(
  home: Home,
  start: Start,
  argv: readonly string[],
  input: Uint8Array,
  signal: AbortSignal,
): Promise<number | null> {
  signal.throwIfAborted()
  const { streams, exited, kill } = await start(home.command(argv), [true, true, false])
  const abort = () => kill('SIGKILL')
  signal.addEventListener('abort', abort, { once: true })
  if (signal.aborted) abort()
  try {
    const [stdin, stdout] = streams
    const ended = over(stdout?.resume())
    stdin?.end(input)
    const [code] = await Promise.all([exited, ended])
    signal.throwIfAborted()
    return code
  } finally {
    signal.removeEventListener('abort', abort)
  }
}
