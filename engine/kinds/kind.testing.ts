import { invalid } from '../objects/status-error.ts'
import type { ApiObject, NewObject } from '../objects/types.ts'
import { SchemaLookup } from '../schema/lookup.ts'
import type { Schemas } from './define.ts'
import type { ResourceDefinition, ServedVersion } from './resource.ts'

/** Definitions of a group, tried without a server. */
export class KindsUnderTest {
  readonly definitions: readonly ResourceDefinition[]

  constructor(resources: (schemas: Schemas) => readonly ResourceDefinition[]) {
    this.definitions = resources(new SchemaLookup())
  }

  of(resource: string): ResourceDefinition {
    const found = this.definitions.find((definition) => definition.resource.resource === resource)
    if (found === undefined) throw new Error(`No definition of ${resource}.`)
    return found
  }

  version(resource: string, version?: string): ServedVersion {
    const { versions } = this.of(resource)
    const found = version === undefined ? versions[0] : versions.find(({ gvk }) => gvk.version === version)
    if (found === undefined) throw new Error(`${resource} is not served in ${version}.`)
    return found
  }

  /** A complete object of the resource's stored version, with defaults. */
  make(
    resource: string,
    fields: Readonly<Record<string, unknown>>,
    metadata: Partial<ApiObject['metadata']> = {},
  ): ApiObject {
    const definition = this.of(resource)
    const { group, version, kind } = definition.storedVersion
    const bare: NewObject = {
      apiVersion: group === '' ? version : `${group}/${version}`,
      kind,
      ...fields,
      metadata: {
        name: 'it',
        uid: 'u',
        resourceVersion: '1',
        creationTimestamp: '2026-01-01T00:00:00Z',
        ...(definition.namespaced ? { namespace: 'default' } : {}),
        ...metadata,
      },
    }
    return (this.version(resource, version).default?.(bare) ?? bare) as ApiObject
  }

  /** What a client is told of a new object; empty if it is fine. */
  createError(resource: string, object: ApiObject): string {
    const { strategy } = this.of(resource)
    return this.#message(resource, strategy.validate?.(strategy.prepareForCreate?.(object) ?? object) ?? [])
  }

  updateError(resource: string, object: ApiObject, old: ApiObject, subresource?: string): string {
    const { strategy, subresources } = this.of(resource)
    const door = subresource === undefined ? strategy : subresources?.[subresource]?.strategy
    if (door === undefined) throw new Error(`${resource} has no ${subresource}.`)
    const prepared = door.prepareForUpdate?.(object, old) ?? object
    return this.#message(resource, door.validateUpdate?.(prepared, old) ?? [])
  }

  /** The cells of a row, 90 seconds after the object was made. */
  cells(resource: string, object: ApiObject, version?: string): readonly unknown[] {
    return this.version(resource, version).printer.cells(object, Date.UTC(2026, 0, 1, 0, 1, 30))
  }

  #message(resource: string, errors: Parameters<typeof invalid>[2]): string {
    const { group, kind } = this.of(resource).storedVersion
    if (errors.length === 0) return ''
    return invalid({ group, kind }, 'it', errors).message.replace(/^.* is invalid: /, '')
  }
}
