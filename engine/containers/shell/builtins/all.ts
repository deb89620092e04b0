import type { Shell } from '../interpreter.ts'
import { CONTROL } from './control.ts'
import { JOB_CONTROL } from './job-control.ts'
import { PLACES } from './places.ts'
import { TEXT } from './text.ts'
import { VARIABLES } from './variables.ts'

/** A command of the shell itself: its exit code. `argv` with its name. */
export type Builtin = (shell: Shell, argv: readonly string[]) => Promise<number>

/** Assignments before these stay, and their errors end a script (POSIX 2.14). */
export const SPECIAL_BUILTINS: ReadonlySet<string> = new Set([
  ':',
  '.',
  'break',
  'continue',
  'eval',
  'exec',
  'exit',
  'export',
  'readonly',
  'return',
  'set',
  'shift',
  'source',
  'times',
  'trap',
  'unset',
])

export const BUILTINS: Readonly<Record<string, Builtin>> = {
  ...CONTROL,
  ...JOB_CONTROL,
  ...TEXT,
  ...VARIABLES,
  ...PLACES,
}
