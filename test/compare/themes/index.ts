import type { Theme } from '../theme.ts'
import { applying } from './applying.ts'
import { asking } from './asking.ts'
import { changing } from './changing.ts'
import { creating } from './creating.ts'
import { custom } from './custom.ts'
import { nodes } from './nodes.ts'
import { reading } from './reading.ts'
import { releases } from './releases.ts'
import { rollouts } from './rollouts.ts'
import { running } from './running.ts'
import { waiting } from './waiting.ts'

/** The longest first, so that none is left running alone. */
export const themes: readonly Theme[] = [
  reading,
  running,
  releases,
  applying,
  changing,
  rollouts,
  asking,
  creating,
  custom,
  nodes,
  waiting,
]
