import type { Image } from '../../containers/contract.ts'
import type { Bases } from '../bases/bases.ts'
import { curlFiles } from '../curl/image.ts'
import { podcli } from './podcli.ts'
import { podinfo } from './podinfo.ts'
import { MEMORY_AT_REST } from './router.ts'

/** Which Go each was built with. */
const VERSIONS: readonly (readonly [version: string, go: string])[] = [
  ['6.9.2', 'go1.25.1'],
  ['6.9.1', 'go1.24.5'],
  ['6.9.0', 'go1.24.3'],
  ['6.8.0', 'go1.24.0'],
  ['6.7.1', 'go1.23.1'],
  ['6.7.0', 'go1.22.5'],
]

function image(bases: Bases, repository: string, version: string, goVersion: string): Image {
  return {
    repository,
    tags: [version, ...(version === VERSIONS[0]?.[0] ? ['latest'] : [])],
    size: 24_300_000,
    command: ['./podinfo'],
    env: { PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin' },
    workingDir: '/home/app',
    user: 'app',
    memory: MEMORY_AT_REST,
    files: {
      ...bases.alpine('3.22.1', [{ name: 'app', uid: 100, gid: 101, home: '/home/app' }]),
      ...curlFiles,
      '/home/app': { directory: true, uid: 100 },
      '/home/app/podinfo': { program: podinfo(version, goVersion) },
      '/usr/local/bin/podcli': { program: podcli(version) },
    },
  }
}

export function podinfoImages(bases: Bases): readonly Image[] {
  return ['ghcr.io/stefanprodan/podinfo', 'stefanprodan/podinfo'].flatMap((repository) =>
    VERSIONS.map(([version, go]) => image(bases, repository, version, go)),
  )
}
