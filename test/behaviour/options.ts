import { parseArgs } from 'node:util'
import type { Scenario } from './scenario.ts'
import { themes } from './themes/index.ts'

/** Of the commands: which scenarios are meant, by a part of their or their theme's name, or a regular expression. */
export function chosen(only: string | undefined): readonly Scenario[] {
  if (only === undefined) return themes.flatMap(({ scenarios }) => scenarios)
  const pattern = new RegExp(only, 'i')
  return themes.flatMap((theme) =>
    theme.scenarios.filter((scenario) => pattern.test(theme.name) || pattern.test(scenario.name)),
  )
}

export function options<Name extends string>(...names: readonly Name[]): Partial<Record<Name, string>> {
  const wanted = Object.fromEntries(names.map((name) => [name, { type: 'string' as const }]))
  return parseArgs({ options: wanted }).values as Partial<Record<Name, string>>
}
