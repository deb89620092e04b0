import type { Image, ImageFile, Process, Program } from '../../containers/contract.ts'
import type { Bases } from '../bases/bases.ts'
import { CURL_VERSION, curl } from './curl.ts'

/** For images that have it. */
export const curlFiles: Readonly<Record<string, ImageFile>> = { '/usr/bin/curl': { program: curl } }

export function curlImages(bases: Bases): readonly Image[] {
  const image: Omit<Image, 'repository'> = {
    tags: [CURL_VERSION, '8.14', '8.15.0', '8.16.0', '8.17.0', 'latest'],
    size: 9_600_000,
    entrypoint: ['/entrypoint.sh'],
    command: ['curl'],
    env: { PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin' },
    workingDir: '/home/curl_user',
    user: 'curl_user',
    memory: 1_000_000,
    files: {
      ...bases.alpine('3.22.1', [{ name: 'curl_user', uid: 100, gid: 101, home: '/home/curl_user' }]),
      ...curlFiles,
      '/home/curl_user': { directory: true, uid: 100 },
      '/entrypoint.sh': { program: entrypoint },
    },
  }
  return ['curlimages/curl', 'quay.io/curl/curl'].map((repository) => ({ repository, ...image }))
}

/** Runs a program that it is given, and takes options for curl's. */
const entrypoint: Program = async (process) => {
  const args = process.argv.slice(1)
  const [first] = args
  const argv = first === undefined || first.startsWith('-') || !isProgram(process, first) ? ['curl', ...args] : args
  return process.exec(argv)
}

const isProgram = ({ files, env }: Process, name: string): boolean =>
  name.includes('/')
    ? files.exists(name)
    : (env.get('PATH') ?? '').split(':').some((directory) => files.exists(`${directory}/${name}`))
