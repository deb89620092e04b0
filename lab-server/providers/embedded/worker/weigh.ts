import { setImmediate } from 'node:timers/promises'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import type { Weight } from './messages.ts'

/** What this thread holds once all garbage is gone. */
export async function weigh(answers: Weight['answers'] = new Map()): Promise<Weight> {
  setFlagsFromString('--expose-gc')
  const collect = runInNewContext('gc') as () => void
  // What is freed in one round lets go of more for the next
  for (let round = 0; round < 4; round++) {
    collect()
    await setImmediate()
  }
  const { heapUsed, external } = process.memoryUsage()
  const resources = process.getActiveResourcesInfo().sort()
  return { heapBytes: heapUsed, externalBytes: external, resources, answers }
}
