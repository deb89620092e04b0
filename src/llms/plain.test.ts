import { expect, it } from 'vitest'
import { plainText } from './plain.ts'

it('keeps prose and code, and says what components mean', () => {
  const body = `
import { Tabs } from 'x'

A <Term id="pod" /> or several <Term id="pod">Pods</Term>, not \`<none>\`.

<Tabs syncKey="tool">
<TabItem label="Docker">

\`\`\`bash title="Try" norun="needs Docker"
docker ps <name>
import x
\`\`\`

</TabItem>
</Tabs>

<LinkCard title="Next" href="/why/" description="Go on." />
`
  expect(plainText(body)).toBe(`A pod or several Pods, not \`<none>\`.

**Docker**

Try:

\`\`\`bash
docker ps <name>
import x
\`\`\`

- [Next](/why/): Go on.
`)
})
