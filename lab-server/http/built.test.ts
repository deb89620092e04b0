import { mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { brotliDecompressSync, gunzipSync } from 'node:zlib'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { forgetBuild, whyBuild } from './built.ts'
import { compressFolder } from './compress.ts'

let root: string
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'quayside-built-'))
  mkdirSync(join(root, 'dist'))
  mkdirSync(join(root, 'content', 'labs'), { recursive: true })
  writeFileSync(join(root, 'content', 'labs', 'scaling.mdx'), '# Scaling')
})
afterEach(() => rmSync(root, { recursive: true, force: true }))

describe('build', () => {
  it('is needed until one went through, and again when a source changes', async () => {
    expect(await whyBuild(root)).toBe('the pages have not been built yet')
    writeFileSync(join(root, 'dist', 'index.html'), '')
    expect(await whyBuild(root)).toBeUndefined()
    const later = Date.now() / 1000 + 60
    utimesSync(join(root, 'content', 'labs', 'scaling.mdx'), later, later)
    expect(await whyBuild(root)).toBe('content has changed')
  })

  it('is needed again after one that failed half-way', async () => {
    writeFileSync(join(root, 'dist', 'index.html'), '')
    await forgetBuild(root)
    expect(await whyBuild(root)).toBe('the pages have not been built yet')
  })
})

describe('compression', () => {
  it('writes siblings that give the same text back, once', async () => {
    const html = '<p>Quayside</p>'.repeat(200)
    writeFileSync(join(root, 'dist', 'index.html'), html)
    writeFileSync(join(root, 'dist', 'small.js'), 'let a')
    writeFileSync(join(root, 'dist', 'photo.png'), 'x'.repeat(4000))
    expect(await compressFolder(join(root, 'dist'))).toBe(1)
    expect(brotliDecompressSync(await readFile(join(root, 'dist', 'index.html.br'))).toString()).toBe(html)
    expect(gunzipSync(await readFile(join(root, 'dist', 'index.html.gz'))).toString()).toBe(html)
    expect(await compressFolder(join(root, 'dist'))).toBe(0)
  })
})
