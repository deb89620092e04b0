import type { Archived } from './archive.ts'

/** A command as it is started, whatever has to come before it. */
export interface Command {
  file: string
  args: string[]
  env: Record<string, string>
  cwd?: string
}

/** Where one reader's shells and scripts run: a home of their own, and what keeps them in it. */
export interface Home {
  /** The command that runs `argv` as the reader, in the reader's home. */
  command(argv: readonly string[]): Command
  /** Opens a listener in the home's network and hands it over (see the door); none where the network is the machine's. */
  listener(port: number): Command | undefined
  /** Lays a text file down as the reader, so that no link leads it anywhere that the reader could not write. `path` is below the home. */
  write(path: string, content: string): Promise<void>
  /** All files as a tar archive, but those below `without`, which are paths below the home. Rejects if the home is gone. */
  archive(without: readonly string[], signal: AbortSignal): Promise<Archived>
  readonly running: boolean
  /** Resolves when all that ran in it is over and nothing of it is left. Idempotent. */
  close(): Promise<void>
}

export interface HomeLimits {
  /** Of all processes together where the machine lets us, else of each. */
  memoryBytes: number
  pids: number
  /** Processors. */
  cpus: number
  /** Files in the home; and in /tmp. */
  homeBytes: number
}

/** Makes homes; knows what is left of earlier ones. */
export interface Homes {
  /** Whether a reader is kept in. */
  readonly confined: boolean
  open(id: string): Promise<Home>
  /** Of homes that an earlier process has left. */
  leftovers(): Promise<{ id: string; createdAt: number }[]>
  clear(id: string): Promise<void>
  close(): Promise<void>
}
