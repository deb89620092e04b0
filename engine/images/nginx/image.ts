import type { Image } from '../../containers/contract.ts'
import type { Bases, Files } from '../bases/bases.ts'
import { curlFiles } from '../curl/image.ts'
import { nginxFiles } from './files.ts'
import { entrypoint, MEMORY_AT_REST, nginx } from './nginx.ts'

/** Branches with what else names them. */
const VERSIONS: readonly (readonly [version: string, others: readonly string[], sizes: readonly [number, number]])[] = [
  ['1.25.5', ['1.25'], [70_500_000, 17_700_000]],
  ['1.26.3', ['1.26'], [71_900_000, 19_900_000]],
  ['1.27.5', ['1.27'], [72_400_000, 20_300_000]],
  ['1.28.0', ['1.28', 'stable'], [72_500_000, 20_700_000]],
  ['1.29.3', ['1.29', '1', 'mainline', 'latest'], [59_900_000, 21_100_000]],
]

export function nginxImages(bases: Bases): readonly Image[] {
  const account = { name: 'nginx', uid: 101, gid: 101, home: '/nonexistent' }
  const debian = bases.debian('12.11', 'bookworm', [account])
  const alpine = bases.alpine('3.21.3', [account])
  const image = (version: string, tags: readonly string[], size: number, base: Files): Image => ({
    repository: 'nginx',
    tags,
    size,
    entrypoint: ['/docker-entrypoint.sh'],
    command: ['nginx', '-g', 'daemon off;'],
    env: { PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin', NGINX_VERSION: version },
    ports: [80],
    stopSignal: 'SIGQUIT',
    memory: MEMORY_AT_REST,
    files: {
      ...base,
      ...curlFiles,
      ...nginxFiles,
      '/usr/sbin/nginx': { program: nginx(version) },
      '/docker-entrypoint.sh': { program: entrypoint },
    },
  })
  return VERSIONS.flatMap(([version, others, [size, small]]) => {
    const tags = [version, ...others]
    const alpineTags = tags.map((tag) => (tag === 'latest' ? 'alpine' : `${tag}-alpine`))
    return [image(version, tags, size, debian), image(version, alpineTags, small, alpine)]
  })
}
