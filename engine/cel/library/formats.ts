import {
  dns1035LabelErrors,
  dns1123LabelErrors,
  dns1123SubdomainErrors,
  labelValueErrors,
  maskTrailingDash,
  qualifiedNameErrors,
} from '../../objects/names.ts'
import type { Declarations, Implementation } from '../environment.ts'
import { isBase64, isDate, isDateTime, isUuid } from '../formats.ts'
import { List, Opaque, Optional } from '../values.ts'
import { parseRequestUri } from './urls.ts'

class Format extends Opaque {
  readonly typeName = 'kubernetes.NamedFormat'
  readonly name: string
  readonly errors: (text: string) => readonly string[]
  constructor(name: string, errors: (text: string) => readonly string[]) {
    super()
    this.name = name
    this.errors = errors
  }
  override equals(other: Opaque): boolean {
    return other instanceof Format && other.name === this.name
  }
}

const either = (valid: (text: string) => boolean, sentence: string) => (text: string) => (valid(text) ? [] : [sentence])

const known: Readonly<Record<string, (text: string) => readonly string[]>> = {
  dns1123Label: dns1123LabelErrors,
  dns1123Subdomain: dns1123SubdomainErrors,
  dns1035Label: dns1035LabelErrors,
  qualifiedName: qualifiedNameErrors,
  dns1123LabelPrefix: (text) => dns1123LabelErrors(maskTrailingDash(text)),
  dns1123SubdomainPrefix: (text) => dns1123SubdomainErrors(maskTrailingDash(text)),
  dns1035LabelPrefix: (text) => dns1035LabelErrors(maskTrailingDash(text)),
  labelValue: labelValueErrors,
  uri: (text) => {
    const parsed = parseRequestUri(text)
    return typeof parsed === 'string' ? [parsed] : []
  },
  uuid: either(isUuid, 'does not match the UUID format'),
  byte: either(isBase64, 'invalid base64'),
  date: either(isDate, 'invalid date'),
  datetime: either(isDateTime, 'invalid datetime'),
}

const named = Object.entries(known).map(
  ([name, errors]) =>
    [`format.${name}(): kubernetes.NamedFormat`, (() => new Format(name, errors)) satisfies Implementation] as const,
)

/** Kubernetes' named formats of strings. */
export const namedFormats: Declarations = {
  ...Object.fromEntries(named),
  'kubernetes.NamedFormat => validate(string): optional(list(string))': ([format, text]) => {
    const errors = (format as Format).errors(text as string)
    return errors.length === 0 ? Optional.none : new Optional(new List(errors))
  },
  'format.named(string): optional(kubernetes.NamedFormat)': ([name]) => {
    const errors = known[name as string]
    return errors === undefined ? Optional.none : new Optional(new Format(name as string, errors))
  },
}
