/** Finds where a lab's page and its lab.yaml have come apart, so that neither can be changed alone. */

const stepTag = /<Step\b[^>]*?\bid=(?:"([^"]*)"|'([^']*)'|\{\s*["'`]([^"'`]*)["'`]\s*\})/g
const fencedBlock = /^(`{3,}|~{3,})[^\n]*\n[\s\S]*?^\1[ \t]*$/gm

/** Ids of the `<Step>` tags of an MDX text, in their order. */
export function stepsOfPage(body: string): string[] {
  return [...body.replace(fencedBlock, '').matchAll(stepTag)].map((match) => match[1] ?? match[2] ?? match[3] ?? '')
}

/** @returns one sentence for each difference; empty when page and lab agree. */
export function stepProblems(
  page: { file: string; body: string },
  lab: { id: string; steps: { id: string }[] },
): string[] {
  const found = stepsOfPage(page.body)
  const expected = lab.steps.map((step) => step.id)
  const labFile = `labs/${lab.id}/lab.yaml`
  const list = expected.join(', ')
  const problems = [
    ...found
      .filter((id) => !expected.includes(id))
      .map((id) => `${page.file}: <Step id="${id}">: found no such step in ${labFile}; expected one of: ${list}`),
    ...expected
      .filter((id) => !found.includes(id))
      .map((id) => `${page.file}: found no <Step id="${id}">; expected one for each step of ${labFile}: ${list}`),
    ...found
      .filter((id, at) => found.indexOf(id) !== at)
      .map((id) => `${page.file}: <Step id="${id}">: found twice; expected once`),
  ]
  const inOrder = found.every((id, at) => id === expected[at])
  if (problems.length === 0 && !inOrder)
    problems.push(
      `${page.file}: found the steps in the order ${found.join(', ')}; expected that of ${labFile}: ${list}`,
    )
  return problems
}
