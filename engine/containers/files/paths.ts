/** An absolute path's parts, without `.` and empty ones; `..` stays. */
export const partsOf = (path: string): string[] => path.split('/').filter((part) => part !== '' && part !== '.')

export const childOf = (directory: string, name: string): string =>
  directory === '/' ? `/${name}` : `${directory}/${name}`

export function parentOf(path: string): string {
  const slash = path.lastIndexOf('/')
  return slash <= 0 ? '/' : path.slice(0, slash)
}

export const nameOf = (path: string): string => path.slice(path.lastIndexOf('/') + 1)

/** What `path` means in a working directory; not resolved. */
export const absolute = (path: string, cwd: string): string => (path.startsWith('/') ? path : childOf(cwd, path))

/** With `.` and `..` taken out by name alone, as `cd` does it. */
export function normalized(path: string): string {
  const kept: string[] = []
  for (const part of partsOf(path)) {
    if (part === '..') kept.pop()
    else kept.push(part)
  }
  return `/${kept.join('/')}`
}
