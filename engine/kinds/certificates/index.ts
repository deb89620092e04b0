import type { ApiObject } from '../../objects/types.ts'
import { defineKind, keepFields, resets, type Schemas } from '../define.ts'
import { metadataUpdateErrors } from '../metadata.ts'
import { age, ageColumn, column, humanDuration, nameColumn } from '../printers.ts'
import type { Printer, ResourceDefinition, UpdateSubresource } from '../resource.ts'
import {
  type Door,
  type RequestCondition,
  requestChangeErrors,
  requestErrors,
  requestSpecOf,
  requestStatusOf,
  type SignatureCheck,
} from './validation.ts'

const API_VERSION = 'certificates.k8s.io/v1'

const printer: Printer = {
  columns: [
    nameColumn,
    ageColumn,
    column('SignerName', 'string', 'Who shall sign it.'),
    column('Requestor', 'string', 'Who asked for it.'),
    column('RequestedDuration', 'string', 'How long it shall hold.'),
    column('Condition', 'string', 'How far it has come.'),
  ],
  cells(object, now) {
    const { signerName, username = '', expirationSeconds } = requestSpecOf(object)
    return [
      object.metadata.name,
      age(object.metadata.creationTimestamp, now),
      signerName === '' ? '<none>' : signerName,
      username,
      expirationSeconds === undefined ? '<none>' : humanDuration(expirationSeconds * 1000),
      conditionText(object),
    ]
  },
}

function conditionText(object: ApiObject): string {
  const { conditions = [], certificate = '' } = requestStatusOf(object)
  const has = (type: string): boolean => conditions.some((condition) => condition.type === type)
  const decision = has('Denied') ? 'Denied' : has('Approved') ? 'Approved' : 'Pending'
  return `${decision}${has('Failed') ? ',Failed' : ''}${certificate === '' ? '' : ',Issued'}`
}

/** `check` looks at the requests' signatures; without it they are believed. Who asks is written by `certificateRequester`. */
export function resources(schemas: Schemas, check: SignatureCheck = () => undefined): readonly ResourceDefinition[] {
  const door = (name: Door, keeps: readonly string[], prepare?: (object: ApiObject, old: ApiObject) => ApiObject) =>
    updateDoor(name, keeps, check, prepare)
  return [
    defineKind(schemas, {
      group: 'certificates.k8s.io',
      version: 'v1',
      kind: 'CertificateSigningRequest',
      resource: 'certificatesigningrequests',
      namespaced: false,
      // Upstream asks of its name only what it asks of all.
      nameErrors: () => [],
      prepareForCreate: (object) => ({ ...object, status: {} }),
      prepareForUpdate: (object, old) => keepFields(object, old, ['spec', 'status']),
      validate: (object) => requestErrors(object, undefined, check),
      validateUpdate: (object, old) => requestChangeErrors(object, old, 'main', check),
      resetFields: resets([API_VERSION], ['spec', 'status']),
      subresources: {
        status: door('status', ['spec', 'status.conditions'], keepDecisions),
        approval: door('approval', ['spec', 'status.certificate']),
      },
      selectableFields: { 'spec.signerName': (object) => requestSpecOf(object).signerName },
      printer,
    }),
  ]
}

function updateDoor(
  name: Door,
  resetPaths: readonly string[],
  check: SignatureCheck,
  prepare?: (object: ApiObject, old: ApiObject) => ApiObject,
): UpdateSubresource {
  const kept = resetPaths.filter((path) => path !== 'status.conditions')
  return {
    verbs: ['get', 'patch', 'update'],
    resetFields: resets([API_VERSION], resetPaths),
    strategy: {
      prepareForUpdate(object, old) {
        const prepared = keepFields(object, old, kept)
        return prepare?.(prepared, old) ?? prepared
      },
      validateUpdate: (object, old) => [
        ...metadataUpdateErrors(object, old),
        ...requestChangeErrors(object, old, name, check),
      ],
    },
  }
}

/** Through the status door decisions stay as they were, unless one is added or taken away: that is then refused. */
function keepDecisions(object: ApiObject, old: ApiObject): ApiObject {
  const status = requestStatusOf(object)
  const before = requestStatusOf(old).conditions ?? []
  let conditions: readonly RequestCondition[] = status.conditions ?? []
  for (const type of ['Approved', 'Denied']) {
    const kept = before.filter((condition) => condition.type === type)
    if (kept.length !== conditions.filter((condition) => condition.type === type).length) continue
    let next = 0
    conditions = conditions.map((condition) => (condition.type === type ? (kept[next++] ?? condition) : condition))
  }
  return status.conditions === undefined ? object : { ...object, status: { ...status, conditions } }
}
