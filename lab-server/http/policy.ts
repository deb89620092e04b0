/** The Content-Security-Policy of the pages: which scripts are ours. */
import { createHash } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'

/** A script element without `src`; its attributes and its text. */
const SCRIPT = /<script\b((?:[^>"']|"[^"]*"|'[^']*')*)>([\s\S]*?)<\/script\s*>/gi

/** The sources for `script-src` of the scripts written into a page, like `'sha256-…'`. */
export function inlineScriptHashes(html: string): string[] {
  const hashes: string[] = []
  for (const [, attributes = '', text = ''] of html.matchAll(SCRIPT)) {
    if (/(^|\s)src\s*=/i.test(attributes)) continue
    const type = /(?:^|\s)type\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'>]+))/i.exec(attributes)
    const name = (type?.[1] ?? type?.[2] ?? type?.[3] ?? '').trim().toLowerCase()
    // Anything else is data, which browsers do not run.
    if (name !== '' && name !== 'module' && !/(java|ecma)script$/.test(name)) continue
    hashes.push(`'sha256-${createHash('sha256').update(text).digest('base64')}'`)
  }
  return hashes
}

/** The hashes of all pages in a folder, each once. */
export async function scriptHashesOf(folder: string): Promise<string[]> {
  const hashes = new Set<string>()
  for (const entry of await readdir(folder, { withFileTypes: true, recursive: true })) {
    if (!entry.isFile() || !entry.name.endsWith('.html')) continue
    const html = await readFile(join(entry.parentPath, entry.name), 'utf8')
    for (const hash of inlineScriptHashes(html)) hashes.add(hash)
  }
  return [...hashes].sort()
}

/**
 * Directives as helmet takes them. `wasm-unsafe-eval` is for the search, whose index is read by WebAssembly.
 * @param frames what may be shown in a frame, asked for at each answer: the port is known only then
 */
export function contentSecurityPolicy(
  scriptHashes: readonly string[],
  frames: () => string,
): Record<string, (string | (() => string))[]> {
  return {
    'default-src': ["'self'"],
    'script-src': ["'self'", "'wasm-unsafe-eval'", ...scriptHashes],
    'style-src': ["'self'", "'unsafe-inline'"],
    'img-src': ["'self'", 'data:'],
    'connect-src': ["'self'"],
    'frame-src': [frames],
    'object-src': ["'none'"],
    'base-uri': ["'self'"],
    'form-action': ["'self'"],
    'frame-ancestors': ["'none'"],
  }
}
