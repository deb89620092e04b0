/** The few files of `/etc` that a sandbox has, and where they and the tools lie so that the reader can read them. */
import { accessSync, constants, copyFileSync, mkdirSync, realpathSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { bashrc, labCommand, READER } from '../../reader-home.ts'

/** Taken from the machine as they are, where they are there: without them its programs are not found or speak of nothing. */
const borrowed = [
  ['alternatives', 'folder'],
  ['ld.so.cache', 'file'],
  ['localtime', 'file'],
  ['terminfo', 'folder'],
  ['inputrc', 'file'],
  ['vim', 'folder'],
  ['nanorc', 'file'],
] as const

/** Of root, and open to all: for a server that runs as root from a folder that is nobody else's. */
const OPEN_PLACE = '/var/cache/quayside'

export interface SandboxFiles {
  /** Laid over `/etc`. */
  etc: string
  /** From where, to where. */
  borrowed: [from: string, to: string][]
  /** kubectl, helm and lab: paths that the reader may read. */
  tools: string[]
  remove(): void
}

export function layFiles({
  name,
  folder,
  tools,
  completion,
  asOther,
}: {
  /** Of this installation. */
  name: string
  /** The server's own. */
  folder: string
  /** Paths of kubectl and helm. */
  tools: readonly string[]
  /** Of kubectl and helm, for bash. */
  completion: string
  /** Whether sandboxes run as another user than the server, who may not read what is ours. */
  asOther: boolean
}): SandboxFiles {
  const open = asOther && !reachable(folder)
  const place = open ? join(OPEN_PLACE, name) : folder
  mkdirSync(place, { recursive: true, mode: 0o755 })
  const etc = join(place, 'etc')
  rmSync(etc, { recursive: true, force: true })
  mkdirSync(join(etc, 'quayside'), { recursive: true, mode: 0o755 })
  const { name: user, uid, gid, home } = READER
  const files: Record<string, string> = {
    passwd: `root:x:0:0:root:/root:/bin/false\n${user}:x:${uid}:${gid}::${home}:/bin/bash\nnobody:x:65534:65534::/:/bin/false\n`,
    group: `root:x:0:\n${user}:x:${gid}:\nnogroup:x:65534:\n`,
    hosts: '127.0.0.1 localhost lab\n',
    hostname: 'lab\n',
    'nsswitch.conf': 'passwd: files\ngroup: files\nhosts: files\n',
    'resolv.conf': '',
    'quayside/bashrc': bashrc.trimStart(),
    'quayside/completion': completion,
  }
  for (const [file, text] of Object.entries(files)) writeFileSync(join(etc, file), text, { mode: 0o644 })
  const lab = join(etc, 'quayside', 'lab')
  writeFileSync(lab, labCommand, { mode: 0o755 })
  const there = borrowed.filter(([entry]) => readable(join('/etc', entry)))
  for (const [entry, kind] of there) {
    if (kind === 'folder') mkdirSync(join(etc, entry))
    else writeFileSync(join(etc, entry), '')
  }
  return {
    etc,
    borrowed: there.map(([entry]) => [realpathSync(join('/etc', entry)), join('/etc', entry)]),
    tools: [...tools, lab].map((tool) => {
      const real = realpathSync(tool)
      if (!asOther || reachable(real)) return real
      const copy = join(place, basename(tool))
      copyFileSync(real, copy, constants.COPYFILE_FICLONE)
      return copy
    }),
    remove: () => rmSync(open ? place : etc, { recursive: true, force: true }),
  }
}

function readable(path: string): boolean {
  try {
    accessSync(path, constants.R_OK)
    return true
  } catch {
    return false
  }
}

/** Whether others may come there: each folder on the way lets them through. */
function reachable(path: string): boolean {
  for (let at = path; at !== dirname(at); at = dirname(at)) {
    const found = statSync(at, { throwIfNoEntry: false })
    if (found === undefined) continue
    if ((found.mode & (found.isDirectory() ? 0o001 : 0o005)) === 0) return false
  }
  return true
}
