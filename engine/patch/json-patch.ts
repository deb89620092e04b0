import { deepEqual } from '../objects/equal.ts'
import { type Path, setIn, withField } from '../objects/paths.ts'
import { jsonTypeName } from './go-format.ts'
import { PatchError } from './patch-error.ts'

/** One step of a JSON Patch (RFC 6902), as it came: what is missing shows when it is applied. */
export interface JsonPatchOperation {
  readonly op?: string
  readonly path?: string
  readonly from?: string
  readonly value?: unknown
}

export interface DecodedJsonPatch {
  readonly operations: readonly JsonPatchOperation[]
  /** What strict field validation refuses and the other kind warns of. */
  readonly strictErrors: readonly string[]
}

/** Operations in one patch that the API server takes. */
export const maxOperations = 10_000
/** Bytes that the `copy` operations of one patch may add. */
export const maxCopiedBytes = 3 * 1024 * 1024

const known: ReadonlySet<string> = new Set(['op', 'path', 'from', 'value'])

/** @throws PatchError `badRequest` or `tooLarge`, with upstream's sentence. */
export function decodeJsonPatch(body: unknown): DecodedJsonPatch {
  if (!Array.isArray(body)) throw undecodable(body, 'value of type []handlers.jsonPatchOp')
  const strictErrors: string[] = []
  const operations = body.map((item: unknown, index): JsonPatchOperation => {
    if (item === null) return {}
    if (typeof item !== 'object' || Array.isArray(item)) throw undecodable(item, 'value of type handlers.jsonPatchOp')
    const operation = item as Record<string, unknown>
    for (const [field, value] of Object.entries(operation)) {
      if (!known.has(field)) strictErrors.push(`json patch unknown field "[${index}].${field}"`)
      else if (field !== 'value' && value !== null && typeof value !== 'string') {
        throw undecodable(value, `struct field jsonPatchOp.${field} of type string`)
      }
    }
    return Object.fromEntries(Object.entries(operation).filter(([field, value]) => field === 'value' || value !== null))
  })
  if (operations.length > maxOperations) {
    const sentence = `The allowed maximum operations in a JSON patch is ${maxOperations}, got ${operations.length}`
    throw new PatchError('tooLarge', sentence)
  }
  return { operations, strictErrors }
}

function undecodable(value: unknown, into: string): PatchError {
  return new PatchError(
    'badRequest',
    `error decoding patch: json: cannot unmarshal ${jsonTypeName(value)} into Go ${into}`,
  )
}

/**
 * The document with the operations applied in order; the document given is left as it is.
 * Goes by the library that the API server uses (evanphx/json-patch 4), where it is more lenient than the RFC too: negative indexes count from the
 * end, and replacing a key that is not there sets it.
 * @throws PatchError `unprocessable` with upstream's sentence.
 */
export function applyJsonPatch<T>(document: T, operations: readonly JsonPatchOperation[]): T {
  let current: unknown = document
  let copied = 0
  for (const operation of operations) {
    switch (operation.op) {
      case 'add':
        current = add(current, operation)
        break
      case 'remove':
        current = remove(current, operation)
        break
      case 'replace':
        current = replace(current, operation)
        break
      case 'move':
        current = move(current, operation)
        break
      case 'test':
        test(current, operation)
        break
      case 'copy': {
        const result = copy(current, operation, copied)
        current = result.document
        copied = result.copied
        break
      }
      default:
        throw refuse(`Unexpected kind: ${operation.op ?? 'unknown'}`)
    }
  }
  return current as T
}

const missing = 'missing value'
const badIndex = (index: number): string => `Unable to access invalid index: ${index}: invalid index referenced`
const refuse = (sentence: string): PatchError => new PatchError('unprocessable', sentence)

type Container = Readonly<Record<string, unknown>> | readonly unknown[]

/** Where an operation works: a key of a map or an index of a list that exists. */
interface Place {
  readonly document: unknown
  readonly parent: Path
  readonly container: Container
  readonly key: string
}

function add(document: unknown, { path, value }: JsonPatchOperation): unknown {
  if (path === undefined) throw refuse(`add operation failed to decode path: ${missing}`)
  const place = find(document, path)
  if (place === undefined) throw refuse(`add operation does not apply: doc is missing path: "${path}": ${missing}`)
  return within(`error in add for path: '${path}'`, () => addAt(place, value ?? null))
}

function remove(document: unknown, { path }: JsonPatchOperation): unknown {
  if (path === undefined) throw refuse(`remove operation failed to decode path: ${missing}`)
  const place = find(document, path)
  if (place === undefined) throw refuse(`remove operation does not apply: doc is missing path: "${path}": ${missing}`)
  return within(`error in remove for path: '${path}'`, () => removeAt(place))
}

function replace(document: unknown, { path, value }: JsonPatchOperation): unknown {
  if (path === undefined) {
    throw refuse(`replace operation failed to decode path: operation missing path field: ${missing}`)
  }
  if (path === '') {
    if (value === undefined) throw refuse(`replace operation value must be object or array: ${missing}`)
    // Upstream loses the error that a plain value should be.
    return typeof value === 'object' && value !== null ? value : document
  }
  const place = find(document, path)
  if (place === undefined) throw refuse(`replace operation does not apply: doc is missing path: ${path}: ${missing}`)
  const { container, key } = place
  if (!isList(container)) return setIn(document, place.parent, withField(container, key, value ?? null))
  const index = existingIndex(container, key)
  if (typeof index === 'string')
    throw refuse(`replace operation does not apply: doc is missing key: ${path}: ${missing}`)
  return setIn(document, place.parent, container.with(index, value ?? null))
}

function move(document: unknown, { from, path }: JsonPatchOperation): unknown {
  if (from === undefined)
    throw refuse(`move operation failed to decode from: operation, missing from field: ${missing}`)
  const source = find(document, from)
  if (source === undefined) throw refuse(`move operation does not apply: doc is missing from path: ${from}: ${missing}`)
  const { value, without } = within(`error in move for path: '${source.key}'`, () => ({
    value: valueAt(source),
    without: removeAt(source),
  }))
  if (path === undefined) throw refuse(`move operation failed to decode path: operation missing path field: ${missing}`)
  const target = find(without, path)
  if (target === undefined) {
    throw refuse(`move operation does not apply: doc is missing destination path: ${path}: ${missing}`)
  }
  return within(`error in move for path: '${path}'`, () => addAt(target, value ?? null))
}

function test(document: unknown, { path, value }: JsonPatchOperation): void {
  if (path === undefined) throw refuse(`test operation failed to decode path: operation missing path field: ${missing}`)
  const failed = refuse(`testing value ${path} failed: test failed`)
  if (path === '') {
    if (!deepEqual(document, value)) throw failed
    return
  }
  const place = find(document, path)
  if (place === undefined) throw refuse(`test operation does not apply: is missing path: ${path}: ${missing}`)
  const found = within(`error in test for path: '${path}'`, () => valueAt(place))
  if (!deepEqual(found ?? null, value ?? null)) throw failed
}

function copy(
  document: unknown,
  { from, path }: JsonPatchOperation,
  copiedBefore: number,
): { document: unknown; copied: number } {
  if (from === undefined)
    throw refuse(`copy operation failed to decode from: operation, missing from field: ${missing}`)
  const source = find(document, from)
  if (source === undefined) throw refuse(`copy operation does not apply: doc is missing from path: ${from}: ${missing}`)
  const value = within(`error in copy for from: '${from}'`, () => valueAt(source))
  if (path === undefined) throw refuse(`copy operation failed to decode path: ${missing}`)
  const target = find(document, path)
  if (target === undefined) {
    throw refuse(`copy operation does not apply: doc is missing destination path: ${path}: ${missing}`)
  }
  const copied = copiedBefore + (value === undefined || value === null ? 0 : bytesOf(value))
  if (copied > maxCopiedBytes) {
    throw refuse(
      `Unable to complete the copy, the accumulated size increase of copy is ${copied}, exceeding the limit ${maxCopiedBytes}`,
    )
  }
  return { document: within('error while adding value during copy', () => addAt(target, value ?? null)), copied }
}

function bytesOf(value: unknown): number {
  return new TextEncoder().encode(JSON.stringify(value)).length
}

/** Everything but the last part of the pointer must lead through maps and lists that are there. */
function find(document: unknown, pointer: string): Place | undefined {
  const parts = pointer.split('/')
  if (parts.length < 2) return undefined
  const parent: (string | number)[] = []
  let container: unknown = document
  for (const part of parts.slice(1, -1)) {
    const step = stepInto(container, decodePart(part))
    if (step === undefined) return undefined
    parent.push(step)
    container = (container as Record<string | number, unknown>)[step]
  }
  if (typeof container !== 'object' || container === null) return undefined
  return { document, parent, container: container as Container, key: decodePart(parts.at(-1) ?? '') }
}

function stepInto(container: unknown, part: string): string | number | undefined {
  if (typeof container !== 'object' || container === null) return undefined
  if (!isList(container as Container)) return Object.hasOwn(container, part) ? part : undefined
  const index = existingIndex(container as readonly unknown[], part)
  return typeof index === 'string' ? undefined : index
}

const decodePart = (part: string): string => part.replaceAll('~1', '/').replaceAll('~0', '~')

function isList(container: Container): container is readonly unknown[] {
  return Array.isArray(container)
}

/** The index that a part of a pointer names, or the sentence that says why it names none. */
function existingIndex(list: readonly unknown[], part: string): number | string {
  const index = parseIndex(part)
  if (typeof index === 'string') return index
  if (index >= list.length || index < -list.length) return badIndex(index)
  return index < 0 ? index + list.length : index
}

function parseIndex(part: string): number | string {
  if (!/^[+-]?[0-9]+$/.test(part)) return `strconv.Atoi: parsing ${JSON.stringify(part)}: invalid syntax`
  const index = Number(part)
  return Number.isSafeInteger(index) ? index : `strconv.Atoi: parsing ${JSON.stringify(part)}: value out of range`
}

function valueAt({ container, key }: Place): unknown {
  if (!isList(container)) return Object.hasOwn(container, key) ? container[key] : undefined
  const index = existingIndex(container, key)
  if (typeof index === 'string') throw refuse(index)
  return container[index]
}

function addAt({ document, parent, container, key }: Place, value: unknown): unknown {
  if (!isList(container)) return setIn(document, parent, withField(container, key, value))
  if (key === '-') return setIn(document, parent, [...container, value])
  const index = parseIndex(key)
  if (typeof index === 'string') throw refuse(`value was not a proper array index: '${key}': ${index}`)
  const places = container.length + 1
  if (index >= places || index < -places) throw refuse(badIndex(index))
  return setIn(document, parent, container.toSpliced(index < 0 ? index + places : index, 0, value))
}

function removeAt({ document, parent, container, key }: Place): unknown {
  if (!isList(container)) {
    if (!Object.hasOwn(container, key)) throw refuse(`Unable to remove nonexistent key: ${key}: ${missing}`)
    const { [key]: _, ...rest } = container
    return setIn(document, parent, rest)
  }
  const index = existingIndex(container, key)
  if (typeof index === 'string') throw refuse(index)
  return setIn(document, parent, container.toSpliced(index, 1))
}

function within<T>(where: string, act: () => T): T {
  try {
    return act()
  } catch (error) {
    if (error instanceof PatchError) throw refuse(`${where}: ${error.message}`)
    throw error
  }
}
