import type { AdmissionAttributes } from '../../admission/plugin.ts'
import { age, ageColumn, column, nameColumn } from '../../kinds/printers.ts'
import { getIn } from '../../objects/paths.ts'
import type { ApiObject, Json, NewObject } from '../../objects/types.ts'
import { applyJsonPatch, decodeJsonPatch } from '../../patch/json-patch.ts'
import { applyMergePatch } from '../../patch/merge-patch.ts'
import { applyStrategicMergePatch } from '../../patch/strategic-merge.ts'
import { mutateAll, validate } from '../admit.ts'
import { methodNotAllowed } from '../answers.ts'
import { type Api, type Call, namespaceOf } from '../context.ts'
import type { Endpoint, Shown } from '../endpoint.ts'
import type { ApiResponse } from '../http.ts'
import { mustBeNamed, placed } from '../objects.ts'
import { appliedOrRefused, patchedOrRefused, patchTypeOf } from '../patches.ts'
import { type WriteOptions, writeOptions } from '../query.ts'
import { objectAnswer } from '../reads.ts'
import type { Door } from '../router.ts'
import { SCALE, type ScaleForm, type ScaleForms } from '../scale-form.ts'
import type { Catalogue } from '../served.ts'
import { managerOf, optionsObject } from '../writes.ts'

const SHOWN: Shown = {
  gvk: SCALE,
  apiVersion: 'autoscaling/v1',
  listKind: 'ScaleList',
  printer: {
    columns: [
      nameColumn,
      column('Desired', 'integer', 'How many replicas are wanted.'),
      column('Available', 'integer', 'How many replicas there are.'),
      ageColumn,
    ],
    cells: (scale, now) => [
      scale.metadata.name,
      Number(getIn(scale, ['spec', 'replicas']) ?? 0),
      Number(getIn(scale, ['status', 'replicas']) ?? 0),
      age(scale.metadata.creationTimestamp, now),
    ],
  },
  custom: false,
  fromStored: (scale) => scale,
}

/** autoscaling/v1 Scale of everything that can be scaled: an object of its own form for the number of replicas (registry/apps' `ScaleREST`, 1.34). */
export function scaleDoor(forms: ScaleForms, catalogue: Catalogue): Door {
  return {
    serves: (group, version, resource, subresource) =>
      subresource === 'scale' && catalogue.endpoint(group, version, resource)?.served.definition.scale !== undefined,
    handle(api, call) {
      const { group, version, resource } = call.info
      const endpoint = api.endpoints.find(group, version, resource, '') as Endpoint
      const form = forms.find(endpoint.served.definition.resource, endpoint.apiVersion) as ScaleForm
      const door = new Scaling(api, call, endpoint, forms, form)
      switch (call.request.method) {
        case 'GET':
          return door.get()
        case 'PUT':
          return door.update()
        case 'PATCH':
          return door.patch()
        default:
          throw methodNotAllowed()
      }
    },
  }
}

class Scaling {
  readonly #api: Api
  readonly #call: Call
  readonly #endpoint: Endpoint
  readonly #forms: ScaleForms
  readonly #form: ScaleForm

  constructor(api: Api, call: Call, endpoint: Endpoint, forms: ScaleForms, form: ScaleForm) {
    this.#api = api
    this.#call = call
    this.#endpoint = endpoint
    this.#forms = forms
    this.#form = form
  }

  get(): ApiResponse {
    const { request, info } = this.#call
    const version = request.query.get('resourceVersion') ?? undefined
    return this.#answer(this.#endpoint.registry.get(this.#namespace, info.name, version))
  }

  update(): ApiResponse {
    const options = writeOptions(this.#call.request.query, 'UpdateOptions')
    const { decoder } = this.#api
    const { object, warnings } = decoder.decode({
      contentType: this.#call.request.headers['content-type'] ?? '',
      body: this.#call.request.body,
      expected: SCALE,
      fieldValidation: options.fieldValidation,
    })
    this.#warn(warnings)
    const sent = placed(object, this.#namespace)
    mustBeNamed(sent, this.#call.info.name)
    const manager = managerOf(this.#call, options)
    return this.#write(options, (live) => this.#forms.manager.update(live, sent, manager))
  }

  patch(): ApiResponse {
    const type = patchTypeOf(this.#call, this.#endpoint.served.custom !== undefined)
    const options = writeOptions(this.#call.request.query, 'PatchOptions', type === 'apply' ? 'apply' : 'other')
    const { fieldValidation } = options
    const { decoder } = this.#api
    const { body } = this.#call.request
    if (type === 'apply') {
      const document = decoder.apply(body, fieldValidation)
      return this.#write(options, (live) => {
        const { fieldManager, force = false } = options
        const made = appliedOrRefused(() => this.#forms.manager.apply(live, document.value, fieldManager, force))
        const { object, warnings } = decoder.applied(document, made as Json, SCALE, fieldValidation)
        this.#warn(warnings)
        return object
      })
    }
    const document = decoder.patch(type, body, fieldValidation)
    return this.#write(options, (live) => {
      const value = patchedOrRefused(() => {
        switch (type) {
          case 'json-patch':
            return applyJsonPatch(live, decodeJsonPatch(document.value).operations)
          case 'merge-patch':
            return applyMergePatch(live, document.value)
          case 'strategic-merge-patch':
            return applyStrategicMergePatch(live, document.value, this.#forms.schema)
        }
      })
      const { object, warnings } = decoder.fromPatched({ patch: document, value, expected: SCALE, fieldValidation })
      this.#warn(warnings)
      return this.#forms.manager.update(live, object, managerOf(this.#call, options))
    })
  }

  get #namespace(): string {
    return namespaceOf(this.#call, this.#endpoint.served.definition.namespaced)
  }

  #warn(warnings: readonly string[]): void {
    for (const text of warnings) this.#call.warnings.add(text)
  }

  /** Existing object → its scale → the new scale → the object with that many replicas. */
  #write(options: WriteOptions, make: (live: ApiObject) => NewObject): ApiResponse {
    const { info } = this.#call
    const attributes = this.#attributes(options)
    let scales: { readonly now: NewObject; readonly before: ApiObject } | undefined
    const { object } = this.#endpoint.registry.update(
      this.#namespace,
      info.name,
      (found) => {
        const existing = found as ApiObject
        const before = this.#form.of(existing, true)
        const made = placed(make(before), this.#namespace)
        mustBeNamed(made, info.name)
        const now = mutateAll(this.#api, attributes, made, before)
        scales = { now, before }
        return this.#form.scaled(existing, now)
      },
      {
        dryRun: options.dryRun,
        admit: () => {
          if (scales !== undefined) validate(this.#api, attributes, scales.now as ApiObject, scales.before)
        },
      },
    )
    return this.#answer(object)
  }

  #attributes(options: WriteOptions): AdmissionAttributes {
    const { definition } = this.#endpoint.served
    return {
      operation: 'UPDATE',
      resource: definition.resource,
      kind: SCALE,
      subresource: 'scale',
      namespace: this.#namespace,
      name: this.#call.info.name,
      options: optionsObject(this.#call),
      user: this.#call.user,
      dryRun: options.dryRun,
      warn: (text) => this.#call.warnings.add(text),
    }
  }

  #answer(object: ApiObject): ApiResponse {
    return objectAnswer(this.#api, this.#call, SHOWN, 200, this.#form.of(object), false)
  }
}
