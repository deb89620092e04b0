import { imageTag } from '../../kinds/pod/image.ts'

/** Why an image's name is none, in the distribution project's words; undefined if it is one. */
export function imageNameError(image: string): string | undefined {
  if (/^[a-f0-9]{64}$/.test(image) || imageTag(image) !== '' || image.includes('@sha256:')) return undefined
  const remainder = withoutHost(image)
  const name = remainder.replace(/[:@].*$/, '')
  const why =
    name !== name.toLowerCase()
      ? `invalid reference format: repository name (${image.includes('/') ? name : `library/${name}`}) must be lowercase`
      : 'invalid reference format'
  return `couldn't parse image name "${image}": ${why}`
}

/** `nginx` to `docker.io/library/nginx:latest`: as containerd names it. */
export function fullName(image: string): string {
  const tagged = /(?::[\w][\w.-]*|@[A-Za-z0-9+._-]+:[0-9a-fA-F]+)$/.test(withoutHost(image)) ? image : `${image}:latest`
  if (hostOf(image) !== undefined) return tagged
  return image.includes('/') ? `docker.io/${tagged}` : `docker.io/library/${tagged}`
}

/** The registry that is named; undefined where it is Docker Hub's by default. */
export function hostOf(image: string): string | undefined {
  const slash = image.indexOf('/')
  const first = slash < 0 ? '' : image.slice(0, slash)
  // A repository has no capitals: what has some can only be a host
  return /[.:A-Z]/.test(first) || first === 'localhost' ? first : undefined
}

function withoutHost(image: string): string {
  const host = hostOf(image)
  return host === undefined ? image : image.slice(host.length + 1)
}

/** Registries that answer from anywhere. */
const KNOWN_HOSTS: ReadonlySet<string> = new Set(['docker.io', 'registry.k8s.io', 'quay.io', 'gcr.io', 'ghcr.io'])

/** containerd asks a node's own registry in the clear: who gives it a port has no certificate for it. */
function unreachable(host: string): { scheme: 'http' | 'https'; why: string } {
  const name = host.replace(/:\d+$/, '')
  const isOwn = name === 'localhost' || /^127\./.test(name)
  const scheme = isOwn && name !== host ? 'http' : 'https'
  const port = name === host ? '443' : host.slice(name.length + 1)
  if (isOwn) {
    return { scheme, why: ` ${name === 'localhost' ? '[::1]' : name}:${port}: connect: connection refused` }
  }
  if (/^[\d.]+$/.test(name)) return { scheme, why: ` ${name}:${port}: i/o timeout` }
  return { scheme, why: `: lookup ${name}: no such host` }
}

/**
 * Why an image cannot be pulled that is nowhere, in containerd's words. A code that says nothing is left out, as the kubelet does.
 * `hasRepository`: other tags of it there are.
 */
export function pullError(image: string, hasRepository: boolean): string {
  const full = fullName(image)
  const host = hostOf(full) ?? 'docker.io'
  const start = `failed to pull and unpack image "${full}": failed to resolve reference "${full}": `
  const repository = withoutHost(full).replace(/(?:@.*|:[\w][\w.-]*)$/, '')
  const tag = full.slice(host.length + 1 + repository.length + 1)
  if (!KNOWN_HOSTS.has(host)) {
    const { scheme, why } = unreachable(host)
    return `${start}failed to do request: Head "${scheme}://${host}/v2/${repository}/manifests/${tag}": dial tcp${why}`
  }
  if (hasRepository || host === 'registry.k8s.io' || host === 'gcr.io') {
    return `rpc error: code = NotFound desc = ${start}${full}: not found`
  }
  if (host === 'docker.io') {
    return `${start}pull access denied, repository does not exist or may require authorization: server message: insufficient_scope: authorization failed`
  }
  if (host === 'quay.io') {
    return `${start}unexpected status from HEAD request to https://quay.io/v2/${repository}/manifests/${tag}: 401 UNAUTHORIZED`
  }
  return `${start}failed to authorize: failed to fetch anonymous token: unexpected status from GET request to https://${host}/token?scope=repository%3A${encodeURIComponent(repository)}%3Apull&service=${host}: 403 Forbidden`
}
