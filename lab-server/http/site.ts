/** The built pages. */
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import fastifyStatic from '@fastify/static'
import type { FastifyInstance } from 'fastify'

/** Files there have a hash of their content in their name, so that a browser never needs to ask again. */
const HASHED = '/_astro/'

export interface Site {
  /** The page for addresses that lead nowhere. */
  notFound: string
}

/** Serves the folder, with the compressed siblings of its files (`index.html.br`) where there are any. */
export async function serveSite(app: FastifyInstance, folder: string): Promise<Site> {
  if (!existsSync(join(folder, 'index.html'))) {
    return {
      notFound: '<!doctype html><title>Quayside</title><p>The pages have not been built: run <code>npm start</code>.',
    }
  }
  await app.register(fastifyStatic, {
    root: folder,
    preCompressed: true,
    redirect: true,
    dotfiles: 'ignore',
    cacheControl: false,
    setHeaders(reply, path) {
      const hashed = path.slice(folder.length).replaceAll('\\', '/').startsWith(HASHED)
      reply.header('cache-control', hashed ? 'public, max-age=31536000, immutable' : 'no-cache')
    },
  })
  const page = join(folder, '404.html')
  return {
    notFound: existsSync(page) ? readFileSync(page, 'utf8') : '<!doctype html><title>Not found</title><p>Not found.',
  }
}
