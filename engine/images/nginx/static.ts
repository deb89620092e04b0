import type { HeaderList } from '../../network/http/header-list.ts'
import type { Answer } from '../../network/http/server.ts'

/** With its marks of freshness, or the part that is asked for. */
export function fileAnswer(content: Uint8Array, modified: number, contentType: string, headers: HeaderList): Answer {
  const etag = `"${Math.floor(modified / 1000).toString(16)}-${content.length.toString(16)}"`
  const since = headers.get('if-modified-since')
  const fresh =
    headers.get('if-none-match')?.split(/,\s*/).includes(etag) ??
    (since !== undefined && Date.parse(since) === Math.floor(modified / 1000) * 1000)
  const common: [string, string][] = [
    ['Last-Modified', new Date(modified).toUTCString()],
    ['ETag', etag],
  ]
  if (fresh) return { status: 304, headers: common }
  const range = /^bytes=(\d*)-(\d*)$/.exec(headers.get('range') ?? '')
  const type = ['Content-Type', contentType] as [string, string]
  if (range !== null && (range[1] !== '' || range[2] !== '')) {
    const from = range[1] === '' ? Math.max(0, content.length - Number(range[2])) : Number(range[1])
    const to = range[1] === '' || range[2] === '' ? content.length - 1 : Math.min(Number(range[2]), content.length - 1)
    if (from > to) return { status: 416, headers: [['Content-Range', `bytes */${content.length}`]] }
    return {
      status: 206,
      headers: [type, ...common, ['Content-Range', `bytes ${from}-${to}/${content.length}`]],
      body: content.subarray(from, to + 1),
    }
  }
  return { status: 200, headers: [type, ...common, ['Accept-Ranges', 'bytes']], body: content }
}

/** Without escapes, `//`, `.` and `..`. */
export function decodedPath(path: string): string {
  let decoded: string
  try {
    decoded = decodeURIComponent(path)
  } catch {
    decoded = path
  }
  const parts: string[] = []
  for (const part of decoded
    .replace(/\/{2,}/g, '/')
    .split('/')
    .slice(1)) {
    if (part === '..') parts.pop()
    else if (part !== '.') parts.push(part)
  }
  return `/${parts.join('/')}`
}

/** Bytes of `10m`. */
export function sizeOf(text: string | undefined): number | undefined {
  const match = /^(\d+)([kmg]?)$/i.exec(text ?? '')
  if (match === null) return undefined
  return Number(match[1]) * ({ k: 1024, m: 1024 ** 2, g: 1024 ** 3 }[match[2]?.toLowerCase() ?? ''] ?? 1)
}

/** Whether an address of version 4 is in `10.0.0.0/8`. */
export function inRange(address: string, range: string): boolean {
  const [network = '', bits] = range.split('/')
  if (bits === undefined) return false
  const number = (text: string) => text.split('.').reduce((sum, part) => sum * 256 + Number(part), 0)
  const size = 2 ** (32 - Number(bits))
  return Math.floor(number(address) / size) === Math.floor(number(network) / size)
}
