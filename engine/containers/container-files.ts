import type { Clock } from '../clock/clock.ts'
import type { PodNetwork } from '../network/contract.ts'
import type { ContainerOptions } from './contract.ts'
import type { Blobs } from './files/blobs.ts'
import { baseOf } from './files/image-base.ts'
import { DirectoryNode, type Inode } from './files/inode.ts'
import { type KeptFile, keepFiles, putFilesBack } from './files/kept.ts'
import { Layer } from './files/layer.ts'
import { Namespace, ROOT } from './files/namespace.ts'
import { type ProcSource, procTree, sysTree } from './files/proc.ts'
import { FileView } from './files/view.ts'
import { MemoryTree } from './files/volume.ts'

/** The files of one container: made when it looks at them for the first time, for many never do. */
export class ContainerFiles {
  readonly layer: Layer
  readonly #options: ContainerOptions
  readonly #network: PodNetwork
  readonly #hostname: string
  readonly #devices: DirectoryNode
  readonly #proc: ProcSource
  #space: Namespace | undefined

  constructor(
    options: ContainerOptions,
    world: {
      clock: Clock
      hostname: string
      network: PodNetwork
      devices: DirectoryNode
      proc: ProcSource
      stirred: () => void
    },
  ) {
    this.#options = options
    this.#network = world.network
    this.#hostname = world.hostname
    this.#devices = world.devices
    this.#proc = world.proc
    this.layer = new Layer({ now: () => world.clock.now(), stirred: world.stirred })
  }

  space(): Namespace {
    this.#space ??= this.#build()
    return this.#space
  }

  /** What it has written over its image; undefined for nothing. */
  keep(blobs: Blobs): KeptFile | undefined {
    if (this.#space === undefined && this.#options.kept === undefined) return undefined
    const { root } = this.space().mountOf('/')
    if (!(root instanceof DirectoryNode) || root.layer !== this.layer) return undefined
    return keepFiles(root, blobs, baseOf(this.#options.image))
  }

  #build(): Namespace {
    const { image, mounts, readOnlyRoot, kept } = this.#options
    const { layer } = this
    const base = baseOf(image)
    const root = kept === undefined ? base : putFilesBack(kept.files, { blobs: kept.blobs, layer, base })
    const own = (root: Inode, prefix: string) => ({ root, layer, readOnly: false, prefix })
    const space = new Namespace({ root, layer, readOnly: readOnlyRoot, prefix: '/' })
    space.mount('/proc', { ...own(procTree(this.#proc), '/proc'), readOnly: true })
    space.mount('/sys', { ...own(sysTree(this.#proc), '/sys'), readOnly: true })
    space.mount('/dev', own(this.#devices, '/dev'))
    const runtimeFiles = this.#runtimeFiles()
    for (const [path, root] of runtimeFiles) space.mount(path, own(root, path))
    for (const { tree, subPath, path, readOnly } of mounts) {
      if (!(tree instanceof MemoryTree)) throw new TypeError('A mounted tree is one of emptyTree().')
      const prefix = subPath === '' ? '/' : `/${subPath.replace(/^\/+|\/+$/g, '')}`
      const inner = new Namespace({ root: tree.root, layer: tree.layer, readOnly: false, prefix: '/' })
      let { inode } = inner.find(prefix, ROOT, true)
      if (inode === undefined) {
        tree.files.makeDirectory(prefix, { parents: true, mode: 0o755 })
        inode = inner.find(prefix, ROOT, true).inode
      }
      if (inode !== undefined) space.mount(path, { root: inode, layer: tree.layer, readOnly, prefix })
    }
    return space
  }

  /** What a runtime makes for each container, where nothing is mounted over it. */
  #runtimeFiles(): [string, Inode][] {
    const { resolver, address } = this.#network
    const hostname = this.#hostname
    const texts: Record<string, string> = {
      '/etc/hostname': `${hostname}\n`,
      '/etc/hosts': `# Kubernetes-managed hosts file.\n127.0.0.1\tlocalhost\n::1\tlocalhost ip6-localhost ip6-loopback\nfe00::0\tip6-localnet\nfe00::0\tip6-mcastprefix\nfe00::1\tip6-allnodes\nfe00::2\tip6-allrouters\n${address}\t${hostname}\n`,
      '/etc/resolv.conf': [
        ...(resolver.searches.length === 0 ? [] : [`search ${resolver.searches.join(' ')}`]),
        ...resolver.nameservers.map((server) => `nameserver ${server}`),
        ...(resolver.options.length === 0 ? [] : [`options ${resolver.options.join(' ')}`]),
        '',
      ].join('\n'),
    }
    const mounted = new Set(this.#options.mounts.map(({ path }) => path))
    return Object.entries(texts).flatMap(([path, text]) => {
      if (mounted.has(path)) return []
      const space = new Namespace({
        root: new DirectoryNode(this.layer, { mode: 0o755, uid: 0, gid: 0, modified: this.layer.now() }),
        layer: this.layer,
        readOnly: false,
        prefix: '/',
      })
      new FileView(space, ROOT).write('/file', text)
      const { inode } = space.find('/file', ROOT, true)
      return inode === undefined ? [] : [[path, inode] as [string, Inode]]
    })
  }
}
