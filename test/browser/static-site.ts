/** The built pages on a server that knows nothing else, as any host of static files serves them. */
import { existsSync, readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { extname, join, normalize } from 'node:path'
import { takePages } from './pages.ts'

const types: Record<string, string> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.svg': 'image/svg+xml',
  '.json': 'application/json',
  '.wasm': 'application/wasm',
}

export async function serveStatic(): Promise<{ url: string; paths: string[]; close(): void }> {
  const pages = takePages()
  const server = createServer((request, response) => {
    const path = normalize(new URL(request.url ?? '/', 'http://localhost').pathname)
    const file = join(pages.folder, path.endsWith('/') ? `${path}index.html` : path)
    const found = existsSync(file)
    response.writeHead(found ? 200 : 404, { 'content-type': types[found ? extname(file) : '.txt'] ?? 'text/plain' })
    response.end(found ? readFileSync(file) : 'There is nothing here.')
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    paths: pages.distinct,
    close() {
      pages.remove()
      server.close()
      server.closeAllConnections()
    },
  }
}
