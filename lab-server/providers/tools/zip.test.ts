import { deflateRawSync } from 'node:zlib'
import { expect, it } from 'vitest'
import { readFromZip } from './zip.ts'

it('reads deflated and stored files', () => {
  const zip = archive([
    { name: 'a/deflated', method: 8, data: Buffer.from('hello '.repeat(100)) },
    { name: 'stored', method: 0, data: Buffer.from('as it is') },
  ])
  expect(readFromZip(zip, 'a/deflated')?.toString()).toBe('hello '.repeat(100))
  expect(readFromZip(zip, 'stored')?.toString()).toBe('as it is')
  expect(readFromZip(zip, 'missing')).toBeUndefined()
})

it('refuses what is no archive', () => {
  expect(() => readFromZip(Buffer.from('nothing of the kind'), 'a')).toThrow('not a ZIP archive')
})

/** An archive as the format's description (APPNOTE) has it, with the fields that matter here. */
function archive(files: readonly { name: string; method: number; data: Buffer }[]): Buffer {
  const parts: Buffer[] = []
  const entries: Buffer[] = []
  let at = 0
  for (const { name, method, data } of files) {
    const packed = method === 8 ? deflateRawSync(data) : data
    const local = Buffer.alloc(30 + name.length)
    local.writeUInt32LE(0x04034b50, 0)
    local.writeUInt16LE(name.length, 26)
    local.write(name, 30)
    const entry = Buffer.alloc(46 + name.length)
    entry.writeUInt32LE(0x02014b50, 0)
    entry.writeUInt16LE(method, 10)
    entry.writeUInt32LE(packed.length, 20)
    entry.writeUInt16LE(name.length, 28)
    entry.writeUInt32LE(at, 42)
    entry.write(name, 46)
    parts.push(local, packed)
    entries.push(entry)
    at += local.length + packed.length
  }
  const end = Buffer.alloc(22)
  end.writeUInt32LE(0x06054b50, 0)
  end.writeUInt16LE(files.length, 10)
  end.writeUInt32LE(at, 16)
  return Buffer.concat([...parts, ...entries, end])
}
