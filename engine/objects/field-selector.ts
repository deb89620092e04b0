import { compareText } from './requirement.ts'

export interface FieldRequirement {
  readonly field: string
  readonly operator: '=' | '!='
  readonly value: string
}

/** Which fields a kind can be selected by: the field's text value, `''` where it is not set. */
export type FieldReader = (field: string) => string

/** Requirements on fields that must all hold: `metadata.name=web,status.phase!=Running`; apimachinery's `fields` (1.34). */
export class FieldSelector {
  static readonly everything = new FieldSelector([])

  readonly requirements: readonly FieldRequirement[]

  private constructor(requirements: readonly FieldRequirement[]) {
    this.requirements = requirements
  }

  static of(requirements: readonly FieldRequirement[]): FieldSelector {
    return requirements.length === 0 ? FieldSelector.everything : new FieldSelector(requirements)
  }

  /** @throws Error with upstream's sentence. */
  static parse(text: string): FieldSelector {
    return FieldSelector.of(
      splitTerms(text)
        .toSorted(compareText)
        .filter((term) => term !== '')
        .map((term) => parseTerm(term, text))
        // Upstream's transformation drops a term without field and value.
        .filter(({ field, value }) => field !== '' || value !== ''),
    )
  }

  matches(read: FieldReader): boolean {
    for (const { field, operator, value } of this.requirements) {
      if ((read(field) === value) !== (operator === '=')) return false
    }
    return true
  }

  isEmpty(): boolean {
    return this.requirements.length === 0
  }

  /** The value that it asks of a field, if it asks for one. */
  exactValue(field: string): string | undefined {
    return this.requirements.find((one) => one.field === field && one.operator === '=')?.value
  }

  toString(): string {
    return this.requirements
      .map(({ field, operator, value }) => `${field}${operator}${escapeFieldValue(value)}`)
      .join(',')
  }
}

export function escapeFieldValue(value: string): string {
  return value.replaceAll('\\', '\\\\').replaceAll(',', '\\,').replaceAll('=', '\\=')
}

function splitTerms(text: string): string[] {
  const terms: string[] = []
  let start = 0
  for (let at = 0; at < text.length; at++) {
    if (text[at] === '\\') at++
    else if (text[at] === ',') {
      terms.push(text.slice(start, at))
      start = at + 1
    }
  }
  return [...terms, text.slice(start)]
}

function parseTerm(term: string, whole: string): FieldRequirement {
  const match = /^([^=!]*(?:!(?!=)[^=!]*)*)(!=|==|=)(.*)$/s.exec(term)
  if (match === null) throw new Error(`invalid selector: '${whole}'; can't understand '${term}'`)
  const [, field = '', operator, escaped = ''] = match
  return { field, operator: operator === '!=' ? '!=' : '=', value: unescapeFieldValue(escaped) }
}

function unescapeFieldValue(escaped: string): string {
  let value = ''
  const characters = [...escaped]
  for (let at = 0; at < characters.length; at++) {
    const character = characters[at] ?? ''
    if (character === '\\') {
      at++
      const next = characters[at] ?? ''
      if (!['\\', ',', '='].includes(next)) {
        throw new Error(`invalid field selector: invalid escape sequence: \\${next}`)
      }
      value += next
    } else if (character === ',' || character === '=') {
      // Upstream prints the rune's number.
      throw new Error(`invalid field selector: unescaped character in value: ${character.codePointAt(0)}`)
    } else {
      value += character
    }
  }
  return value
}
