/**
 * Plays scenarios on a real cluster and keeps what it recorded, so that the engine can be compared with it again and again without
 * Docker (see compare.ts). The recordings serve development; the comparison that counts runs live on both sides.
 *
 *     node test/behaviour/record.ts --out /tmp/behaviour-real [--only PATTERN] [--kubeconfig FILE] [--width 16]
 *
 * Without --kubeconfig it makes a kind cluster (TEST_NODE_IMAGE names the nodes' image) and removes it afterwards; with it, it uses
 * one that was made by `--keep FILE`, which writes its kubeconfig there and leaves it running.
 * A file for each scenario, named by its namespace.
 */
import { copyFileSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { kindNodes, startKind } from './kind-cluster.ts'
import { chosen, options } from './options.ts'
import { clearReal, playReal } from './play-real.ts'
import { connectReal } from './real.ts'

const {
  out = '/tmp/behaviour-real',
  only,
  kubeconfig,
  width = '16',
  keep,
} = options('out', 'only', 'kubeconfig', 'width', 'keep')
const scenarios = chosen(only)
mkdirSync(out, { recursive: true })
const cluster = kubeconfig === undefined ? await startKind() : { kubeconfig, close: async () => {} }
if (keep !== undefined) copyFileSync(cluster.kubeconfig, keep)
const side = await connectReal(cluster.kubeconfig, kindNodes)
await clearReal(side)
const begun = Date.now()
try {
  await playReal(scenarios, side, Number(width), (tape) => {
    writeFileSync(join(out, `${tape.namespace}.json`), JSON.stringify(tape))
    const outcome = tape.failure ? `FAILED ${tape.failure}` : (tape.skipped ?? 'ok')
    console.log(
      `${Math.round((Date.now() - begun) / 1000)} s: ${tape.scenario} (${Math.round(tape.took / 1000)} s): ${outcome}`,
    )
  })
} finally {
  await side.close()
  if (keep === undefined) await cluster.close()
}
