/** Names of images as the distribution project's `reference` package normalizes them: `nginx` is `docker.io/library/nginx`. */
const alphanumeric = '[a-z0-9]+'
const separator = '(?:[._]|__|[-]+)'
const component = `${alphanumeric}(?:${separator}${alphanumeric})*`
const hostLabel = '(?:[a-zA-Z0-9]|[a-zA-Z0-9][a-zA-Z0-9-]*[a-zA-Z0-9])'
const host = `(?:${hostLabel}(?:\\.${hostLabel})*|\\[(?:[a-fA-F0-9:]+)\\])(?::[0-9]+)?`
const digest = '[A-Za-z][A-Za-z0-9]*(?:[-_+.][A-Za-z][A-Za-z0-9]*)*[:][0-9A-Fa-f]{32,}'
const reference = new RegExp(
  `^(?:${host}/)?${component}(?:/${component})*(?::([\\w][\\w.-]{0,127}))?(?:@(${digest}))?$`,
)
const longestName = 255

/** The tag that a container's image is pulled by: `latest` if it names neither tag nor digest, '' if the name is no image's. */
export function imageTag(image: string): string {
  if (/^[a-f0-9]{64}$/.test(image)) return ''
  const match = reference.exec(normalized(image))
  if (match === null || image.length > longestName + 128) return ''
  const [, tag = '', hash = ''] = match
  return tag === '' && hash === '' ? 'latest' : tag
}

function normalized(image: string): string {
  const slash = image.indexOf('/')
  const first = slash < 0 ? '' : image.slice(0, slash)
  const isHost = /[.:]/.test(first) || first === 'localhost' || first.toLowerCase() !== first
  if (isHost) return image
  return slash < 0 ? `docker.io/library/${image}` : `docker.io/${image}`
}
