import { badRequest } from '../objects/status-error.ts'
import type { Json, NewObject } from '../objects/types.ts'
import { membersOf } from './canonical.ts'
import type { ApplyDocument, FieldValidation, PatchDocument, PatchType } from './contract.ts'
import { DecodeFailure, decodeExactly, duplicateFields } from './exact.ts'
import type { GoField, GoType, StructType } from './go-types.ts'
import { type JsonNode, JsonSyntaxError, parseJson, plain } from './json-document.ts'
import { decodeText } from './media.ts'
import { scanJson } from './scan-json.ts'
import { parseYaml, YamlError } from './yaml.ts'

/** Levels of nesting that are read. */
const MAX_DEPTH = 1_000

/** The body of a JSON patch, a merge patch or a strategic merge patch. @throws StatusError 400 */
export function parsePatch(type: PatchType, body: Uint8Array, fieldValidation: FieldValidation): PatchDocument {
  const text = decodeText(body)
  const scanned = scanJson(body)
  const strict = fieldValidation !== 'Ignore'
  if (type !== 'json-patch' && !scanned.unusual && scanned.depth <= MAX_DEPTH) {
    const value = parsedOrUndefined(text)
    if (value !== undefined && (!strict || membersOf(value) === scanned.members)) {
      return { type, value: value as Json, strictErrors: [] }
    }
  }
  // Upstream reads strategic merges without saying what it reads, and JSON patches by a library of their own unless it is strict.
  const prefix = type === 'strategic-merge-patch' || !strict ? '' : 'error decoding patch: '
  try {
    if (scanned.depth > MAX_DEPTH) throw new JsonSyntaxError('exceeded max depth')
    const node = parseJson(text)
    return { type, value: plain(node) as Json, strictErrors: strict ? strictErrorsOf(type, node) : [] }
  } catch (error) {
    if (!(error instanceof JsonSyntaxError || error instanceof DecodeFailure)) throw error
    throw badRequest(prefix + error.message)
  }
}

function strictErrorsOf(type: PatchType, node: JsonNode): readonly string[] {
  if (type !== 'json-patch') return node.type === 'object' ? duplicateFields(node) : []
  return decodeExactly(node, operations).strictErrors.map((error) => `json patch ${error}`)
}

const operationFields: readonly GoField[] = [
  ...['op', 'path', 'from'].map(
    (name): GoField => ({ name, number: 0, type: { kind: 'string', name: 'string' }, empty: 'kept' }),
  ),
  { name: 'value', number: 0, type: { kind: 'raw', name: 'interface {}' }, empty: 'kept' },
]
const operation: StructType = {
  kind: 'struct',
  name: 'handlers.jsonPatchOp',
  short: 'jsonPatchOp',
  object: false,
  fields: operationFields,
  byName: new Map(operationFields.map((field) => [field.name, field])),
  byNumber: new Map(),
}
const operations: GoType = { kind: 'list', name: '[]handlers.jsonPatchOp', of: operation }

/** The body of a server-side apply: YAML, which JSON is too. @throws StatusError 400 */
export function parseApply(body: Uint8Array, fieldValidation: FieldValidation): ApplyDocument {
  const text = decodeText(body)
  const scanned = scanJson(body)
  if (scanned.depth <= MAX_DEPTH) {
    const value = parsedOrUndefined(text)
    if (isObject(value) && (fieldValidation === 'Ignore' || membersOf(value) === scanned.members)) {
      return { value: value as NewObject, strictError: undefined }
    }
  }
  try {
    const { node, duplicates } = parseYaml(text)
    if (node.type !== 'object' && node.type !== 'null') {
      const fault = `json: cannot unmarshal ${node.type} into Go value of type map[string]interface {}`
      throw new YamlError(`error unmarshaling JSON: while decoding JSON: ${fault}`)
    }
    const strictError =
      duplicates === undefined || fieldValidation === 'Ignore'
        ? undefined
        : `error converting YAML to JSON: ${duplicates}`
    return { value: (plain(node) ?? {}) as NewObject, strictError }
  } catch (error) {
    if (!(error instanceof YamlError)) throw error
    const converting = error.message.startsWith('error ') ? '' : 'error converting YAML to JSON: '
    throw badRequest(`error decoding YAML: ${converting}${error.message}`)
  }
}

/** The value of a JSON text; undefined, which JSON has not, if it is none. */
export function parsedOrUndefined(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

const isObject = (value: unknown): boolean => typeof value === 'object' && value !== null && !Array.isArray(value)
