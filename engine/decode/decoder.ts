import type { GroupVersionKind } from '../kinds/resource.ts'
import { goQuote } from '../objects/go-quote.ts'
import { badRequest, StatusError, unclassified } from '../objects/status-error.ts'
import type { Json, NewObject } from '../objects/types.ts'
import { openEnvelope } from '../protobuf/envelope.ts'
import { decodeMessage } from '../protobuf/message.ts'
import { ProtobufError } from '../protobuf/wire.ts'
import { Canonicalizer, Mismatch, membersOf, type Tally } from './canonical.ts'
import type {
  ApplyDocument,
  BodyRequest,
  CustomDecode,
  Decoded,
  Decoder,
  FieldValidation,
  PatchDocument,
  PatchedRequest,
  PatchType,
} from './contract.ts'
import { DecodeFailure, decodeExactly, duplicateFields, type Exact } from './exact.ts'
import { GoTypes, type StructType } from './go-types.ts'
import {
  type Identity,
  IdentityError,
  identify,
  internalName,
  parseApiVersion,
  parseFault,
  versionText,
  withDefaults,
} from './identity.ts'
import { type JsonNode, JsonSyntaxError, parseJson, plain } from './json-document.ts'
import { nodeOf } from './json-node.ts'
import { decodeText, formatOf, summary } from './media.ts'
import { parseApply, parsedOrUndefined, parsePatch } from './patch-body.ts'
import { refusedPatch } from './refused-patch.ts'
import { scanJson } from './scan-json.ts'
import { ConversionFailure, checkConversion } from './unstructured.ts'
import { parseYaml, YamlError } from './yaml.ts'

/** What upstream's scheme calls itself in its errors. */
const SCHEME = 'pkg/runtime/scheme.go:110'
/** Levels of nesting that are read: fewer than upstream's 10,000, so that no later step runs out of stack. */
const MAX_DEPTH = 1_000

/** A body's object before it is known whether the door takes it. */
interface Read {
  readonly identity: Identity
  readonly object: Record<string, unknown>
  readonly strictErrors: readonly string[]
}

/** A body whose kind is known and that still cannot be read. */
class Unreadable extends Error {
  readonly identity: Identity

  constructor(identity: Identity, message: string) {
    super(message)
    this.identity = identity
  }
}

/** Bodies of requests → objects, over the recorded types. */
export class BodyDecoder implements Decoder {
  private readonly types = new GoTypes()
  private readonly canonicalizer = new Canonicalizer()

  decode(request: BodyRequest): Decoded {
    const { expected, fieldValidation, alsoVersions = [] } = request
    return this.told(request, () => {
      const read = this.read(request)
      const { identity, strictErrors } = read
      const refused = strictErrors.length > 0 && fieldValidation === 'Strict'
      if (identity.kind !== expected.kind || identity.group !== expected.group) {
        const also = alsoVersions.some(({ group }) => group === identity.group)
        if (identity.kind !== expected.kind || !also)
          throw new Unreadable(identity, this.conversionFault(identity, expected))
      }
      if (refused) throw new Unreadable(identity, strictText(strictErrors))
      mustBeVersion(identity, expected, alsoVersions)
      return decoded(read, fieldValidation)
    })
  }

  decodeCustom(request: BodyRequest, custom: CustomDecode): Decoded {
    const { expected, fieldValidation, body } = request
    return this.told(request, () => {
      const format = formatOf(request.contentType)
      if (format === 'protobuf') {
        throw new StatusError(
          406,
          'NotAcceptable',
          'object *unstructured.Unstructured does not implement the protobuf message interface and cannot be encoded to a protobuf message',
        )
      }
      const { said, value, duplicates } = readUntyped(body, format)
      if (said.kind === '') throw new Unreadable(said, `Object 'Kind' is missing in '${decodeText(body)}'`)
      const unknown = custom(value)
      const strictErrors = fieldValidation === 'Ignore' ? [] : [...duplicates, ...unknown.strictErrors]
      if (strictErrors.length > 0 && fieldValidation === 'Strict') throw new Unreadable(said, strictText(strictErrors))
      mustBeVersion(said, expected, [])
      return { object: unknown.object, gvk: said, warnings: strictErrors.flatMap(warningsOf) }
    })
  }

  deleteOptions({ contentType, body }: Pick<BodyRequest, 'contentType' | 'body'>) {
    if (body.length === 0) return undefined
    const expected = { group: 'meta.k8s.io', version: 'v1', kind: 'DeleteOptions' }
    try {
      const { identity, object } = this.read({ contentType, body, expected, fieldValidation: 'Ignore' })
      const { kind: _, apiVersion: __, ...options } = object
      if (identity.kind === 'DeleteOptions') return options as Readonly<Record<string, Json>>
      throw unclassified('decoded object cannot be converted to DeleteOptions')
    } catch (error) {
      throw error instanceof StatusError ? error : unclassified(messageOf(error))
    }
  }

  patch(type: PatchType, body: Uint8Array, fieldValidation: FieldValidation): PatchDocument {
    return parsePatch(type, body, fieldValidation)
  }

  fromPatched(request: PatchedRequest): Decoded {
    const { patch, expected, fieldValidation } = request
    const value = request.value as unknown
    const strictErrors = [...patch.strictErrors]
    try {
      const identity = this.identityOf(value, expected)
      const type = this.typeOf(identity, expected)
      const tally: Tally = { members: 0 }
      let object = this.attempt(value, type, tally)
      const all = object !== undefined && !tally.inexact && tally.members === membersOf(value)
      if (!all && patch.type === 'strategic-merge-patch') strictErrors.push(...checkConversion(value, type))
      else if (!all) {
        const exact = decodeExactly(nodeOf(value), type)
        strictErrors.push(...exact.strictErrors)
      }
      object ??= this.canonicalizer.canonical(value, type)
      if (strictErrors.length > 0 && fieldValidation === 'Strict') throw new DecodeFailure(strictText(strictErrors))
      if (identity.kind !== expected.kind || identity.group !== expected.group) {
        throw new DecodeFailure(this.conversionFault(identity, expected))
      }
      return decoded({ identity, object, strictErrors }, fieldValidation)
    } catch (error) {
      throw isFault(error) ? refusedPatch(patch, request.value, messageOf(error)) : error
    }
  }

  fromPatchedCustom(request: PatchedRequest, custom: CustomDecode): Decoded {
    const { patch, expected, fieldValidation } = request
    const gvk = this.identityOf(request.value, expected)
    const { object, strictErrors: unknown } = custom(request.value as unknown as NewObject)
    const strictErrors = fieldValidation === 'Ignore' ? [] : [...patch.strictErrors, ...unknown]
    if (strictErrors.length > 0 && fieldValidation === 'Strict') {
      throw refusedPatch(patch, request.value, strictText(strictErrors))
    }
    return { object, gvk, warnings: strictErrors.flatMap(warningsOf) }
  }

  apply(body: Uint8Array, fieldValidation: FieldValidation): ApplyDocument {
    return parseApply(body, fieldValidation)
  }

  applied(document: ApplyDocument, value: Json, expected: GroupVersionKind, fieldValidation: FieldValidation): Decoded {
    const { strictError } = document
    try {
      const identity = this.identityOf(value, expected)
      const type = this.typeOf(identity, expected)
      const object = this.attempt(value, type, { members: 0 })
      if (object === undefined) {
        checkConversion(value, type)
        throw new Mismatch()
      }
      if (strictError !== undefined && fieldValidation === 'Strict') {
        throw badRequest(`error strict decoding YAML: ${strictError}`)
      }
      const strictErrors = strictError === undefined ? [] : [strictError]
      return decoded({ identity, object, strictErrors }, fieldValidation)
    } catch (error) {
      throw isFault(error) ? unclassified(messageOf(error)) : error
    }
  }

  canonical(value: Json, gvk: GroupVersionKind): NewObject {
    try {
      const type = this.typeOf(gvk, gvk)
      const object =
        this.attempt(value, type, { members: 0 }) ??
        this.canonicalizer.canonical(decodeExactly(nodeOf(value), type).value, type)
      return named(object, gvk)
    } catch (error) {
      throw isFault(error) ? badRequest(messageOf(error)) : error
    }
  }

  /** Any of a reading's own errors as the API server tells it. */
  private told<T>(request: BodyRequest, read: () => T): T {
    try {
      return read()
    } catch (error) {
      if (error instanceof StatusError) throw error
      const { kind } = request.expected
      if (error instanceof Unreadable && error.identity.kind !== '') {
        const { identity, message } = error
        throw badRequest(
          `${identity.kind} in version ${goQuote(identity.version)} cannot be handled as a ${kind}: ${message}`,
        )
      }
      if (!isFault(error)) throw error
      throw badRequest(
        `the object provided is unrecognized (must be of type ${kind}): ${messageOf(error)} (${summary(request.body)})`,
      )
    }
  }

  private read(request: BodyRequest): Read {
    const { body, expected, fieldValidation } = request
    switch (formatOf(request.contentType)) {
      case 'protobuf':
        return this.readProtobuf(body, expected)
      case 'yaml': {
        const { node, duplicates } = readYaml(body)
        const read = this.readExactly(node, expected)
        const strictErrors = duplicates === undefined ? read.strictErrors : [duplicates, ...read.strictErrors]
        return { ...read, strictErrors: fieldValidation === 'Ignore' ? [] : strictErrors }
      }
      case 'json': {
        const quick = this.readQuickly(body, expected, fieldValidation)
        if (quick !== undefined) return quick
        const read = this.readExactly(readJson(body), expected)
        return fieldValidation === 'Ignore' ? { ...read, strictErrors: [] } : read
      }
    }
  }

  /** The body if it is all in order, which most are: by the engine's own JSON parser. */
  private readQuickly(
    body: Uint8Array,
    expected: GroupVersionKind,
    fieldValidation: FieldValidation,
  ): Read | undefined {
    const { members, unusual, depth } = scanJson(body)
    if (unusual || depth > MAX_DEPTH) return undefined
    const value = parsedOrUndefined(decodeText(body))
    const said = value as { readonly apiVersion?: unknown; readonly kind?: unknown } | null | undefined
    if (typeof said !== 'object' || said === null) return undefined
    const { apiVersion = '', kind = '' } = said
    if (typeof apiVersion !== 'string' || typeof kind !== 'string') return undefined
    if (apiVersion.split('/').length > 2) return undefined
    const identity = withDefaults({ ...parseApiVersion(apiVersion), kind }, expected)
    const type = this.structOf(identity)
    if (type === undefined) return undefined
    const tally: Tally = { members: 0 }
    const object = this.attempt(value, type, tally)
    if (object === undefined || tally.inexact) return undefined
    if (fieldValidation !== 'Ignore' && tally.members !== members) return undefined
    return { identity, object, strictErrors: [] }
  }

  private readExactly(node: JsonNode, expected: GroupVersionKind): Read {
    const identity = withDefaults(identify(node), expected)
    try {
      const type = this.typeOf(identity, expected)
      const exact: Exact = decodeExactly(node, type)
      const object = this.canonicalizer.canonical(exact.value ?? {}, type)
      return { identity, object, strictErrors: exact.strictErrors }
    } catch (error) {
      throw isFault(error) ? new Unreadable(identity, messageOf(error)) : error
    }
  }

  private readProtobuf(body: Uint8Array, expected: GroupVersionKind): Read {
    const { apiVersion, kind, raw } = openEnvelope(body)
    const said = { ...parseApiVersion(apiVersion), kind }
    const identity = withDefaults(said, expected)
    try {
      const type = this.typeOf(identity, expected)
      const object = this.canonicalizer.canonical(decodeMessage(raw, type), type)
      return { identity, object, strictErrors: [] }
    } catch (error) {
      throw isFault(error) ? new Unreadable(identity, messageOf(error)) : error
    }
  }

  private attempt(value: unknown, type: StructType, tally: Tally): Record<string, unknown> | undefined {
    try {
      return this.canonicalizer.canonical(value, type, tally)
    } catch (error) {
      if (error instanceof Mismatch) return undefined
      throw error
    }
  }

  private identityOf(value: unknown, expected: GroupVersionKind): Identity {
    const { apiVersion, kind } = (value ?? {}) as { apiVersion?: unknown; kind?: unknown }
    if (typeof apiVersion === 'string' && typeof kind === 'string') {
      return withDefaults({ ...parseApiVersion(apiVersion), kind }, expected)
    }
    return withDefaults(identify(nodeOf(value)), expected)
  }

  private structOf({ group, version, kind }: Identity): StructType | undefined {
    // meta.k8s.io has DeleteOptions of its own, and they are those of every group.
    return this.types.kind(group === 'meta.k8s.io' ? '' : group, version, kind)
  }

  private typeOf(identity: Identity, expected: GroupVersionKind): StructType {
    const type = this.structOf(identity)
    if (type !== undefined) return type
    const { kind, ...version } = identity
    if (this.isList(identity)) throw new DecodeFailure(this.conversionFault(identity, expected))
    throw new DecodeFailure(
      `no kind ${goQuote(kind)} is registered for version ${goQuote(versionText(version))} in scheme ${goQuote(SCHEME)}`,
    )
  }

  private isList({ group, version, kind }: Identity): boolean {
    if (!kind.endsWith('List')) return false
    return kind === 'List'
      ? group === '' && version === 'v1'
      : this.types.kind(group, version, kind.slice(0, -4)) !== undefined
  }

  private conversionFault(identity: Identity, expected: GroupVersionKind): string {
    return `converting (${identity.version}.${identity.kind}) to (${internalName(expected)}): unknown conversion`
  }
}

function decoded(read: Read, fieldValidation: FieldValidation): Decoded {
  const { identity, object, strictErrors } = read
  const warnings = fieldValidation === 'Warn' ? strictErrors.flatMap(warningsOf) : []
  return { object: named(object, identity), gvk: identity, warnings }
}

/** With kind and apiVersion, which Go writes first. */
function named(object: Record<string, unknown>, identity: Identity): NewObject {
  const { kind } = identity
  const apiVersion = versionText(identity)
  if (object.kind === kind && object.apiVersion === apiVersion) return object as unknown as NewObject
  const first = { kind, apiVersion }
  return Object.assign({ ...first }, object, first) as unknown as NewObject
}

function mustBeVersion(
  identity: Identity,
  expected: GroupVersionKind,
  also: readonly Pick<GroupVersionKind, 'group' | 'version'>[],
): void {
  const accepted = [expected, ...also]
  if (accepted.some(({ group, version }) => group === identity.group && version === identity.version)) return
  throw badRequest(
    `the API version in the data (${versionText(identity)}) does not match the expected API version (${versionText(expected)})`,
  )
}

const strictText = (errors: readonly string[]): string => `strict decoding error: ${errors.join(', ')}`

/** An error of several lines, as YAML's are, is as many warnings. */
export function warningsOf(strictError: string): string[] {
  const lines = /^(?:error converting YAML to JSON: )?yaml: unmarshal errors:\n([\s\S]*)$/.exec(strictError)?.[1]
  return lines === undefined ? [strictError] : lines.split('\n').map((line) => line.trim())
}

/** What tells of the body, not of the server. */
function isFault(error: unknown): boolean {
  return (
    error instanceof DecodeFailure ||
    error instanceof Mismatch ||
    error instanceof ConversionFailure ||
    error instanceof IdentityError ||
    error instanceof JsonSyntaxError ||
    error instanceof YamlError ||
    error instanceof ProtobufError ||
    error instanceof Unreadable
  )
}

function messageOf(error: unknown): string {
  return error instanceof Mismatch ? 'the value does not fit its type' : (error as Error).message
}

interface Untyped {
  readonly said: Identity
  readonly value: NewObject
  readonly duplicates: readonly string[]
}

/** A body without a Go type: nothing of it is unknown, but members may come twice. */
function readUntyped(body: Uint8Array, format: 'json' | 'yaml'): Untyped {
  if (format === 'yaml') {
    const { node, duplicates } = readYaml(body)
    return {
      said: identify(node),
      value: plain(node) as NewObject,
      duplicates: duplicates === undefined ? [] : [duplicates],
    }
  }
  const { members, depth } = scanJson(body)
  if (depth <= MAX_DEPTH) {
    const value = parsedOrUndefined(decodeText(body)) as NewObject | null | undefined
    const plainly = typeof value?.apiVersion === 'string' && typeof value.kind === 'string'
    if (plainly && membersOf(value) === members) {
      return { said: { ...parseApiVersion(value.apiVersion), kind: value.kind }, value, duplicates: [] }
    }
  }
  const node = readJson(body)
  return { said: identify(node), value: plain(node) as NewObject, duplicates: duplicateFields(node) }
}

function readJson(body: Uint8Array): JsonNode {
  try {
    if (scanJson(body).depth > MAX_DEPTH) throw new JsonSyntaxError('exceeded max depth')
    return parseJson(decodeText(body))
  } catch (error) {
    throw error instanceof JsonSyntaxError ? parseFault(error.message) : error
  }
}

const readYaml = (body: Uint8Array) => parseYaml(decodeText(body))
