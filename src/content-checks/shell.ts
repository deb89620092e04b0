/** Commands that pages show run as printed: a lab's test runs them, or the page says why none does. */
import type { Page } from './page.ts'
import type { Problem } from './problem.ts'

const languages = ['bash', 'sh', 'shell', 'zsh', 'console']

/** One command a line, those that go on behind a backslash joined, without comments. */
export function commandsOf(code: string): { command: string; line: number }[] {
  const found: { command: string; line: number }[] = []
  let begun: { command: string; line: number } | undefined
  for (const [at, text] of code.split('\n').entries()) {
    const part = text.trim()
    if (begun === undefined && (part === '' || part.startsWith('#'))) continue
    begun = { command: begun === undefined ? part : `${begun.command} ${part}`, line: begun?.line ?? at + 1 }
    if (begun.command.endsWith('\\')) begun = { ...begun, command: begun.command.slice(0, -1).trim() }
    else {
      found.push({ ...begun, command: begun.command.replace(/\s+/g, ' ') })
      begun = undefined
    }
  }
  return found
}

/** @param demanded whether each command of this page must run somewhere */
export function shellProblems(page: Page, tried: ReadonlySet<string>, demanded: boolean): Problem[] {
  return page.blocks
    .filter(({ language }) => languages.includes(language))
    .flatMap(({ code, line, marks }) => {
      const commands = commandsOf(code)
      const problem = (at: number, found: string, expected: string) => ({
        file: page.file,
        line: line + at,
        found,
        expected,
      })
      if (marks.norun?.trim() === '') return [problem(0, 'norun without a reason', 'norun="why no test runs it"')]
      if (marks.until !== undefined && !/^[1-9]\d*s$/.test(marks.until))
        return [problem(0, `until="${marks.until}"`, 'the time after which the block is interrupted, like until="5s"')]
      const prompts = commands
        .filter(({ command }) => /^[$%>]\s/.test(command))
        .map((one) =>
          problem(
            one.line,
            `the prompt of ${JSON.stringify(one.command)}`,
            'commands as they are typed, and output in a block apart',
          ),
        )
      if (prompts.length > 0) return prompts
      if (marks.norun !== undefined || !demanded) return []
      return commands
        .filter(({ command }) => !tried.has(command))
        .map((one) =>
          problem(
            one.line,
            JSON.stringify(one.command),
            'a command of some lab’s solution or page, or norun="why no test runs it" in the fence',
          ),
        )
    })
}
