/** Reading and copy-on-write writing inside frozen JSON: what is not on the path is shared with the original. */
export type Step = string | number
export type Path = readonly Step[]

type Container = Record<Step, unknown> | readonly unknown[]

function isContainer(value: unknown): value is Container {
  return typeof value === 'object' && value !== null
}

function child(value: unknown, step: Step): unknown {
  if (!isContainer(value)) return undefined
  if (Array.isArray(value)) return typeof step === 'number' ? value[step] : undefined
  return Object.hasOwn(value, step) ? (value as Record<Step, unknown>)[step] : undefined
}

export function getIn(value: unknown, path: Path): unknown {
  let current = value
  for (const step of path) current = child(current, step)
  return current
}

/** A copy with `next` at the path; maps on the way are made where they are missing. The same object if nothing changes. */
export function setIn<T>(value: T, path: Path, next: unknown): T {
  return write(value, path, 0, next) as T
}

/** A copy without what the path names. The same object if it is not there. A list closes the gap. */
export function removeIn<T>(value: T, path: Path): T {
  const parent = getIn(value, path.slice(0, -1))
  const last = path.at(-1)
  if (last === undefined || !isContainer(parent)) return value
  if (Array.isArray(parent)) {
    if (typeof last !== 'number' || last < 0 || last >= parent.length) return value
    return setIn(value, path.slice(0, -1), parent.toSpliced(last, 1))
  }
  if (!Object.hasOwn(parent, last)) return value
  const { [last]: _, ...rest } = parent as Record<Step, unknown>
  return setIn(value, path.slice(0, -1), rest)
}

function write(value: unknown, path: Path, at: number, next: unknown): unknown {
  const step = path[at]
  if (step === undefined) return next
  const before = child(value, step)
  const after = write(before, path, at + 1, next)
  if (after === before && before !== undefined) return value
  if (Array.isArray(value) && typeof step === 'number') {
    const copy = value.slice()
    copy[step] = after
    return copy
  }
  return withField(
    isContainer(value) && !Array.isArray(value) ? (value as Record<string, unknown>) : {},
    String(step),
    after,
  )
}

/** A copy with one own field set, `__proto__` included. */
export function withField(
  fields: Readonly<Record<string, unknown>>,
  key: string,
  value: unknown,
): Record<string, unknown> {
  const copy = { ...fields }
  setField(copy, key, value)
  return copy
}

/** Sets an own field of a fresh map; a key named `__proto__` is data here, never a prototype. */
export function setField(fields: Record<string, unknown>, key: string, value: unknown): void {
  if (key === '__proto__')
    Object.defineProperty(fields, key, { value, enumerable: true, configurable: true, writable: true })
  else fields[key] = value
}

/** JSON Pointer (RFC 6901) to its unescaped parts; undefined where the text is no pointer. */
export function parsePointer(pointer: string): string[] | undefined {
  if (pointer === '') return []
  if (!pointer.startsWith('/')) return undefined
  return pointer
    .slice(1)
    .split('/')
    .map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'))
}

export function formatPointer(path: Path): string {
  return path.map((step) => `/${String(step).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('')
}
