/**
 * The log: one JSON object a line. What must stay secret is kept out twice: fields with telling names are replaced as
 * they are logged, and the finished line is searched for what looks like a key or a token, wherever it came from.
 */

import type { DestinationStream, Logger } from 'pino'
import { pino } from 'pino'

export type { Logger } from 'pino'

export interface LogOptions {
  level: string
  destination: DestinationStream
  /** Values that must never appear, such as the facilitator's secret. */
  secrets?: readonly string[]
}

const HIDDEN = '[hidden]'

const telling = [
  'cookie',
  'set-cookie',
  'authorization',
  'token',
  'secret',
  'password',
  'kubeconfig',
  'key',
  'hostSecret',
]
/** pino's wildcards stand for one level each; a field is looked for at the top and two levels down. */
const paths = ['', '*.', '*.*.'].flatMap((level) =>
  telling.map((name) => (level ? `${level.slice(0, -1)}["${name}"]` : `["${name}"]`)),
)

/** Each keeps what says which kind of thing was hidden. Written for a line of JSON, where a new line is \n in two characters. */
const shapes: readonly [RegExp, string][] = [
  [/-----BEGIN ([A-Z ]+)-----.*?-----END \1-----/g, `-----BEGIN $1----- ${HIDDEN}`],
  [/\b(client-key-data|client-certificate-data|token|password)(\\?"?\s*[:=]\s*\\?"?)[\w+/=.~-]{8,}/gi, `$1$2${HIDDEN}`],
  [/\b(Bearer|Basic) [\w+/=.~-]{8,}/gi, `$1 ${HIDDEN}`],
  [/\beyJ[\w-]{8,}\.[\w-]{8,}\.[\w-]*/g, HIDDEN],
  [/\b((?:__Host-)?quayside(?:-[0-9a-f]{8})?)=[^;"\s\\]+/g, `$1=${HIDDEN}`],
]

export function createLog({ level, destination, secrets = [] }: LogOptions): Logger {
  return pino(
    {
      level,
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      redact: { paths, censor: HIDDEN },
      hooks: { streamWrite: (line) => scrub(line, secrets) },
    },
    destination,
  )
}

export function scrub(line: string, secrets: readonly string[] = []): string {
  let clean = line
  for (const secret of secrets) clean = clean.replaceAll(JSON.stringify(secret).slice(1, -1), HIDDEN)
  for (const [shape, replacement] of shapes) clean = clean.replace(shape, replacement)
  return clean
}
