/** Answers as Go's net/http writes them: which fields come of themselves, and in which order. */
import type { Clock } from '../../clock/clock.ts'
import { isStream } from '../../network/http/body.ts'
import { HeaderList } from '../../network/http/header-list.ts'
import type { HttpError } from '../../network/http/http-error.ts'
import { mayHaveBody } from '../../network/http/message.ts'
import { reasons } from '../../network/http/reasons.ts'
import type { Answer } from '../../network/http/server.ts'
import { toBytes } from '../../objects/bytes.ts'

export function goAnswer(clock: Clock, answer: Answer): Answer {
  const { body = '', status } = answer
  if (answer.upgrade !== undefined || isStream(body) || !mayHaveBody(status)) return answer
  const bytes = toBytes(body)
  const headers = new HeaderList(HeaderList.from(answer.headers))
  headers.append('Date', new Date(clock.now()).toUTCString())
  headers.append('Content-Length', String(bytes.length))
  if (bytes.length > 0 && !headers.has('content-type')) headers.append('Content-Type', sniffed(bytes))
  return { ...answer, headers, body: bytes }
}

export function goNotFound(clock: Clock): Answer {
  return goError(clock, 404, '404 page not found')
}

export function goError(clock: Clock, status: number, message: string): Answer {
  return goAnswer(clock, {
    status,
    headers: [
      ['Content-Type', 'text/plain; charset=utf-8'],
      ['X-Content-Type-Options', 'nosniff'],
    ],
    body: `${message}\n`,
  })
}

/** To what is no HTTP. */
export function goMalformed(error: HttpError): Answer {
  const reason = `${error.status} ${reasons[error.status] ?? 'Bad Request'}`
  const detail = error.status === 400 && /^(?:missing|too many) .*Host/.test(error.message) ? `: ${error.message}` : ''
  return {
    status: error.status,
    headers: [['Content-Type', 'text/plain; charset=utf-8']],
    body: reason + detail,
    close: true,
  }
}

/** What DetectContentType finds, as far as answers here have it. */
export function sniffed(bytes: Uint8Array): string {
  const head = bytes.subarray(0, 512)
  const start = new TextDecoder('latin1')
    .decode(head)
    .replace(/^[\t\n\f\r ]+/, '')
    .toUpperCase()
  if (/^<(?:!DOCTYPE HTML|HTML|HEAD|SCRIPT|IFRAME|H1|DIV|FONT|TABLE|A|STYLE|TITLE|B|BODY|BR|P|!--)[ >]/.test(start)) {
    return 'text/html; charset=utf-8'
  }
  if (start.startsWith('<?XML')) return 'text/xml; charset=utf-8'
  if (head[0] === 0x1f && head[1] === 0x8b) return 'application/x-gzip'
  if (start.startsWith('\u0089PNG')) return 'image/png'
  const binary = head.some(
    (byte) => byte <= 8 || byte === 11 || (byte >= 14 && byte <= 26) || (byte >= 28 && byte <= 31),
  )
  return binary ? 'application/octet-stream' : 'text/plain; charset=utf-8'
}
