import { ReaderError } from '../../errors.ts'

const sentences = {
  'docker-not-running': 'Docker is not running: start it and reload this page.',
  'docker-forbidden':
    'This server may not use Docker: add its user to the group "docker", then start the server again.',
  'no-disk-space':
    'The disk of this machine is full: free some space, for example with "docker system prune", and try again.',
  'networks-exhausted':
    'Docker has no network addresses left: remove networks that nobody uses with "docker network prune", and try again.',
  'host-limits':
    'This machine allows too few open files for another cluster: raise fs.inotify.max_user_instances to 1024, and try again.',
  'kind-missing':
    'The command "kind" was not found: install it (https://kind.sigs.k8s.io), or set QUAYSIDE_KIND to its path.',
  'kind-failed': 'The cluster could not be made; the log of the server says why.',
} as const

export type ProviderErrorCode = keyof typeof sentences

const unavailable: readonly ProviderErrorCode[] = ['docker-not-running', 'docker-forbidden', 'kind-missing']

export const providerError = (code: ProviderErrorCode, cause?: unknown) =>
  new ReaderError(code, sentences[code], { status: unavailable.includes(code) ? 503 : 500, cause })

export const imageMissing = (image: string, cause?: unknown) =>
  new ReaderError('image-missing', `The image ${image} is not on this machine and could not be fetched.`, { cause })

/** What Docker's API, its command or kind say, by what it means. In this order: a full disk makes everything else fail too. */
const meanings: readonly (readonly [RegExp, ProviderErrorCode])[] = [
  [/no space left on device|disk quota exceeded/i, 'no-disk-space'],
  [/non-overlapping IPv4 address pool|predefined address pools have been fully subnetted/i, 'networks-exhausted'],
  [/too many open files|inotify_init|inotify watch/i, 'host-limits'],
  [/permission denied.*docker(\.sock| daemon)|docker(\.sock| daemon).*permission denied/i, 'docker-forbidden'],
  [/Cannot connect to the Docker daemon|Is the docker daemon running|error during connect/i, 'docker-not-running'],
]

export const meaningOf = (text: string): ProviderErrorCode | undefined =>
  meanings.find(([pattern]) => pattern.test(text))?.[1]

/** Any error on the way to a cluster, as one sentence for the reader. */
export function readerError(error: unknown): ReaderError {
  if (error instanceof ReaderError) return error
  const { code, message } = error as { code?: unknown; message?: unknown }
  if (code === 'ENOENT' || code === 'ECONNREFUSED' || code === 'ECONNRESET' || code === 'EPIPE') {
    return providerError('docker-not-running', error)
  }
  if (code === 'EACCES' || code === 'EPERM') return providerError('docker-forbidden', error)
  if (code === 'ENOSPC') return providerError('no-disk-space', error)
  return providerError(meaningOf(String(message)) ?? 'kind-failed', error)
}
