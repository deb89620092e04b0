import type { Program } from '../contract.ts'
import { sh } from '../shell/sh.ts'
import { type Applet, programOf } from './applet.ts'
import { awk } from './awk/awk.ts'
import { COMPARISONS } from './compare.ts'
import { FILES } from './files.ts'
import { find } from './find.ts'
import { grep } from './grep.ts'
import { NETWORK } from './network.ts'
import { PIECES } from './pieces.ts'
import { PROCESSES } from './processes.ts'
import { sed } from './sed.ts'
import { SYSTEM } from './system.ts'
import { gzip, tar } from './tar.ts'
import { TEXTS } from './text.ts'

const ALL: Readonly<Record<string, Applet>> = {
  ...FILES,
  ...TEXTS,
  ...PROCESSES,
  ...SYSTEM,
  ...NETWORK,
  ...COMPARISONS,
  ...PIECES,
  awk,
  tar,
  sed,
  find,
  gzip,
  gunzip: gzip,
  zcat: gzip,
  grep,
  egrep: grep,
  fgrep: grep,
}

/** busybox's programs, by name: for its own image and for those that have it in them. */
export const APPLETS: Readonly<Record<string, Program>> = {
  sh,
  ash: sh,
  ...Object.fromEntries(Object.entries(ALL).map(([name, applet]) => [name, programOf(applet)])),
}
