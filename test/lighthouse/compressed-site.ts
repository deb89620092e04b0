/** A folder of pages, compressed and cached as the lab server does it, without a lab server. */
import { existsSync, readFileSync, statSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import { extname, join, normalize } from 'node:path'
import { brotliCompressSync } from 'node:zlib'
import type { ServerStatus } from '../../protocol/session.ts'

const types: Record<string, string> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.svg': 'image/svg+xml',
  '.json': 'application/json',
  '.txt': 'text/plain; charset=utf-8',
  '.xml': 'application/xml',
  '.png': 'image/png',
}

/** What a lab page asks for when it opens: here is a server, and the reader has no lab yet. */
const none = { name: 'none', title: 'No cluster', about: '' }
const status: ServerStatus = { version: '0', provider: none, providers: [], labs: [] }
const answers: Record<string, unknown> = { '/api/status': status, '/api/sessions': { sessions: [] } }

export async function serveCompressed(folder: string, port: number): Promise<Server> {
  const compressed = new Map<string, Buffer>()
  const server = createServer((request, response) => {
    const path = normalize(decodeURIComponent(new URL(request.url ?? '/', 'http://localhost').pathname))
    if (Object.hasOwn(answers, path)) {
      response.writeHead(200, { 'content-type': 'application/json' })
      response.end(JSON.stringify(answers[path]))
      return
    }
    const asked = join(folder, path)
    const file = existsSync(asked) && statSync(asked).isDirectory() ? join(asked, 'index.html') : asked
    const found = existsSync(file)
    const body = found ? file : join(folder, '404.html')
    const kept = compressed.get(body) ?? brotliCompressSync(readFileSync(body))
    compressed.set(body, kept)
    response.writeHead(found ? 200 : 404, {
      'content-type': types[extname(body)] ?? 'application/octet-stream',
      'content-encoding': 'br',
      'cache-control': path.startsWith('/_astro/') ? 'public, max-age=31536000, immutable' : 'no-cache',
    })
    response.end(kept)
  })
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve))
  return server
}
