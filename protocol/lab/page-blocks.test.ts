import { describe, expect, it } from 'vitest'
import { runBlocksOf } from './page-blocks.ts'

const page = `---
title: Demo
---

\`\`\`bash run
kubectl get nodes
\`\`\`

<Step id="one">

\`\`\`bash run until="5s"
kubectl get pods --watch
\`\`\`

\`\`\`text title="Output"
<Step id="not-a-step">
\`\`\`

\`\`\`bash
read only
\`\`\`

</Step>

<Step id='two'>

\`\`\`bash run fails
kubectl get pod gone
kubectl get pod gone
\`\`\`

</Step>

\`\`\`bash run
true
\`\`\`
`

describe('blocks that run', () => {
  it('know their step, their line, and how they end', () => {
    expect(runBlocksOf(page)).toEqual([
      { step: undefined, line: 5, code: 'kubectl get nodes', until: undefined, fails: false },
      { step: 'one', line: 11, code: 'kubectl get pods --watch', until: 5_000, fails: false },
      { step: 'two', line: 27, code: 'kubectl get pod gone\nkubectl get pod gone', until: undefined, fails: true },
      { step: undefined, line: 34, code: 'true', until: undefined, fails: false },
    ])
  })
})
