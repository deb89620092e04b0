import type { Backend } from '../admission/plugin.ts'
import type { ResourceHost } from '../api/served.ts'
import type { Environment } from '../cel/environment.ts'
import { kubernetesEnvironment } from '../cel/kubernetes.ts'
import { createdAt } from '../kinds/created-at.ts'
import { defineKind, type Schemas } from '../kinds/define.ts'
import type { ResourceDefinition } from '../kinds/resource.ts'
import { goQuote } from '../objects/go-quote.ts'
import type { ApiObject, NewObject, TypeSchema } from '../objects/types.ts'
import type { CustomGroupVersion } from '../schema/openapi.ts'
import { CLEANUP_FINALIZER, DEFINITIONS, type Definition, type DefinitionSpec, GROUP } from './definition.ts'
import { definitionErrors, definitionNameErrors, definitionStatusErrors } from './definition-validation.ts'
import { Establisher } from './establish.ts'
import { schemaHas } from './json-schema.ts'
import { MetadataReader } from './object-meta.ts'
import { isUnrecognizedFormat } from './string-formats.ts'

export { DEFINITIONS } from './definition.ts'

/** The CustomResourceDefinition kind. What it defines is served by an `Establisher`. */
export function resources(
  schemas: Schemas,
  environment: Environment = kubernetesEnvironment(),
): readonly ResourceDefinition[] {
  const defined = defineKind(schemas, {
    group: GROUP,
    version: 'v1',
    kind: 'CustomResourceDefinition',
    resource: DEFINITIONS.resource,
    namespaced: false,
    unconditionalUpdate: false,
    changesGeneration: true,
    printer: createdAt,
    default: withDefaults,
    prepareForCreate: (object) => withStoredVersion(object as Definition),
    prepareForUpdate: (object) => withStoredVersion(object as Definition),
    nameErrorsOf: (object) => definitionNameErrors(object as Definition),
    validate: (object) => definitionErrors(object as Definition, undefined, environment),
    validateUpdate: (object, old) => definitionErrors(object as Definition, old as Definition, environment),
    warnings: (object, old) => formatWarnings(object as Definition, old as Definition | undefined),
    terminate: (object) => marked(object as Definition),
    status: {
      empty: { conditions: null, acceptedNames: { plural: '', kind: '' }, storedVersions: null },
      validateUpdate: (object) => definitionStatusErrors(object as Definition),
    },
  })
  return [defined]
}

/** The definitions of a server, while they are followed. */
export interface Following {
  /** What `/openapi/v3` shows of them: the same list until something changes. */
  groupVersions(): readonly CustomGroupVersion[]
  stop(): void
}

/** Serves what the definitions in a server define, from now on. */
export function followDefinitions(
  host: ResourceHost,
  backend: Backend,
  objectMeta: TypeSchema,
  environment: Environment = kubernetesEnvironment(),
): Following {
  const establisher = new Establisher(host, backend, { environment, objectMeta, metadata: new MetadataReader() })
  const stop = establisher.start()
  return { groupVersions: () => establisher.groupVersions(), stop }
}

/** The same for those who do not show them; returns what ends it. */
export function serveDefinitions(host: ResourceHost, backend: Backend, objectMeta: TypeSchema): () => void {
  return followDefinitions(host, backend, objectMeta).stop
}

function withDefaults(object: NewObject): NewObject {
  const { spec, status } = object as unknown as Definition
  const { names, conversion } = spec
  const kind = names.kind ?? ''
  const service = conversion?.webhook?.clientConfig?.service
  const defaulted: DefinitionSpec = {
    ...spec,
    names: {
      ...names,
      ...((names.singular ?? '') === '' ? { singular: kind.toLowerCase() } : {}),
      ...((names.listKind ?? '') === '' && kind !== '' ? { listKind: `${kind}List` } : {}),
    },
    conversion: conversion ?? { strategy: 'None' },
  }
  const withPort =
    service === undefined || service.port !== undefined
      ? defaulted
      : {
          ...defaulted,
          conversion: {
            ...conversion,
            webhook: {
              ...conversion?.webhook,
              clientConfig: { ...conversion?.webhook?.clientConfig, service: { ...service, port: 443 } },
            },
          },
        }
  const stored = spec.versions?.find(({ storage }) => storage)?.name
  const storedVersions = status?.storedVersions ?? []
  return {
    ...object,
    spec: withPort,
    status:
      storedVersions.length > 0 || stored === undefined ? (status ?? {}) : { ...status, storedVersions: [stored] },
  }
}

/** The storage version is one that objects are stored in from now on; the finalizer takes them away before the definition. */
function withStoredVersion(definition: Definition): ApiObject {
  const stored = definition.spec.versions?.find(({ storage }) => storage)?.name
  const known = definition.status.storedVersions ?? []
  if (stored === undefined || known.includes(stored)) return definition
  return { ...definition, status: { ...definition.status, storedVersions: [...known, stored] } }
}

/** A definition that is to go waits for its objects to go first. */
function marked(definition: Definition): ApiObject {
  const { metadata, status } = definition
  const { finalizers = [], deletionTimestamp } = metadata
  const others = (status.conditions ?? []).filter(({ type }) => type !== 'Terminating')
  const terminating = {
    type: 'Terminating',
    status: 'True',
    lastTransitionTime: deletionTimestamp ?? null,
    reason: 'InstanceDeletionPending',
    message: 'CustomResourceDefinition marked for deletion; CustomResource deletion will begin soon',
  } as const
  return {
    ...definition,
    metadata: finalizers.includes(CLEANUP_FINALIZER)
      ? metadata
      : { ...metadata, finalizers: [...finalizers, CLEANUP_FINALIZER] },
    status: { ...status, conditions: [...others, terminating] },
  }
}

function formatWarnings(definition: Definition, old: Definition | undefined): readonly string[] {
  const before = new Set(old === undefined ? [] : unknownFormats(old))
  return unknownFormats(definition)
    .filter((format) => !before.has(format))
    .map((format) => `unrecognized format ${goQuote(format)}`)
}

function unknownFormats({ spec }: Definition): readonly string[] {
  const found: string[] = []
  for (const { schema } of spec.versions ?? []) {
    if (schema?.openAPIV3Schema === undefined) continue
    schemaHas(schema.openAPIV3Schema, ({ format }) => {
      if (format !== undefined && format !== '' && isUnrecognizedFormat(format)) found.push(format)
      return false
    })
  }
  return found
}
