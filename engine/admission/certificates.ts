import type { Authorizer, UserInfo } from '../auth/user.ts'
import { readElement, readElements } from '../kinds/certificates/der.ts'
import { readPem } from '../kinds/certificates/pem.ts'
import { semanticallyEqual } from '../objects/equal.ts'
import { goQuote } from '../objects/go-quote.ts'
import type { AdmissionAttributes, AdmissionPlugin } from './plugin.ts'
import { isOf, refuse } from './refuse.ts'

const GROUP = 'certificates.k8s.io'
const REQUESTS = 'certificatesigningrequests'
const CLIENT_SIGNER = 'kubernetes.io/kube-apiserver-client'

interface Request {
  readonly spec: { readonly signerName: string; readonly request: string }
  readonly status?: { readonly certificate?: string; readonly conditions?: readonly unknown[] }
}

/** Only who may approve for a signer approves its requests. */
export function certificateApproval(authorizer: Authorizer): AdmissionPlugin {
  return {
    name: 'CertificateApproval',
    validate(attributes) {
      const { operation, oldObject, user } = attributes
      if (!isOf(attributes, GROUP, REQUESTS, 'approval') || operation !== 'UPDATE') return
      const { signerName } = (oldObject as unknown as Request).spec
      if (maySign(authorizer, user, 'approve', signerName)) return
      throw refuse(attributes, `user not permitted to approve requests with signerName ${goQuote(signerName)}`)
    },
  }
}

/** Only who may sign for a signer writes certificates. */
export function certificateSigning(authorizer: Authorizer): AdmissionPlugin {
  return {
    name: 'CertificateSigning',
    validate(attributes) {
      const { operation, object, oldObject, user } = attributes
      if (!isOf(attributes, GROUP, REQUESTS, 'status') || operation !== 'UPDATE') return
      const now = (object as unknown as Request).status
      const { spec, status: before } = oldObject as unknown as Request
      if (now?.certificate === before?.certificate && semanticallyEqual(now?.conditions, before?.conditions)) return
      if (maySign(authorizer, user, 'sign', spec.signerName)) return
      throw refuse(attributes, `user not permitted to sign requests with signerName ${goQuote(spec.signerName)}`)
    },
  }
}

/** Nobody becomes a member of `system:masters` by certificate. */
export const certificateSubjectRestriction: AdmissionPlugin = {
  name: 'CertificateSubjectRestriction',
  validate(attributes: AdmissionAttributes) {
    if (!isOf(attributes, GROUP, REQUESTS) || attributes.operation !== 'CREATE') return
    const { spec } = attributes.object as unknown as Request
    if (spec.signerName !== CLIENT_SIGNER) return
    const [block] = readPem(spec.request)
    if (block === undefined || !organizationsOf(block.bytes).includes('system:masters')) return
    throw refuse(attributes, `use of ${CLIENT_SIGNER} signer with system:masters group is not allowed`)
  },
}

/** For the signer by name, or for all of its domain. */
function maySign(authorizer: Authorizer, user: UserInfo, verb: string, signer: string): boolean {
  const resource = { group: GROUP, version: '*', resource: 'signers', subresource: '', namespace: '' }
  return [signer, `${signer.split('/')[0]}/*`].some(
    (name) => authorizer.authorize({ user, verb, ...resource, name }).allowed,
  )
}

/** 2.5.4.10, organizationName. */
const ORGANIZATION = '\x55\x04\x0a'

/** The organizations in the subject of a PKCS #10 request; none where it cannot be read. */
function organizationsOf(request: Uint8Array): string[] {
  const whole = readElement(request)
  const info = whole === undefined ? undefined : readElement(whole.content)
  const subject = info === undefined ? undefined : readElements(info.content)?.[1]
  const sets = subject === undefined ? [] : (readElements(subject.content) ?? [])
  return sets
    .flatMap(({ content }) => readElements(content) ?? [])
    .flatMap(({ content }) => {
      const [type, value] = readElements(content) ?? []
      if (type === undefined || value === undefined) return []
      return String.fromCharCode(...type.content) === ORGANIZATION ? [new TextDecoder().decode(value.content)] : []
    })
}
