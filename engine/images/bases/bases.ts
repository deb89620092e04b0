/** What images stand on: the files of a distribution, with a shell and the usual tools. */
import type { ImageFile, Program } from '../../containers/contract.ts'

export type Files = Readonly<Record<string, ImageFile>>

/** Who an image has in its /etc/passwd besides root. */
export interface Account {
  readonly name: string
  readonly uid: number
  readonly gid: number
  readonly home: string
  readonly shell?: string
}

export interface Tools {
  /** The shell and the applets, at their paths. */
  readonly files: Files
  readonly shell: Program
}

export interface Bases {
  alpine(version: string, accounts?: readonly Account[]): Files
  debian(version: string, codename: string, accounts?: readonly Account[]): Files
  ubuntu(version: string, codename: string): Files
}

export function basesOver({ files, shell }: Tools): Bases {
  // Debian's and Ubuntu's /bin is a link; here its programs are at both paths.
  const usr = Object.fromEntries(
    Object.entries(files).flatMap(([path, file]): [string, ImageFile][] =>
      path.startsWith('/bin/') && 'link' in file ? [[`/usr${path}`, { link: path }]] : [],
    ),
  )
  const bash: Files = { '/bin/bash': { program: shell }, '/usr/bin/bash': { link: '/bin/bash' } }
  const debianLike = (release: Files, accounts: readonly Account[]): Files => ({
    ...files,
    ...usr,
    ...bash,
    ...people('/bin/bash', accounts),
    ...release,
  })
  return {
    alpine: (version, accounts = []) => ({
      ...files,
      ...people('/bin/sh', accounts),
      '/etc/alpine-release': { text: `${version}\n` },
      '/etc/os-release': {
        text: release({
          NAME: '"Alpine Linux"',
          ID: 'alpine',
          VERSION_ID: version,
          PRETTY_NAME: `"Alpine Linux v${version.split('.').slice(0, 2).join('.')}"`,
          HOME_URL: '"https://alpinelinux.org/"',
        }),
      },
    }),
    debian: (version, codename, accounts = []) =>
      debianLike(
        {
          '/etc/debian_version': { text: `${version}\n` },
          '/etc/os-release': {
            text: release({
              PRETTY_NAME: `"Debian GNU/Linux ${version.split('.')[0]} (${codename})"`,
              NAME: '"Debian GNU/Linux"',
              VERSION_ID: `"${version.split('.')[0]}"`,
              VERSION_CODENAME: codename,
              ID: 'debian',
              HOME_URL: '"https://www.debian.org/"',
            }),
          },
        },
        accounts,
      ),
    ubuntu: (version, codename) =>
      debianLike(
        {
          '/etc/os-release': {
            text: release({
              PRETTY_NAME: `"Ubuntu ${version} LTS"`,
              NAME: '"Ubuntu"',
              VERSION_ID: `"${version}"`,
              VERSION_CODENAME: codename,
              ID: 'ubuntu',
              ID_LIKE: 'debian',
              HOME_URL: '"https://www.ubuntu.com/"',
            }),
          },
        },
        [],
      ),
  }
}

const release = (fields: Readonly<Record<string, string>>): string =>
  Object.entries(fields)
    .map(([name, value]) => `${name}=${value}\n`)
    .join('')

function people(shell: string, accounts: readonly Account[]): Files {
  const all = [{ name: 'root', uid: 0, gid: 0, home: '/root', shell }, ...accounts, NOBODY]
  const lines = all.map(
    ({ name, uid, gid, home, shell: own = '/sbin/nologin' }) => `${name}:x:${uid}:${gid}:${name}:${home}:${own}\n`,
  )
  return {
    '/etc/passwd': { text: lines.join('') },
    '/etc/group': { text: all.map(({ name, gid }) => `${name}:x:${gid}:\n`).join('') },
  }
}

const NOBODY: Account = { name: 'nobody', uid: 65_534, gid: 65_534, home: '/' }
