import { type FieldError, invalidValue, requiredValue } from './field-error.ts'
import { goQuote } from './go-quote.ts'
import { dns1123SubdomainErrors, portNumberErrors } from './names.ts'

/** Where webhooks are: apiserver's `util/webhook` (1.34). */

const FORM = '; desired format: https://host[/path]'

interface Url {
  readonly scheme: string
  readonly user: string | undefined
  readonly host: string
  readonly query: string
  readonly fragment: string
}

/** As Go's `url.Parse` splits it, or its sentence. */
function parseUrl(text: string): Url | string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
  if (/[\x00-\x1f\x7f]/.test(text)) return `parse ${goQuote(text)}: net/url: invalid control character in URL`
  const [bare = '', ...fragment] = text.split('#')
  if (bare.startsWith(':')) return `parse ${goQuote(text)}: missing protocol scheme`
  const scheme = /^([a-zA-Z][a-zA-Z0-9+.-]*):/.exec(bare)?.[1] ?? ''
  const rest = scheme === '' ? bare : bare.slice(scheme.length + 1)
  const [path = '', ...query] = rest.split('?')
  if (scheme === '' && (path.split('/')[0] ?? '').includes(':')) {
    return `parse ${goQuote(text)}: first path segment in URL cannot contain colon`
  }
  const authority = path.startsWith('//') ? (path.slice(2).split('/')[0] ?? '') : ''
  const at = authority.lastIndexOf('@')
  const host = authority.slice(at + 1)
  const port = /:([^\]]*)$/.exec(host)?.[1]
  if (port !== undefined && !/^[0-9]*$/.test(port)) {
    return `parse ${goQuote(text)}: invalid port ${goQuote(`:${port}`)} after host`
  }
  return {
    scheme: scheme.toLowerCase(),
    user: at < 0 ? undefined : authority.slice(0, at),
    host,
    query: query.join('?'),
    fragment: fragment.join('#'),
  }
}

export function webhookUrlErrors(text: string, field: string): FieldError[] {
  const url = parseUrl(text)
  if (typeof url === 'string') return [requiredValue(field, `url must be a valid URL: ${url}${FORM}`)]
  const errors: FieldError[] = []
  if (url.scheme !== 'https') {
    errors.push(invalidValue(field, url.scheme, `'https' is the only allowed URL scheme${FORM}`))
  }
  if (url.host === '') errors.push(invalidValue(field, url.host, `host must be specified${FORM}`))
  if (url.user !== undefined) {
    errors.push(invalidValue(field, url.user, 'user information is not permitted in the URL'))
  }
  if (url.fragment !== '') errors.push(invalidValue(field, url.fragment, 'fragments are not permitted in the URL'))
  if (url.query !== '') errors.push(invalidValue(field, url.query, 'query parameters are not permitted in the URL'))
  return errors
}

export interface WebhookService {
  readonly namespace: string
  readonly name: string
  readonly path?: string
  readonly port?: number
}

export function webhookServiceErrors({ namespace, name, path, port = 0 }: WebhookService, field: string): FieldError[] {
  const errors: FieldError[] = []
  if (name === '') errors.push(requiredValue(`${field}.name`))
  if (namespace === '') errors.push(requiredValue(`${field}.namespace`))
  const wrong = portNumberErrors(port)
  if (wrong.length > 0) errors.push(invalidValue(`${field}.port`, port, `port is not valid: ${wrong.join(', ')}`))
  return path === undefined || path === '' || path === '/' ? errors : [...errors, ...pathErrors(path, `${field}.path`)]
}

function pathErrors(path: string, field: string): FieldError[] {
  if (path === '//') return [invalidValue(field, path, 'segment[0] may not be empty')]
  const start = path.startsWith('/') ? [] : [invalidValue(field, path, "must start with a '/'")]
  const steps = path.slice(1).replace(/\/$/, '').split('/')
  return [
    ...start,
    ...steps.flatMap((step, index) =>
      step === ''
        ? [invalidValue(field, path, `segment[${index}] may not be empty`)]
        : dns1123SubdomainErrors(step).map((why) => invalidValue(field, path, `segment[${index}]: ${why}`)),
    ),
  ]
}
