import { FieldManager } from '../apply/field-manager.ts'
import type { FieldsPool } from '../apply/fields-pool.ts'
import { ScaleOwners } from '../apply/scale-owners.ts'
import type { GroupVersionKind, ScaleSubresource } from '../kinds/resource.ts'
import { invalidValue } from '../objects/field-error.ts'
import { getIn, setIn } from '../objects/paths.ts'
import { conflict, invalid, notFound } from '../objects/status-error.ts'
import { formatTime } from '../objects/time.ts'
import type { ApiObject, GroupResource, NewObject, TypeSchema } from '../objects/types.ts'
import type { Catalogue } from './served.ts'

export const SCALE: GroupVersionKind = { group: 'autoscaling', version: 'v1', kind: 'Scale' }
const API_VERSION = 'autoscaling/v1'

export interface ScaleFormsOptions {
  readonly catalogue: Catalogue
  readonly schema: TypeSchema
  readonly pool: FieldsPool
  /** Milliseconds since 1970. */
  readonly now: () => number
}

/** autoscaling/v1 Scale of whatever can be scaled, and who owns its fields. */
export class ScaleForms {
  readonly schema: TypeSchema
  readonly manager: FieldManager
  readonly #catalogue: Catalogue
  readonly #pool: FieldsPool

  constructor({ catalogue, schema, pool, now }: ScaleFormsOptions) {
    this.schema = schema
    this.#catalogue = catalogue
    this.#pool = pool
    this.manager = new FieldManager({
      apiVersion: API_VERSION,
      kind: SCALE.kind,
      subresource: 'scale',
      schema,
      pool,
      now: () => formatTime(now()),
    })
  }

  /** Undefined for what cannot be scaled; `apiVersion` is that of the objects that are given to the form. */
  find(resource: GroupResource, apiVersion: string): ScaleForm | undefined {
    const definition = this.#catalogue.get(resource)?.definition
    if (definition?.scale === undefined) return undefined
    const pointer = `/${pathOf(definition.scale.specReplicasPath).join('/')}`
    const known = new Set(
      definition.versions.map(({ gvk }) => (gvk.group === '' ? gvk.version : `${gvk.group}/${gvk.version}`)),
    )
    const owners = new ScaleOwners(apiVersion, (version) => (known.has(version) ? pointer : undefined), this.#pool)
    return new ScaleForm(resource, definition.scale, owners)
  }

  /** Sets the number of replicas as a PUT of the Scale by `manager` would. Throws what that would be answered with. */
  rescale(
    resource: GroupResource,
    namespace: string | undefined,
    name: string,
    replicas: number,
    manager: string,
  ): ApiObject {
    const registry = this.#catalogue.get(resource)?.registry
    if (registry === undefined) throw notFound(resource, name)
    return registry.update(namespace, name, (found) => {
      const existing = found as ApiObject
      const form = this.find(resource, existing.apiVersion)
      if (form === undefined) throw notFound(resource, name)
      const before = form.of(existing, true)
      const { resourceVersion: _, ...metadata } = before.metadata
      return form.scaled(existing, this.manager.update(before, { ...before, metadata, spec: { replicas } }, manager))
    }).object
  }
}

/** The Scale of one resource's objects. */
export class ScaleForm {
  readonly #resource: GroupResource
  readonly #scale: ScaleSubresource
  readonly #owners: ScaleOwners

  constructor(resource: GroupResource, scale: ScaleSubresource, owners: ScaleOwners) {
    this.#resource = resource
    this.#scale = scale
    this.#owners = owners
  }

  /** The object with as many replicas as its Scale wants. Throws 422 and 409. */
  scaled(existing: ApiObject, scale: NewObject): NewObject {
    const replicas = Number(getIn(scale, ['spec', 'replicas']) ?? 0)
    if (replicas < 0) {
      throw invalid(SCALE, existing.metadata.name, [
        invalidValue('spec.replicas', replicas, 'must be greater than or equal to 0'),
      ])
    }
    const { uid, resourceVersion, managedFields } = scale.metadata
    if (uid !== undefined && uid !== '' && uid !== existing.metadata.uid) {
      const why = `Precondition failed: UID in precondition: ${uid}, UID in object meta: ${existing.metadata.uid}`
      throw conflict(this.#resource, existing.metadata.name, why)
    }
    const entries = this.#owners.toObject(existing.metadata.managedFields, managedFields)
    const { managedFields: _, resourceVersion: __, ...metadata } = existing.metadata
    const changed = {
      ...existing,
      metadata: {
        ...metadata,
        ...(resourceVersion === undefined ? {} : { resourceVersion }),
        ...(entries === undefined ? {} : { managedFields: entries }),
      },
    }
    return setIn(changed, pathOf(this.#scale.specReplicasPath), replicas)
  }

  /** The object's Scale, without its owners unless they are asked for. */
  of(object: ApiObject, owned = false): ApiObject {
    const managedFields = owned ? this.#owners.toScale(object.metadata.managedFields) : undefined
    const { name, namespace, uid, resourceVersion, creationTimestamp } = object.metadata
    const replicas = Number(getIn(object, pathOf(this.#scale.specReplicasPath)) ?? 0)
    const selector = this.#scale.selector(object)
    const current = Number(getIn(object, pathOf(this.#scale.statusReplicasPath)) ?? 0)
    return {
      kind: SCALE.kind,
      apiVersion: API_VERSION,
      metadata: {
        name,
        ...(namespace === undefined ? {} : { namespace }),
        uid,
        resourceVersion,
        creationTimestamp,
        ...(managedFields === undefined ? {} : { managedFields }),
      },
      spec: replicas === 0 ? {} : { replicas },
      status: { replicas: current, ...(selector === undefined || selector === '' ? {} : { selector }) },
    }
  }
}

/** `.spec.replicas` and `spec.replicas` are the same. */
function pathOf(dotted: string): string[] {
  return dotted.split('.').filter((step) => step !== '')
}
