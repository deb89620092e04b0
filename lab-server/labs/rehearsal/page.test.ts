import pino from 'pino'
import { expect, it } from 'vitest'
import { runBlocksOf } from '../../../protocol/lab/page-blocks.ts'
import { Lab } from '../../../protocol/lab/schema.ts'
import type { FakeKube } from '../../checks/kube.fake.ts'
import { ManualClock } from '../../clock.ts'
import type { KubeObject } from '../../kube/connection.ts'
import { fakeCluster } from '../cluster.fake.ts'
import { type PageReport, rehearsePage } from './page.ts'

const web = (replicas: number): KubeObject => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'web', namespace: 'default' },
  spec: { replicas },
})

const step = (replicas: number) => ({
  id: `to-${replicas}`,
  title: `${replicas}`,
  checks: [
    {
      title: 'It is so',
      resource: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'web' },
      expect: `object.spec.replicas == ${replicas}`,
    },
  ],
  solution: `scale ${replicas}`,
})

const page = (marks: string, code: string) => `
\`\`\`bash run
look
\`\`\`
<Step id="to-2">
\`\`\`bash run${marks}
${code}
\`\`\`
</Step>
<Step id="to-3">
\`\`\`bash run
look
\`\`\`
</Step>
\`\`\`bash run
look
\`\`\`
`

/** `scale N` scales, `look` does nothing, `exit N` ends so; a block that hangs is interrupted by `timeout`, which says 124. */
function run(script: string, kube: FakeKube): number {
  const command = /bash -c '(.*)'$/s.exec(script)?.[1] ?? script.replace('set -e\n', '')
  const [verb = '', number] = command.split(' ')
  if (verb === 'scale') kube.put(web(Number(number)))
  if (verb === 'exit') return Number(number)
  return verb === 'hang' ? 124 : 0
}

async function read(text: string): Promise<{ report?: PageReport; error?: string; scripts: string[] }> {
  const clock = new ManualClock()
  const cluster = fakeCluster(run)
  cluster.admin.put(web(1))
  const lab = Lab.parse({ id: 'demo', title: 'Demo', summary: 'Demo.', minutes: 1, steps: [step(2), step(3)] })
  const entry = { lab, setup: [], files: [] }
  const { signal } = new AbortController()
  const stage = { entry, cluster, clock, log: pino({ level: 'silent' }), signal, startedAt: 0 }
  const result: { report?: PageReport; error?: string } = {}
  let over = false
  void rehearsePage(stage, { file: 'demo.mdx', blocks: runBlocksOf(text) })
    .then(
      (report) => Object.assign(result, { report }),
      (error: Error) => Object.assign(result, { error: error.message }),
    )
    .then(() => {
      over = true
    })
  while (!over) await clock.advance(500)
  return { ...result, scripts: cluster.scripts }
}

it('runs every block in its order, and does what the page leaves to the reader', async () => {
  const { report, scripts } = await read(page('', 'scale 2'))
  expect(report).toEqual({ blocks: 4, done: ['to-2'] })
  expect(scripts.map((script) => /'(.*)'/.exec(script)?.[1] ?? script)).toEqual([
    'look',
    'scale 2',
    'look',
    'set -e\nscale 3',
    'look',
  ])
})

it.each([
  ['that is interrupted as it says', ' until="5s"', 'hang', undefined],
  ['that fails as it says', ' fails', 'exit 1', undefined],
  ['that fails', '', 'exit 1', 'Lab "demo": demo.mdx:6: the block ends with code 1: it went wrong.'],
  ['that does not end', '', 'hang', 'Lab "demo": demo.mdx:6: the block does not end within 180 s: it went wrong.'],
  ['that should fail', ' fails', 'look', 'Lab "demo": demo.mdx:6: the block is marked "fails" and does not: done.'],
  [
    'that fails while it is watched',
    ' until="5s"',
    'exit 2',
    'Lab "demo": demo.mdx:6: the block ends with code 2: it went wrong.',
  ],
])('judges a block %s', async (_what, marks, code, error) => {
  expect((await read(page(marks, code))).error).toBe(error)
})
