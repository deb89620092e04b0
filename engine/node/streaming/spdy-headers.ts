import { constants, createDeflate, createInflate, type Deflate, type Inflate } from 'node:zlib'

/** Names and values, as SPDY carries them; several values of a name are joined by NUL. */
export type SpdyHeaders = Readonly<Record<string, string>>

const names =
  'options head post put delete trace accept accept-charset accept-encoding accept-language accept-ranges age allow authorization ' +
  'cache-control connection content-base content-encoding content-language content-length content-location content-md5 content-range ' +
  'content-type date etag expect expires from host if-match if-modified-since if-none-match if-range if-unmodified-since last-modified ' +
  'location max-forwards pragma proxy-authenticate proxy-authorization range referer retry-after server te trailer transfer-encoding ' +
  'upgrade user-agent vary via warning www-authenticate method get status 200_OK version HTTP/1.1 url public set-cookie keep-alive origin'

const rest =
  '100101201202205206300302303304305306307402405406407408409410411412413414415416417502504505203 Non-Authoritative Information204 No Content' +
  '301 Moved Permanently400 Bad Request401 Unauthorized403 Forbidden404 Not Found500 Internal Server Error501 Not Implemented' +
  '503 Service UnavailableJan Feb Mar Apr May Jun Jul Aug Sept Oct Nov Dec 00:00:00 Mon, Tue, Wed, Thu, Fri, Sat, Sun, GMTchunked,' +
  'text/html,image/png,image/jpg,image/gif,application/xml,application/xhtml+xml,text/plain,text/javascript,publicprivatemax-age=gzip,' +
  'deflate,sdchcharset=utf-8charset=iso-8859-1,utf-,*,enq=0.'

/** The text that both sides' compressors begin with: SPDY/3.1, section 2.6.10.1. */
export const dictionary = Buffer.concat([
  ...names.split(' ').map((name) => lengthPrefixed(name.replace('_', ' '))),
  Buffer.from(rest),
])

/** More than any header block that a client of a cluster sends, in bytes. */
const MOST = 64 * 1024

function lengthPrefixed(text: string): Buffer {
  const bytes = Buffer.from(text)
  const length = Buffer.alloc(4)
  length.writeUInt32BE(bytes.length)
  return Buffer.concat([length, bytes])
}

/** Reads the header blocks of one connection, in order: they share one stream of compression. */
export class HeaderReader {
  readonly #inflate: Inflate = createInflate({ dictionary, finishFlush: constants.Z_SYNC_FLUSH })

  /** @throws Error if the block is not one. */
  async read(block: Uint8Array): Promise<SpdyHeaders> {
    return parse(await through(this.#inflate, block))
  }

  close(): void {
    this.#inflate.close()
  }
}

/** Writes the header blocks of one connection. */
export class HeaderWriter {
  readonly #deflate: Deflate = createDeflate({ dictionary, flush: constants.Z_SYNC_FLUSH })

  async write(headers: SpdyHeaders): Promise<Uint8Array> {
    const entries = Object.entries(headers)
    const count = Buffer.alloc(4)
    count.writeUInt32BE(entries.length)
    return through(this.#deflate, Buffer.concat([count, ...entries.flat().map(lengthPrefixed)]))
  }

  close(): void {
    this.#deflate.close()
  }
}

/** What comes out for what goes in, all of it: zlib says that it has taken its input when it has handed out its output. */
function through(stream: Inflate | Deflate, input: Uint8Array): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const parts: Buffer[] = []
    let size = 0
    const finish = (error?: Error | null): void => {
      stream.off('data', take)
      stream.off('error', finish)
      if (error) reject(error)
      else resolve(Buffer.concat(parts))
    }
    const take = (part: Buffer): void => {
      size += part.length
      if (size > MOST) finish(new Error('The headers are too large.'))
      else parts.push(part)
    }
    stream.on('data', take)
    stream.once('error', finish)
    // A turn later, for data that is handed out in the turn in which the write is called back.
    stream.write(input, (error) => (error ? finish(error) : setImmediate(finish)))
  })
}

function parse(block: Buffer): SpdyHeaders {
  let place = 0
  const number = (): number => {
    if (place + 4 > block.length) throw new Error('The header block ends early.')
    place += 4
    return block.readUInt32BE(place - 4)
  }
  const text = (): string => {
    const length = number()
    if (place + length > block.length) throw new Error('The header block ends early.')
    place += length
    return block.toString('utf8', place - length, place)
  }
  const headers: Record<string, string> = Object.create(null)
  for (let left = number(); left > 0; left--) {
    const name = text()
    headers[name] = text()
  }
  return headers
}
