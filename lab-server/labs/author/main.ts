/** `npm run lab -- test|new|dev`: what an author of labs works with. */
import process from 'node:process'
import { parseArgs } from 'node:util'
import { LabFileError } from '../../../protocol/lab/parse.ts'
import { type ProviderName, providerNames } from '../rehearsal/providers.ts'
import { newLab } from './new.ts'
import { testLabs } from './test.ts'

const manual = `Usage:
  npm run lab -- test [id …] [--provider ${providerNames.join('|')}] [--at-once N]
      Does each lab wrong, then right, then as its page says. Without an id: all labs;
      without a provider: on each that runs here.
  npm run lab -- new id
      Writes a lab to begin with: labs/id/ and content/labs/id.mdx.
  npm run lab -- dev id
      Serves the pages and a lab; page and checks follow what you save.`

class UsageError extends Error {
  override name = 'UsageError'
}

async function main(args: string[]): Promise<number> {
  const { values, positionals } = parsed(args)
  const [command, ...ids] = positionals
  const root = process.cwd()
  switch (command) {
    case 'test':
      return testLabs({ root, ids, providers: providersOf(values.provider), atOnce: countOf(values['at-once']) })
    case 'new':
      return newLab(root, oneOf(ids))
    case 'dev':
      return (await import('./dev.ts')).developLab(root, oneOf(ids))
    default:
      throw new UsageError(manual)
  }
}

function parsed(args: string[]) {
  try {
    return parseArgs({
      args,
      allowPositionals: true,
      options: { provider: { type: 'string' }, 'at-once': { type: 'string' } },
    })
  } catch (error) {
    throw new UsageError(`${error instanceof Error ? error.message : String(error)}\n\n${manual}`)
  }
}

function providersOf(name: string | undefined): ProviderName[] | undefined {
  if (name === undefined) return undefined
  const known = providerNames.find((provider) => provider === name)
  if (known) return [known]
  throw new UsageError(`There is no provider "${name}"; expected one of: ${providerNames.join(', ')}.`)
}

function countOf(text: string | undefined): number | undefined {
  if (text === undefined) return undefined
  if (/^[1-9]\d?$/.test(text)) return Number(text)
  throw new UsageError(`--at-once is "${text}"; expected a whole number from 1 to 99.`)
}

function oneOf(ids: string[]): string {
  const [id] = ids
  if (id !== undefined && ids.length === 1) return id
  throw new UsageError(`Expected the id of one lab.\n\n${manual}`)
}

try {
  process.exitCode = await main(process.argv.slice(2))
} catch (error) {
  if (!(error instanceof UsageError || error instanceof LabFileError)) throw error
  console.error(error.message)
  process.exitCode = 1
}
