import { describe, expect, it } from 'vitest'
import type { Image } from '../contract.ts'
import { baseOf } from './image-base.ts'
import { DirectoryNode } from './inode.ts'
import { Layer } from './layer.ts'
import { Namespace, ROOT } from './namespace.ts'
import { FileView } from './view.ts'
import { emptyTree, type MemoryTree } from './volume.ts'

let time = 1_000
const now = () => time

const image: Image = {
  repository: 'test',
  tags: ['1'],
  size: 1,
  memory: 1,
  files: {
    '/etc/passwd': { text: 'root:x:0:0::/root:/bin/sh\n' },
    '/bin/tool': { program: async () => 0 },
    '/bin/sh': { link: '/bin/tool' },
    '/var/www/index.html': { text: 'hello' },
    '/secret': { text: 'mine', mode: 0o600 },
  },
}

function container(options: { limit?: number; readOnly?: boolean } = {}) {
  const layer = new Layer({ now, ...(options.limit === undefined ? {} : { limit: options.limit }) })
  const space = new Namespace({ root: baseOf(image), layer, readOnly: options.readOnly ?? false, prefix: '/' })
  return {
    layer,
    space,
    files: new FileView(space, ROOT),
    as: (uid: number) => new FileView(space, { ...ROOT, uid, gid: uid }),
  }
}

describe('files of a container', () => {
  it('copies an image file when it is written, for this container alone', () => {
    const one = container()
    const other = container()
    one.files.write('/var/www/index.html', 'changed')
    one.files.remove('/etc/passwd')
    expect(one.files.readText('/var/www/index.html')).toBe('changed')
    expect(one.files.exists('/etc/passwd')).toBe(false)
    expect(one.files.list('/etc')).toEqual([])
    expect(other.files.readText('/var/www/index.html')).toBe('hello')
    expect(other.files.exists('/etc/passwd')).toBe(true)
    expect(baseOf(image)).toBe(baseOf(image))
  })

  it('counts what it has written, gives it back, and has no more room than its limit', () => {
    const { files, layer } = container({ limit: 10_000 })
    files.write('/tmp/a', new Uint8Array(6_000).fill(1))
    expect(() => files.write('/tmp/b', new Uint8Array(6_000).fill(1))).toThrow('No space left on device')
    expect(layer.size).toBe(6_000)
    files.remove('/tmp/a')
    files.write('/tmp/b', new Uint8Array(6_000).fill(1))
    expect(layer.size).toBe(6_000)
  })

  it('holds a file of zeros by its length', async () => {
    const { files, layer } = container()
    const out = files.openOutput('/tmp/big')
    for (let block = 0; block < 1024; block++) await out.write(new Uint8Array(65_536))
    expect(files.stat('/tmp/big').size).toBe(64 * 1024 * 1024)
    expect(layer.size).toBe(64 * 1024 * 1024)
  }, 10_000)

  it('follows links, also relative ones and those on the way, and sees loops', () => {
    const { files } = container()
    files.link('../var/www', '/etc/site')
    expect(files.readText('/etc/site/index.html')).toBe('hello')
    expect(files.resolve('/etc/site/../www/index.html')).toBe('/var/www/index.html')
    files.link('/tmp/two', '/tmp/one')
    files.link('/tmp/one', '/tmp/two')
    expect(() => files.read('/tmp/one')).toThrow('Symbolic link loop')
    expect(files.stat('/tmp/one', { follow: false }).type).toBe('symlink')
    expect(() => files.read('/etc/passwd/x')).toThrow('Not a directory')
    expect(() => files.read('/none/x')).toThrow('No such file or directory')
  })

  it('lets users read, write and remove by mode, owner and sticky bit', () => {
    const { files, as } = container()
    const user = as(1000)
    expect(() => user.read('/secret')).toThrow('Permission denied')
    expect(() => user.write('/etc/x', '')).toThrow('Permission denied')
    user.write('/tmp/mine', 'x')
    expect(() => as(1001).remove('/tmp/mine')).toThrow('Permission denied')
    expect(() => as(1001).chmod('/tmp/mine', 0o777)).toThrow('Operation not permitted')
    expect(() => user.chown('/tmp/mine', 0, 0)).toThrow('Operation not permitted')
    files.chmod('/secret', 0o644)
    expect(user.readText('/secret')).toBe('mine')
    expect(user.allows('/bin/tool', 1)).toBe(true)
    expect(user.allows('/secret', 1)).toBe(false)
  })

  it('moves within one mount, and says where it cannot', () => {
    const { files, space } = container()
    const volume = emptyTree({ now }) as MemoryTree
    space.mount('/data', { root: volume.root, layer: volume.layer, readOnly: false, prefix: '/' })
    files.write('/tmp/a', '1')
    files.rename('/tmp/a', '/tmp/b')
    expect(files.list('/tmp')).toEqual(['b'])
    expect(() => files.rename('/tmp/b', '/data/b')).toThrow('Cross-device link')
    expect(() => files.rename('/var', '/var/www/x')).toThrow('Invalid argument')
    expect(() => files.remove('/data')).toThrow('Resource busy')
    expect(() => files.remove('/var')).toThrow('Directory not empty')
    expect(files.list('/')).toContain('data')
  })

  it('shares a volume between containers, read-only where it is mounted so', () => {
    const volume = emptyTree({ now }) as MemoryTree
    const one = container()
    const other = container({ readOnly: true })
    one.space.mount('/data/deep', { root: volume.root, layer: volume.layer, readOnly: false, prefix: '/' })
    other.space.mount('/data', { root: volume.root, layer: volume.layer, readOnly: true, prefix: '/' })
    one.files.makeDirectory('/data/deep/a/b', { parents: true })
    one.files.write('/data/deep/a/b/c', 'x')
    expect(other.files.readText('/data/a/b/c')).toBe('x')
    expect(() => other.files.write('/data/a/b/c', 'y')).toThrow('Read-only file system')
    expect(() => other.files.write('/tmp/x', 'y')).toThrow('Read-only file system')
    expect(volume.files.readText('/a/b/c')).toBe('x')
    expect(volume.size()).toBe(1)
  })

  it('tells of changes through a link that is turned to another directory', () => {
    const volume = emptyTree({ now }) as MemoryTree
    const { files, space } = container()
    space.mount('/etc/config', { root: volume.root, layer: volume.layer, readOnly: true, prefix: '/' })
    volume.files.makeDirectory('/..1')
    volume.files.write('/..1/key', 'old')
    volume.files.link('..1', '/..data')
    volume.files.link('..data/key', '/key')
    const seen: string[] = []
    const end = files.watch('/etc/config/key', () =>
      seen.push(files.exists('/etc/config/key') ? files.readText('/etc/config/key') : '-'),
    )
    volume.files.makeDirectory('/..2')
    volume.files.write('/..2/key', 'new')
    volume.files.link('..2', '/..data_tmp')
    volume.files.rename('/..data_tmp', '/..data')
    expect(seen.at(-1)).toBe('new')
    end()
    const told = seen.length
    volume.files.write('/..2/key', 'newer')
    expect(seen.length).toBe(told)
  })

  it('keeps what was handed out unchanged', () => {
    const { files } = container()
    files.write('/tmp/a', 'one')
    const before = files.read('/tmp/a')
    files.write('/tmp/a', 'two')
    files.write('/tmp/a', '!', { append: true })
    expect(new TextDecoder().decode(before)).toBe('one')
    expect(files.readText('/tmp/a')).toBe('two!')
  })

  it('frees a file with two names when the last one goes', () => {
    const { files, layer } = container()
    files.write('/tmp/a', 'four')
    files.hardLink('/tmp/a', '/tmp/b')
    files.remove('/tmp/a')
    expect(files.readText('/tmp/b')).toBe('four')
    expect(layer.size).toBe(4)
    files.remove('/tmp/b')
    expect(layer.size).toBe(0)
  })

  it('takes the time of a change from the clock', () => {
    const { files } = container()
    time = 5_000
    files.write('/tmp/a', '')
    expect(files.stat('/tmp/a').modified).toBe(5_000)
    expect(files.stat('/tmp').modified).toBe(5_000)
    expect(new DirectoryNode(new Layer({ now }), { mode: 0, uid: 0, gid: 0, modified: 0 }).get('x')).toBeUndefined()
  })
})
