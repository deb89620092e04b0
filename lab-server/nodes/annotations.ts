/** The annotations by which the command `lab` and the server speak of nodes. */
import type { NodeState } from '../providers/provider.ts'

export const annotation = {
  /** What is wished, and a number that tells one wish from the next: `stopped 1234`. */
  wanted: 'quayside.dev/wanted',
  /** The wish that was last dealt with. */
  answered: 'quayside.dev/answered',
  /** What the node is since: `running`, `stopped`, `cut-off`, `slow:4`; left out while nobody has wished anything. */
  state: 'quayside.dev/state',
  /** Why the last wish was not fulfilled, as a part of a sentence. */
  trouble: 'quayside.dev/trouble',
} as const

/** What is slower than this looks as if it did not run at all. */
const SLOWEST = 20

/** Undefined for what is no wish. */
export function readWish(wanted: string): NodeState | undefined {
  const [word = ''] = wanted.split(' ')
  if (word === 'running' || word === 'stopped' || word === 'cut-off') return { state: word }
  const factor = Number(/^slow:([1-9][0-9]?)$/.exec(word)?.[1])
  return factor >= 1 && factor <= SLOWEST ? { state: 'slow', factor } : undefined
}

export const wordOf = (to: NodeState): string => (to.state === 'slow' ? `slow:${to.factor}` : to.state)
