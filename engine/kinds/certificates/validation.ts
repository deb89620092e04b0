import { semanticallyEqual } from '../../objects/equal.ts'
import {
  duplicateValue,
  type FieldError,
  forbiddenField,
  invalidValue,
  notSupported,
  requiredValue,
  tooLongValue,
} from '../../objects/field-error.ts'
import { goQuote } from '../../objects/go-quote.ts'
import { dns1123LabelErrors, dns1123SubdomainErrors } from '../../objects/names.ts'
import type { ApiObject } from '../../objects/types.ts'
import { BIT_STRING, readElement, readElements, SEQUENCE } from './der.ts'
import { readPem } from './pem.ts'

export interface RequestCondition {
  readonly type: string
  readonly status?: string
  readonly reason?: string
  readonly message?: string
  readonly lastUpdateTime?: string | null
  readonly lastTransitionTime?: string | null
}

export interface RequestSpec {
  readonly request: string
  readonly signerName: string
  readonly expirationSeconds?: number
  readonly usages?: readonly string[]
  readonly username?: string
  readonly uid?: string
  readonly groups?: readonly string[]
  readonly extra?: Readonly<Record<string, readonly string[]>>
}

export interface RequestStatus {
  readonly conditions?: readonly RequestCondition[]
  readonly certificate?: string
}

/** Why the signature of a PKCS#10 request (DER) does not hold, undefined if it does. */
export type SignatureCheck = (request: Uint8Array) => string | undefined

/** Which door a change comes through, and thereby what it may set. */
export type Door = 'main' | 'status' | 'approval'

const LEGACY_SIGNER = 'kubernetes.io/legacy-unknown'
/** Seconds. */
const SHORTEST = 600
const LONGEST_DOMAIN = 253
const LONGEST_SIGNER = 2 * LONGEST_DOMAIN + 63 + 2
const DECISIONS = ['Approved', 'Denied']
const ONLY_TRUE = ['Approved', 'Denied', 'Failed']
const USAGES = [
  'any',
  'cert sign',
  'client auth',
  'code signing',
  'content commitment',
  'crl sign',
  'data encipherment',
  'decipher only',
  'digital signature',
  'email protection',
  'encipher only',
  'ipsec end system',
  'ipsec tunnel',
  'ipsec user',
  'key agreement',
  'key encipherment',
  'microsoft sgc',
  'netscape sgc',
  'ocsp signing',
  's/mime',
  'server auth',
  'signing',
  'timestamping',
]

export const requestSpecOf = (object: ApiObject): RequestSpec => object.spec as RequestSpec
export const requestStatusOf = (object: ApiObject): RequestStatus => (object.status ?? {}) as RequestStatus

/** What an old object has wrong already is let pass. */
export function requestErrors(object: ApiObject, old: ApiObject | undefined, check: SignatureCheck): FieldError[] {
  const { request, usages = [], signerName, expirationSeconds: seconds } = requestSpecOf(object)
  const before = old === undefined ? undefined : requestSpecOf(old)
  const errors: FieldError[] = []
  const wrong = pkcs10Error(request, check)
  if (wrong !== undefined) errors.push(invalidValue('spec.request', request, wrong))
  if (usages.length === 0) errors.push(requiredValue('spec.usages'))
  const usedBefore = before?.usages ?? []
  if (usedBefore.every((usage) => USAGES.includes(usage))) {
    usages.forEach((usage, index) => {
      if (!USAGES.includes(usage)) errors.push(notSupported(`spec.usages[${index}]`, usage, USAGES))
    })
  }
  if (new Set(usedBefore).size === usedBefore.length) {
    usages.forEach((usage, index) => {
      if (usages.indexOf(usage) < index) errors.push(duplicateValue(`spec.usages[${index}]`, usage))
    })
  }
  if (signerName === LEGACY_SIGNER && before?.signerName !== LEGACY_SIGNER) {
    const why = 'the legacy signerName is not allowed via this API version'
    errors.push(invalidValue('spec.signerName', signerName, why))
  } else errors.push(...signerNameErrors(signerName, 'spec.signerName'))
  if (seconds !== undefined && seconds < SHORTEST) {
    const why = 'may not specify a duration less than 600 seconds (10 minutes)'
    errors.push(invalidValue('spec.expirationSeconds', seconds, why))
  }
  errors.push(...conditionErrors(object, old))
  const { certificate = '' } = requestStatusOf(object)
  if (old === undefined || (requestStatusOf(old).certificate ?? '') !== certificate) {
    const bad = certificateError(certificate)
    if (bad !== undefined) errors.push(invalidValue('status.certificate', '<certificate data>', bad))
  }
  return errors
}

function pkcs10Error(request: string, check: SignatureCheck): string | undefined {
  const [block] = readPem(request)
  if (block?.type !== 'CERTIFICATE REQUEST') return 'PEM block type must be CERTIFICATE REQUEST'
  const outer = readElement(block.bytes)
  if (outer === undefined) return 'asn1: syntax error: data truncated'
  if (outer.tag !== SEQUENCE) return "asn1: structure error: tags don't match"
  if (outer.rest.length > 0) return 'asn1: syntax error: trailing data'
  const parts = readElements(outer.content)
  if (parts === undefined) return 'asn1: syntax error: data truncated'
  const [info, algorithm, signature] = parts
  if (info?.tag !== SEQUENCE || algorithm?.tag !== SEQUENCE || signature?.tag !== BIT_STRING) {
    return "asn1: structure error: tags don't match"
  }
  return check(block.bytes)
}

function certificateError(certificate: string): string | undefined {
  if (certificate === '') return undefined
  const found = readPem(certificate)
  for (const { type, headers, bytes } of found) {
    if (type !== 'CERTIFICATE') return `only CERTIFICATE PEM blocks are allowed, found ${goQuote(type)}`
    if (headers) return 'no PEM block headers are permitted'
    if (bytes.length === 0) return 'found CERTIFICATE PEM block containing 0 certificates'
    if (readElement(bytes)?.tag !== SEQUENCE) return 'x509: malformed certificate'
  }
  return found.length === 0 ? 'must contain at least one CERTIFICATE PEM block' : undefined
}

export function signerNameErrors(name: string, field: string): FieldError[] {
  if (name === '') return [requiredValue(field)]
  const [domain = '', path, ...more] = name.split('/')
  if (path === undefined || more.length > 0) {
    const why = "must be a fully qualified domain and path of the form 'example.com/signer-name'"
    return [invalidValue(field, name, why)]
  }
  const errors: FieldError[] = domain.length > LONGEST_DOMAIN ? [tooLongValue(field, LONGEST_DOMAIN)] : []
  const labels = domain.split('.')
  errors.push(...firstWrong(labels, domain, field, dns1123LabelErrors))
  if (labels.length < 2) {
    errors.push(invalidValue(field, domain, 'should be a domain with at least two segments separated by dots'))
  }
  errors.push(...firstWrong(path.split('.'), path, field, dns1123SubdomainErrors))
  if (name.length > LONGEST_SIGNER) errors.push(tooLongValue(field, LONGEST_SIGNER))
  return errors
}

function firstWrong(
  labels: readonly string[],
  shown: string,
  field: string,
  errorsOf: (label: string) => string[],
): FieldError[] {
  for (const label of labels) {
    const wrong = errorsOf(label)
    if (wrong.length === 0) continue
    return wrong.map((why) => invalidValue(field, shown, `validating label ${goQuote(label)}: ${why}`))
  }
  return []
}

function conditionErrors(object: ApiObject, old: ApiObject | undefined): FieldError[] {
  const field = 'status.conditions'
  const { conditions = [] } = requestStatusOf(object)
  const before = old === undefined ? [] : (requestStatusOf(old).conditions ?? [])
  const types = before.map(({ type }) => type)
  const bothBefore = DECISIONS.every((type) => types.includes(type))
  const twiceBefore = new Set(types).size < types.length
  const emptyBefore = types.includes('')
  const seen = new Set<string>()
  return conditions.flatMap(({ type, status = '' }, index) => {
    const at = `${field}[${index}]`
    const errors: FieldError[] = []
    if (type === '' && !emptyBefore) errors.push(requiredValue(`${at}.type`))
    const allowed = ONLY_TRUE.includes(type) ? ['True'] : ['False', 'True', 'Unknown']
    if (status === '') errors.push(requiredValue(`${at}.status`))
    else if (!allowed.includes(status)) errors.push(notSupported(`${at}.status`, status, allowed))
    const other = type === 'Approved' ? 'Denied' : type === 'Denied' ? 'Approved' : undefined
    if (other !== undefined && seen.has(other) && !bothBefore) {
      errors.push(invalidValue(field, type, 'Approved and Denied conditions are mutually exclusive'))
    }
    if (seen.has(type) && !twiceBefore) errors.push(duplicateValue(`${at}.type`, type))
    seen.add(type)
    return errors
  })
}

const ofType = (object: ApiObject, type: string): RequestCondition[] =>
  (requestStatusOf(object).conditions ?? []).filter((condition) => condition.type === type)

export function requestChangeErrors(
  object: ApiObject,
  old: ApiObject,
  door: Door,
  check: SignatureCheck,
): FieldError[] {
  const errors = requestErrors(object, old, check)
  const forbid = (why: string): number => errors.push(forbiddenField('status.conditions', why))
  for (const type of ONLY_TRUE) {
    if (ofType(object, type).length < ofType(old, type).length) {
      forbid(`updates may not remove a condition of type ${goQuote(type)}`)
    }
  }
  for (const type of door === 'approval' ? [] : DECISIONS) {
    const now = ofType(object, type)
    const before = ofType(old, type)
    if (now.length > before.length) forbid(`updates may not add a condition of type ${goQuote(type)}`)
    else if (now.length === before.length && !semanticallyEqual(now, before)) {
      forbid(`updates may not modify a condition of type ${goQuote(type)}`)
    }
  }
  const now = requestStatusOf(object).certificate ?? ''
  const before = requestStatusOf(old).certificate ?? ''
  if (now !== before) {
    if (door !== 'status') errors.push(forbiddenField('status.certificate', 'updates may not set certificate content'))
    else if (before !== '') {
      errors.push(forbiddenField('status.certificate', 'updates may not modify existing certificate content'))
    }
  }
  return errors
}
