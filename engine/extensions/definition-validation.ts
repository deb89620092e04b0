import type { Environment } from '../cel/environment.ts'
import { type NameErrors, subdomainNameErrors } from '../kinds/metadata.ts'
import { deepEqual } from '../objects/equal.ts'
import { immutable } from '../objects/field-checks.ts'
import {
  duplicateValue,
  type FieldError,
  forbiddenField,
  invalidValue,
  notSupported,
  requiredValue,
  tooManyItems,
} from '../objects/field-error.ts'
import { dns1035LabelErrors, dns1123SubdomainErrors } from '../objects/names.ts'
import { webhookServiceErrors, webhookUrlErrors } from '../objects/webhook-errors.ts'
import {
  type Definition,
  type DefinitionNames,
  type DefinitionSpec,
  type DefinitionVersion,
  isTrue,
  type ScalePaths,
  type Subresources,
} from './definition.ts'
import { readFieldPath } from './field-path.ts'
import { internalSchema } from './internal-schema.ts'
import { APPROVAL_ANNOTATION, approvalOf, isProtectedGroup } from './names.ts'
import type { PrinterColumn } from './printer.ts'
import { schemaErrors } from './schema-validation.ts'

/** What is wrong with a CustomResourceDefinition besides its metadata; names of fields are those of upstream's internal version (1.34). */
export function definitionErrors(
  definition: Definition,
  old: Definition | undefined,
  environment: Environment,
): FieldError[] {
  const { spec, status } = definition
  const errors = [...specErrors(spec, environment, old?.spec)]
  if (old !== undefined) {
    if (isTrue(old, 'Established')) {
      errors.push(...immutable('spec.scope', spec.scope, old.spec.scope))
      errors.push(...immutable('spec.names.kind', spec.names.kind, old.spec.names.kind))
    }
    errors.push(...immutable('spec.group', spec.group, old.spec.group))
    errors.push(...immutable('spec.names.plural', spec.names.plural, old.spec.names.plural))
  }
  errors.push(...nameFormErrors(status.acceptedNames, 'status.acceptedNames'))
  errors.push(...storedVersionErrors(status.storedVersions, spec.versions ?? []))
  errors.push(...approvalErrors(definition, old))
  if (spec.preserveUnknownFields === true && old?.spec.preserveUnknownFields !== true) {
    const rule =
      'cannot set to true, set x-kubernetes-preserve-unknown-fields to true in spec.versions[*].schema instead'
    errors.push(invalidValue('spec.preserveUnknownFields', true, rule))
  }
  return errors
}

export function definitionStatusErrors({ status }: Definition): FieldError[] {
  return nameFormErrors(status.acceptedNames, 'status.acceptedNames')
}

/** What besides its form a definition's name must be. */
export function definitionNameErrors({ spec }: Definition): NameErrors {
  const required = `${spec.names.plural}.${spec.group}`
  return (name, prefix) => [
    ...subdomainNameErrors(name, prefix),
    ...(name === required ? [] : ['must be spec.names.plural+"."+spec.group']),
  ]
}

function specErrors(spec: DefinitionSpec, environment: Environment, old?: DefinitionSpec): FieldError[] {
  const errors: FieldError[] = []
  const { group, scope, names, conversion, preserveUnknownFields } = spec
  const { versions, shared } = hoisted(spec.versions ?? [])
  const isUnchanged = (name: string): boolean => {
    const [now, before] = [spec, old].map((one) => one?.versions?.find((version) => version.name === name)?.schema)
    return before !== undefined && deepEqual(now, before)
  }
  if (group === '') errors.push(requiredValue('spec.group'))
  else {
    const wrong = dns1123SubdomainErrors(group)
    if (wrong.length > 0) errors.push(invalidValue('spec.group', group, wrong.join(',')))
    else if (!group.includes('.')) {
      errors.push(invalidValue('spec.group', group, 'should be a domain with at least one dot'))
    }
  }
  errors.push(...oneOf('spec.scope', scope, ['Cluster', 'Namespaced']))
  for (const [index, version] of versions.entries()) {
    if (shared.schema?.openAPIV3Schema === undefined && version.schema?.openAPIV3Schema === undefined) {
      errors.push(requiredValue(`spec.versions[${index}].schema.openAPIV3Schema`))
    }
  }
  for (const [index, version] of versions.entries()) {
    const wrong = dns1035LabelErrors(version.name)
    if (wrong.length > 0) errors.push(invalidValue(`spec.versions[${index}].name`, version.name, wrong.join(',')))
    const hasStatus = (shared.subresources ?? version.subresources)?.status !== undefined
    errors.push(...deprecationErrors(version, `spec.versions[${index}].deprecationWarning`))
    const schema = { field: 'schema', unchanged: isUnchanged(version.name) }
    errors.push(...partErrors(version, `spec.versions[${index}]`, schema, hasStatus, environment))
  }
  if (new Set(versions.map(({ name }) => name)).size < versions.length) {
    errors.push(invalidValue('spec.versions', versions.map(internalVersion), 'must contain unique version names'))
  }
  if (versions.filter(({ storage }) => storage).length !== 1) {
    const rule = 'must have exactly one version marked as storage version'
    errors.push(invalidValue('spec.versions', versions.map(internalVersion), rule))
  }
  const [{ name: first } = { name: '' }] = versions
  // Upstream's internal type has the first version's name by itself too.
  const wrongFirst = first === '' ? [] : dns1035LabelErrors(first)
  if (wrongFirst.length > 0) errors.push(invalidValue('spec.version', first, wrongFirst.join(',')))
  for (const field of ['plural', 'singular', 'kind', 'listKind'] as const) {
    if ((names[field] ?? '') === '') errors.push(requiredValue(`spec.names.${field}`))
  }
  errors.push(...nameFormErrors(names, 'spec.names'))
  const anyStatus = (spec.versions ?? []).some(({ subresources }) => subresources?.status !== undefined)
  const validation = { field: 'validation', unchanged: isUnchanged(first) }
  errors.push(...partErrors(shared, 'spec', validation, anyStatus, environment))
  if (conversion !== undefined && conversion.strategy !== 'None' && preserveUnknownFields === true) {
    const rule = 'must be None if spec.preserveUnknownFields is true'
    errors.push(invalidValue('spec.conversion.strategy', conversion.strategy, rule))
  }
  return [...errors, ...conversionErrors(conversion)]
}

function oneOf(field: string, value: string, accepted: readonly string[]): FieldError[] {
  if (value === '') return [requiredValue(field)]
  return accepted.includes(value) ? [] : [notSupported(field, value, accepted)]
}

/** As upstream prints its internal type. */
function internalVersion(version: DefinitionVersion): object {
  return {
    Name: version.name,
    Served: version.served,
    Storage: version.storage,
    Deprecated: version.deprecated ?? false,
    DeprecationWarning: version.deprecationWarning ?? null,
    Schema: version.schema === undefined ? null : { OpenAPIV3Schema: internalSchema(version.schema.openAPIV3Schema) },
    Subresources: version.subresources === undefined ? null : internalSubresources(version.subresources),
    AdditionalPrinterColumns:
      version.additionalPrinterColumns?.map(({ name, type, format, description, priority, jsonPath }) => ({
        Name: name,
        Type: type,
        Format: format ?? '',
        Description: description ?? '',
        Priority: priority ?? 0,
        JSONPath: jsonPath,
      })) ?? null,
    SelectableFields: version.selectableFields?.map(({ jsonPath }) => ({ JSONPath: jsonPath })) ?? null,
  }
}

function internalSubresources({ status, scale }: Subresources): object {
  return {
    Status: status === undefined ? null : {},
    Scale:
      scale === undefined
        ? null
        : {
            SpecReplicasPath: scale.specReplicasPath,
            StatusReplicasPath: scale.statusReplicasPath,
            LabelSelectorPath: scale.labelSelectorPath ?? null,
          },
  }
}

type Parts = Partial<
  Pick<DefinitionVersion, 'schema' | 'subresources' | 'additionalPrinterColumns' | 'selectableFields'>
>

/** What all versions say alike stands above them in upstream's internal type, and so in its sentences. */
function hoisted(versions: readonly DefinitionVersion[]): {
  readonly versions: readonly DefinitionVersion[]
  readonly shared: Parts
} {
  const [first] = versions
  if (first === undefined) return { versions, shared: {} }
  const alike = (['schema', 'subresources', 'additionalPrinterColumns', 'selectableFields'] as const).filter(
    (name) => first[name] !== undefined && versions.every((version) => deepEqual(version[name], first[name])),
  )
  const names = new Set<string>(alike)
  const without = (version: DefinitionVersion): DefinitionVersion =>
    Object.fromEntries(Object.entries(version).filter(([name]) => !names.has(name))) as unknown as DefinitionVersion
  return { versions: versions.map(without), shared: Object.fromEntries(alike.map((name) => [name, first[name]])) }
}

function partErrors(
  parts: Parts,
  path: string,
  { field: schemaField, unchanged }: { readonly field: string; readonly unchanged: boolean },
  hasStatus: boolean,
  environment: Environment,
): FieldError[] {
  const errors: FieldError[] = []
  const { subresources, schema, additionalPrinterColumns = [], selectableFields = [] } = parts
  const root = schema?.openAPIV3Schema
  if (root !== undefined)
    errors.push(...schemaErrors(root, hasStatus, `${path}.${schemaField}`, environment, { unchanged }))
  if (subresources?.scale !== undefined) errors.push(...scaleErrors(subresources.scale, `${path}.subresources.scale`))
  for (const [index, column] of additionalPrinterColumns.entries()) {
    errors.push(...columnErrors(column, `${path}.additionalPrinterColumns[${index}]`))
  }
  if (selectableFields.length === 0) return errors
  const at = `${path}.selectableFields`
  if (root === undefined) {
    const rule = 'may only be set when `version.schema.openAPIV3Schema` is not included'
    return [...errors, invalidValue(at, '', rule)]
  }
  const paths = new Set<string>()
  for (const [index, { jsonPath }] of selectableFields.entries()) {
    const field = `${at}[${index}].jsonPath`
    if (jsonPath === '') {
      errors.push(requiredValue(field))
      continue
    }
    const found = readFieldPath(jsonPath, root, false)
    if (typeof found === 'string') {
      errors.push(invalidValue(field, jsonPath, `is an invalid path: ${found}`))
      continue
    }
    if (found.text.split(/[.[]/)[0] === 'metadata') {
      errors.push(invalidValue(field, jsonPath, 'must not point to fields in metadata'))
    }
    if (!['string', 'boolean', 'integer'].includes(found.schema.type ?? '')) {
      const rule =
        'must point to a field of type string, boolean or integer. Enum string fields and strings with formats are allowed.'
      errors.push(invalidValue(field, jsonPath, rule))
    }
    if (paths.has(found.text)) errors.push(duplicateValue(field, jsonPath))
    paths.add(found.text)
  }
  return paths.size > MOST_SELECTABLE ? [...errors, tooManyItems(at, paths.size, MOST_SELECTABLE)] : errors
}

const MOST_SELECTABLE = 8

function deprecationErrors({ deprecated, deprecationWarning: text }: DefinitionVersion, field: string): FieldError[] {
  if (text === undefined) return []
  const invalid = (sentence: string): FieldError => invalidValue(field, text, sentence)
  if (deprecated !== true) return [invalid('can only be set for deprecated versions')]
  const errors: FieldError[] = []
  if (new TextEncoder().encode(text).length > 256) errors.push(invalid('must be <= 256 characters long'))
  if (text === '') errors.push(invalid('must not be an empty string'))
  const index = text.search(/[^\p{L}\p{M}\p{N}\p{P}\p{S} ]/u)
  if (index !== -1) {
    const rule = 'must only contain printable UTF-8 characters; non-printable character found at index'
    errors.push(invalid(`${rule} ${new TextEncoder().encode(text.slice(0, index)).length}`))
  }
  return errors
}

function simplePathErrors(path: string, field: string): FieldError[] {
  if (path === '') return [invalidValue(field, path, 'must not be empty')]
  return path.startsWith('.') ? [] : [invalidValue(field, path, 'must be a simple json path starting with .')]
}

function scaleErrors(scale: ScalePaths, path: string): FieldError[] {
  const errors: FieldError[] = []
  for (const [name, root] of [
    ['specReplicasPath', '.spec'],
    ['statusReplicasPath', '.status'],
  ] as const) {
    const value = scale[name] ?? ''
    const field = `${path}.${name}`
    const simple = value === '' ? [requiredValue(field)] : simplePathErrors(value, field)
    errors.push(...simple)
    if (simple.length === 0 && !value.startsWith(`${root}.`)) {
      errors.push(invalidValue(field, value, `should be a json path under ${root}`))
    }
  }
  const { labelSelectorPath: selector = '' } = scale
  if (selector === '') return errors
  const field = `${path}.labelSelectorPath`
  const simple = simplePathErrors(selector, field)
  if (simple.length > 0 || selector.startsWith('.spec.') || selector.startsWith('.status.'))
    return [...errors, ...simple]
  return [...errors, invalidValue(field, selector, 'should be a json path under either .spec or .status')]
}

const columnTypes = ['boolean', 'date', 'integer', 'number', 'string']
const columnFormats = ['byte', 'date', 'date-time', 'double', 'float', 'int32', 'int64', 'password']

function columnErrors({ name, type, format = '', jsonPath }: PrinterColumn, path: string): FieldError[] {
  const errors: FieldError[] = []
  if (name === '') errors.push(requiredValue(`${path}.name`))
  const types = `must be one of ${columnTypes.join(',')}`
  if (type === '') errors.push(requiredValue(`${path}.type`, types))
  else if (!columnTypes.includes(type)) errors.push(invalidValue(`${path}.type`, type, types))
  if (format !== '' && !columnFormats.includes(format)) {
    errors.push(invalidValue(`${path}.format`, format, `must be one of ${columnFormats.join(',')}`))
  }
  if (jsonPath === '') return [...errors, requiredValue(`${path}.JSONPath`)]
  return [...errors, ...simplePathErrors(jsonPath, `${path}.JSONPath`)]
}

const MIXED = 'may have mixed case, but should otherwise match: '

function nameFormErrors(names: DefinitionNames, path: string): FieldError[] {
  const errors: FieldError[] = []
  const { plural, singular = '', kind, listKind = '', shortNames = [], categories = [] } = names
  const label = (field: string, value: string): void => {
    const wrong = value === '' && !field.includes('[') ? [] : dns1035LabelErrors(value)
    if (wrong.length > 0) errors.push(invalidValue(`${path}.${field}`, value, wrong.join(',')))
  }
  const mixed = (field: string, value: string): void => {
    const wrong = value === '' ? [] : dns1035LabelErrors(value.toLowerCase())
    if (wrong.length > 0) errors.push(invalidValue(`${path}.${field}`, value, MIXED + wrong.join(',')))
  }
  label('plural', plural)
  label('singular', singular)
  mixed('kind', kind)
  mixed('listKind', listKind)
  for (const [index, name] of shortNames.entries()) label(`shortNames[${index}]`, name)
  if (kind !== '' && kind === listKind) {
    errors.push(invalidValue(`${path}.listKind`, listKind, 'kind and listKind may not be the same'))
  }
  for (const [index, category] of categories.entries()) label(`categories[${index}]`, category)
  return errors
}

function storedVersionErrors(given: readonly string[] | null, versions: readonly DefinitionVersion[]): FieldError[] {
  const field = 'status.storedVersions'
  const stored = given ?? []
  if (stored.length === 0) return [invalidValue(field, given, 'must have at least one stored version')]
  const errors = versions
    .filter(({ storage, name }) => storage && !stored.includes(name))
    .map(({ name }) => invalidValue(field, stored, `must have the storage version ${name}`))
  for (const [index, name] of stored.entries()) {
    if (versions.some((version) => version.name === name)) continue
    const rule = `missing from spec.versions; ${name} was previously a storage version, and must remain in spec.versions until a storage migration ensures no data remains persisted in ${name} and removes ${name} from status.storedVersions`
    errors.push(invalidValue(`${field}[${index}]`, name, rule))
  }
  return errors
}

function approvalErrors({ spec, metadata }: Definition, old: Definition | undefined): FieldError[] {
  if (!isProtectedGroup(spec.group)) return []
  const value = metadata.annotations?.[APPROVAL_ANNOTATION]
  const { state, reason } = approvalOf(value)
  if (old !== undefined && approvalOf(old.metadata.annotations?.[APPROVAL_ANNOTATION]).state === state) return []
  const field = `metadata.annotations[${APPROVAL_ANNOTATION}]`
  if (state === 'missing') return [requiredValue(field, reason)]
  return state === 'invalid' ? [invalidValue(field, value, reason)] : []
}

function conversionErrors(conversion: DefinitionSpec['conversion']): FieldError[] {
  if (conversion === undefined) return []
  const path = 'spec.conversion'
  const { strategy, webhook } = conversion
  const errors = oneOf(`${path}.strategy`, strategy, ['None', 'Webhook'])
  const client = webhook?.clientConfig
  const versions = webhook?.conversionReviewVersions ?? []
  if (strategy !== 'Webhook') {
    const rule = 'should not be set when strategy is not set to Webhook'
    if (client !== undefined) errors.push(forbiddenField(`${path}.webhookClientConfig`, rule))
    if (versions.length > 0) errors.push(forbiddenField(`${path}.conversionReviewVersions`, rule))
    return errors
  }
  const at = `${path}.webhookClientConfig`
  if (client === undefined) errors.push(requiredValue(at, 'required when strategy is set to Webhook'))
  else if ((client.url === undefined) === (client.service === undefined)) {
    errors.push(requiredValue(at, 'exactly one of url or service is required'))
  } else if (client.url !== undefined) errors.push(...webhookUrlErrors(client.url, `${at}.url`))
  else if (client.service !== undefined) errors.push(...webhookServiceErrors(client.service, `${at}.service`))
  return [...errors, ...reviewVersionErrors(versions, `${path}.conversionReviewVersions`)]
}

function reviewVersionErrors(versions: readonly string[], field: string): FieldError[] {
  if (versions.length === 0) return [requiredValue(field)]
  const errors: FieldError[] = []
  for (const [index, version] of versions.entries()) {
    if (versions.indexOf(version) < index) errors.push(invalidValue(`${field}[${index}]`, version, 'duplicate version'))
    else errors.push(...dns1035LabelErrors(version).map((why) => invalidValue(`${field}[${index}]`, version, why)))
  }
  if (!versions.some((version) => version === 'v1' || version === 'v1beta1')) {
    errors.push(invalidValue(field, versions, 'must include at least one of v1, v1beta1'))
  }
  return errors
}
