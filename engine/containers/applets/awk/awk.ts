import { type Applet, optionsOf, Quit, usage } from '../applet.ts'
import { parseAwk } from './parser.ts'
import { Awk } from './run.ts'
import { AwkFault } from './syntax.ts'
import { unescaped } from './tokens.ts'

export const awk: Applet = async (io) => {
  const { value, values, rest } = optionsOf(io, '+F:v:f:')
  const files = values('f')
  const sources: string[] = []
  for (const file of files) {
    const input = await io.open(file)
    if (input === undefined) return 1
    sources.push(await io.text(input))
  }
  const text = files.length > 0 ? sources.join('\n') : (rest[0] ?? usage(io))
  const separator = value('F') ?? ' '
  try {
    const run = new Awk(io, parseAwk(text), {
      args: files.length > 0 ? rest : rest.slice(1),
      separator: separator === 't' ? '\t' : unescaped(separator),
    })
    for (const assignment of values('v')) run.set(assignment)
    return await run.run()
  } catch (error) {
    if (!(error instanceof AwkFault)) throw error
    throw new Quit(1, `cmd. line:${text.split('\n').length}: ${error.message}`)
  }
}
