/** A lab as tests need one: steps of one check each, which wants three Pods. */
import { Lab } from '../../protocol/lab/schema.ts'

export const fakeLab = (steps: readonly string[], { id = 'scaling', workers = 1 } = {}): Lab =>
  Lab.parse({
    id,
    title: 'Scaling',
    summary: 'Scale.',
    minutes: 10,
    cluster: { workers },
    steps: steps.map((step) => ({
      id: step,
      title: 'Three',
      checks: [{ title: 'Three run', resource: { apiVersion: 'v1', kind: 'Pod' }, expect: 'size(objects) == 3' }],
      solution: 'true',
    })),
  })
