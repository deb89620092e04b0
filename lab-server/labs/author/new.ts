/** `npm run lab -- new`: a lab to begin with, of one step that works. */
import { mkdir, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'

/** @returns the exit code */
export async function newLab(root: string, id: string): Promise<number> {
  if (!/^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/.test(id)) {
    console.error(`"${id}" is no id of a lab; expected lower-case letters, digits and dashes, like "first-steps".`)
    return 1
  }
  const files = Object.entries(filesOf(id))
  for (const [file, content] of files) {
    const path = join(root, file)
    await mkdir(dirname(path), { recursive: true })
    try {
      // Nothing that somebody wrote is written over.
      await writeFile(path, content, { flag: 'wx' })
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
      console.error(`${file} is there already; choose another id.`)
      return 1
    }
  }
  console.log(`Written:\n${files.map(([file]) => `  ${file}`).join('\n')}

Next:
  add 'labs/${id}' to the track "Labs" in src/tracks.ts
  npm run lab -- dev ${id}     to see it while you write
  npm run lab -- test ${id}    to see what it still lacks`)
  return 0
}

function filesOf(id: string): Record<string, string> {
  return {
    [`labs/${id}/lab.yaml`]: `# Every field is described in protocol/lab/schema.ts.
id: ${id}
title: One line that says what the reader does
summary: One sentence for lists of labs.
minutes: 10
timing: Where the time goes, and what makes the reader wait for how long.
cluster: { workers: 1 }
images: [nginx:1.26]
setup: [web.yaml]
steps:
  - id: two-copies
    title: Run two copies
    checks:
      - title: Two copies are ready
        resource: { apiVersion: apps/v1, kind: Deployment, name: web }
        expect: object.spec.replicas == 2 && object.status.?readyReplicas.orValue(0) == 2
        found: >-
          "The Deployment wishes for " + string(object.spec.replicas) + ", and "
          + string(object.status.?readyReplicas.orValue(0)) + " are ready."
        hint: |
          \`kubectl scale --help\` has examples.
    solution: |
      kubectl scale deployment/web --replicas=2
      kubectl rollout status deployment/web
`,
    [`labs/${id}/web.yaml`]: `apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
spec:
  selector:
    matchLabels:
      app: web
  template:
    metadata:
      labels:
        app: web
    spec:
      containers:
        - name: nginx
          image: nginx:1.26
`,
    [`labs/${id}/mistakes.yaml`]: `# What readers do wrong, and what the check then says; the lab's test does it.
two-copies:
  - check: Two copies are ready
    run: kubectl scale deployment/web --replicas=3
    found: The Deployment wishes for 3, and * are ready.
`,
    [`content/labs/${id}.mdx`]: `---
title: One line that says what the reader does
description: One sentence for lists of labs.
lab: ${id}
---

import Step from '../../src/components/Step.astro'

Why this matters, in two or three sentences.

## What is there

- \`web\`, a **Deployment** with one copy of nginx.

<Step id="two-copies">

\`\`\`bash run
kubectl scale deployment/web --replicas=2
\`\`\`

\`\`\`text title="Output"
deployment.apps/web scaled
\`\`\`

:::note[With Docker: two copies]
What one would do with Docker at this point.
:::

</Step>

## What you have seen

- One line for each step.

<div class="next">

## What to do next

See [all labs](/labs/).

</div>
`,
  }
}
