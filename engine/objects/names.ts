/** Names and their rules as apimachinery's `util/validation` (1.34) states them: each function answers with the sentences of what is wrong. */

const qualifiedNameFormat = '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]'
const qualifiedNameRule =
  "must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character"
const labelValueFormat = `(${qualifiedNameFormat})?`
const labelFormat = '[a-z0-9]([-a-z0-9]*[a-z0-9])?'
const subdomainFormat = `${labelFormat}(\\.${labelFormat})*`
const underscoredLabelFormat = '_?[a-z0-9]([-_a-z0-9]*[a-z0-9])?'
const underscoredSubdomainFormat = `${underscoredLabelFormat}(\\.${underscoredLabelFormat})*`
const dns1035Format = '[a-z]([-a-z0-9]*[a-z0-9])?'
const wildcardFormat = `\\*\\.${subdomainFormat}`
const identifierFormat = '[A-Za-z_][A-Za-z0-9_]*'
const envVarFormat = '[-._a-zA-Z][-._a-zA-Z0-9]*'
const configKeyFormat = '[-._a-zA-Z0-9]+'
const headerFormat = '[-A-Za-z0-9]+'
const percentFormat = '[0-9]+%'

const whole = (format: string): RegExp => new RegExp(`^(?:${format})$`)
const qualifiedName = whole(qualifiedNameFormat)
const labelValue = whole(labelValueFormat)
const label = whole(labelFormat)
const subdomain = whole(subdomainFormat)
const underscoredSubdomain = whole(underscoredSubdomainFormat)
const dns1035 = whole(dns1035Format)
const wildcard = whole(wildcardFormat)
const identifier = whole(identifierFormat)
const envVar = whole(envVarFormat)
const configKey = whole(configKeyFormat)
const header = whole(headerFormat)
const percent = whole(percentFormat)

const maxLabel = 63
const maxSubdomain = 253

export function tooLong(characters: number): string {
  return `must be no more than ${characters} characters`
}

export function outOfRange(least: number, most: number): string {
  return `must be between ${least} and ${most}, inclusive`
}

export function notMatching(rule: string, format: string, ...examples: string[]): string {
  if (examples.length === 0) return `${rule} (regex used for validation is '${format}')`
  const quoted = examples.map((example) => `'${example}'`).join(',  or ')
  return `${rule} (e.g. ${quoted}, regex used for validation is '${format}')`
}

function check(value: string, form: RegExp, longest: number, sentence: string): string[] {
  const wrong: string[] = []
  if (byteLength(value) > longest) wrong.push(tooLong(longest))
  if (!form.test(value)) wrong.push(sentence)
  return wrong
}

const encoder = new TextEncoder()
/** Upstream counts bytes. */
function byteLength(value: string): number {
  return value.length > maxSubdomain ? value.length : encoder.encode(value).length
}

const labelSentence = notMatching(
  "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character",
  labelFormat,
  'my-name',
  '123-abc',
)
export function dns1123LabelErrors(value: string): string[] {
  // A valid subdomain that is no label has dots: nothing else can be wrong with it.
  return check(value, label, maxLabel, subdomain.test(value) ? 'must not contain dots' : labelSentence)
}

const subdomainSentence = notMatching(
  "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character",
  subdomainFormat,
  'example.com',
)
export function dns1123SubdomainErrors(value: string): string[] {
  return check(value, subdomain, maxSubdomain, subdomainSentence)
}

const underscoredSubdomainSentence = notMatching(
  "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '_', '-' or '.', and must start and end with an alphanumeric character",
  underscoredSubdomainFormat,
  'example.com',
)
export function dns1123SubdomainWithUnderscoreErrors(value: string): string[] {
  return check(value, underscoredSubdomain, maxSubdomain, underscoredSubdomainSentence)
}

const dns1035Sentence = notMatching(
  "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic character, and end with an alphanumeric character",
  dns1035Format,
  'my-name',
  'abc-123',
)
export function dns1035LabelErrors(value: string): string[] {
  return check(value, dns1035, maxLabel, dns1035Sentence)
}

const wildcardSentence = notMatching(
  "a wildcard DNS-1123 subdomain must start with '*.', followed by a valid DNS subdomain, which must consist of lower case alphanumeric characters, '-' or '.' and end with an alphanumeric character",
  wildcardFormat,
  '*.example.com',
)
export function wildcardSubdomainErrors(value: string): string[] {
  return check(value, wildcard, maxSubdomain, wildcardSentence)
}

const labelValueSentence = notMatching(
  "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character",
  labelValueFormat,
  'MyValue',
  'my_value',
  '12345',
)
export function labelValueErrors(value: string): string[] {
  return check(value, labelValue, maxLabel, labelValueSentence)
}

const qualifiedNameSentence = notMatching(qualifiedNameRule, qualifiedNameFormat, 'MyName', 'my.name', '123-abc')
/** Label keys, annotation keys (lower-cased), resource names: a name with an optional DNS subdomain before a slash. */
export function qualifiedNameErrors(value: string): string[] {
  const parts = value.split('/')
  if (parts.length > 2) {
    return [
      `a qualified name ${qualifiedNameSentence} with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')`,
    ]
  }
  const wrong: string[] = []
  const name = parts.at(-1) ?? ''
  if (parts.length === 2) {
    const prefix = parts[0] ?? ''
    if (prefix === '') wrong.push('prefix part must be non-empty')
    else wrong.push(...dns1123SubdomainErrors(prefix).map((sentence) => `prefix part ${sentence}`))
  }
  if (name === '') wrong.push('name part must be non-empty')
  else if (byteLength(name) > maxLabel) wrong.push(`name part ${tooLong(maxLabel)}`)
  if (!qualifiedName.test(name)) wrong.push(`name part ${qualifiedNameSentence}`)
  return wrong
}

export function identifierErrors(value: string): string[] {
  if (identifier.test(value)) return []
  const rule =
    "a valid C identifier must start with alphabetic character or '_', followed by a string of alphanumeric characters or '_'"
  return [notMatching(rule, identifierFormat, 'my_name', 'MY_NAME', 'MyName')]
}

export function portNumberErrors(port: number): string[] {
  return port >= 1 && port <= 65535 ? [] : [outOfRange(1, 65535)]
}

export function portNameErrors(port: string): string[] {
  const wrong: string[] = []
  if (byteLength(port) > 15) wrong.push(tooLong(15))
  if (!/^[-a-z0-9]+$/.test(port)) wrong.push('must contain only alpha-numeric characters (a-z, 0-9), and hyphens (-)')
  if (!/[a-z]/.test(port)) wrong.push('must contain at least one letter (a-z)')
  if (port.includes('--')) wrong.push('must not contain consecutive hyphens')
  if (port.startsWith('-') || port.endsWith('-')) wrong.push('must not begin or end with a hyphen')
  return wrong
}

export function percentErrors(value: string): string[] {
  if (percent.test(value)) return []
  return [
    notMatching(
      "a valid percent string must be a numeric string followed by an ending '%'",
      percentFormat,
      '1%',
      '93%',
    ),
  ]
}

export function httpHeaderErrors(value: string): string[] {
  if (header.test(value)) return []
  const rule = "a valid HTTP header must consist of alphanumeric characters or '-'"
  return [notMatching(rule, headerFormat, 'X-Header-Name')]
}

export function envVarNameErrors(value: string): string[] {
  const rule =
    "a valid environment variable name must consist of alphabetic characters, digits, '_', '-', or '.', and must not start with a digit"
  const wrong = envVar.test(value) ? [] : [notMatching(rule, envVarFormat, 'my.env-name', 'MY_ENV.NAME', 'MyEnvName1')]
  return [...wrong, ...parentFolderErrors(value)]
}

/** What 1.34 asks of an environment variable (RelaxedEnvironmentVariableValidation is on): printable ASCII other than `=`. */
export function relaxedEnvVarNameErrors(value: string): string[] {
  if (value === '') return ['environment variable name must be non-empty']
  if (/^[\x20-\x3c\x3e-\x7e]+$/.test(value)) return []
  return ["a valid environment variable name must consist only of printable ASCII characters other than '='"]
}

export function configKeyErrors(value: string): string[] {
  const rule = "a valid config key must consist of alphanumeric characters, '-', '_' or '.'"
  const sentence = notMatching(rule, configKeyFormat, 'key.name', 'KEY_NAME', 'key-name')
  return [...check(value, configKey, maxSubdomain, sentence), ...parentFolderErrors(value)]
}

function parentFolderErrors(value: string): string[] {
  if (value === '.') return ["must not be '.'"]
  if (value === '..') return ["must not be '..'"]
  return value.startsWith('..') ? ["must not start with '..'"] : []
}

/** A generateName may end with a dash, since something follows it: upstream puts a letter in its last two characters' place. */
export function maskTrailingDash(name: string): string {
  return name.length > 1 && name.endsWith('-') ? `${name.slice(0, -2)}a` : name
}

/** `.`, `..` and names with `/` or `%` cannot be a segment of a path. */
export function pathSegmentErrors(name: string): string[] {
  if (name === '.' || name === '..') return [`may not be '${name}'`]
  return ['/', '%'].filter((part) => name.includes(part)).map((part) => `may not contain '${part}'`)
}
