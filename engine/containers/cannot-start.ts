import type { CannotStart } from './contract.ts'
import { errnoOf } from './files/errors.ts'

/** What containerd says of a task that it could not start: its exit code, whatever the reason (`errorStartExitCode`, containerd 2.1). */
const START_ERROR = 128

export class StartFault extends Error implements CannotStart {
  readonly code = START_ERROR

  constructor(reason: string) {
    super(
      `failed to create containerd task: failed to create shim task: OCI runtime create failed: runc create failed: unable to start container process: ${reason}: unknown`,
    )
  }
}

/** As containerd's CRI plugin words a command that could not be run beside a container's first process. */
export const execFailure = (id: string, reason: string): string =>
  `failed to exec in container: failed to start exec "${id}": OCI runtime exec failed: exec failed: unable to start container process: ${reason}: unknown`

/** runc's words for a program that was not found or may not run (Go's os/exec). */
export function whyNotRun(name: string, error: unknown): string {
  const quoted = `exec: ${JSON.stringify(name)}`
  switch (errnoOf(error)) {
    case 'ENOENT':
      return name.includes('/')
        ? `${quoted}: stat ${name}: no such file or directory`
        : `${quoted}: executable file not found in $PATH`
    case 'EACCES':
      return `${quoted}: permission denied`
    case 'ENOTDIR':
      return `${quoted}: stat ${name}: not a directory`
    case 'ENOEXEC':
      return `exec ${name}: exec format error`
    case undefined:
      throw error
    default:
      return `${quoted}: ${(error as Error).message.toLowerCase()}`
  }
}
