import { isFields, itemsOf, type JsonSchema, type ValidationRule } from './json-schema.ts'

/** A schema as upstream's sentences show it: its internal type (1.34), whose fields have other names than JSON's, and all of them. */
export function internalSchema(schema: JsonSchema | undefined): object | null {
  if (schema === undefined) return null
  return {
    ID: schema.id ?? '',
    Schema: schema.$schema ?? '',
    Ref: schema.$ref ?? null,
    Description: schema.description ?? '',
    Type: schema.type ?? '',
    Nullable: schema.nullable ?? false,
    Format: schema.format ?? '',
    Title: schema.title ?? '',
    Default: schema.default ?? null,
    Maximum: schema.maximum ?? null,
    ExclusiveMaximum: schema.exclusiveMaximum ?? false,
    Minimum: schema.minimum ?? null,
    ExclusiveMinimum: schema.exclusiveMinimum ?? false,
    MaxLength: schema.maxLength ?? null,
    MinLength: schema.minLength ?? null,
    Pattern: schema.pattern ?? '',
    MaxItems: schema.maxItems ?? null,
    MinItems: schema.minItems ?? null,
    UniqueItems: schema.uniqueItems ?? false,
    MultipleOf: schema.multipleOf ?? null,
    Enum: schema.enum ?? null,
    MaxProperties: schema.maxProperties ?? null,
    MinProperties: schema.minProperties ?? null,
    Required: schema.required ?? null,
    Items: internalItems(schema),
    AllOf: schema.allOf?.map(internalSchema) ?? null,
    OneOf: schema.oneOf?.map(internalSchema) ?? null,
    AnyOf: schema.anyOf?.map(internalSchema) ?? null,
    Not: internalSchema(schema.not),
    Properties: schemas(schema.properties),
    AdditionalProperties: orBool(schema.additionalProperties),
    PatternProperties: schemas(schema.patternProperties),
    Dependencies: dependencies(schema.dependencies),
    AdditionalItems: orBool(schema.additionalItems),
    Definitions: schemas(schema.definitions),
    ExternalDocs: isFields(schema.externalDocs)
      ? { Description: schema.externalDocs.description ?? '', URL: schema.externalDocs.url ?? '' }
      : null,
    Example: schema.example ?? null,
    XPreserveUnknownFields: schema['x-kubernetes-preserve-unknown-fields'] ?? null,
    XEmbeddedResource: schema['x-kubernetes-embedded-resource'] ?? false,
    XIntOrString: schema['x-kubernetes-int-or-string'] ?? false,
    XListMapKeys: schema['x-kubernetes-list-map-keys'] ?? null,
    XListType: schema['x-kubernetes-list-type'] ?? null,
    XMapType: schema['x-kubernetes-map-type'] ?? null,
    XValidations: schema['x-kubernetes-validations']?.map(internalRule) ?? null,
  }
}

export function internalRule(rule: ValidationRule): object {
  return {
    Rule: rule.rule,
    Message: rule.message ?? '',
    MessageExpression: rule.messageExpression ?? '',
    Reason: rule.reason ?? null,
    FieldPath: rule.fieldPath ?? '',
    OptionalOldSelf: rule.optionalOldSelf ?? null,
  }
}

function internalItems(schema: JsonSchema): object | null {
  const { items } = schema
  if (items === undefined) return null
  if (Array.isArray(items)) return { Schema: null, JSONSchemas: items.map(internalSchema) }
  return { Schema: internalSchema(itemsOf(schema)), JSONSchemas: null }
}

function orBool(value: JsonSchema | boolean | undefined): object | null {
  if (value === undefined) return null
  return typeof value === 'boolean' ? { Allows: value, Schema: null } : { Allows: true, Schema: internalSchema(value) }
}

/** Go writes maps in the order of their keys. */
function schemas(map: Readonly<Record<string, JsonSchema>> | undefined): object | null {
  if (map === undefined) return null
  return Object.fromEntries(sorted(map).map(([name, inner]) => [name, internalSchema(inner)]))
}

function dependencies(map: JsonSchema['dependencies']): object | null {
  if (map === undefined) return null
  return Object.fromEntries(
    sorted(map).map(([name, inner]) => [
      name,
      Array.isArray(inner)
        ? { Schema: null, Property: inner }
        : { Schema: internalSchema(inner as JsonSchema), Property: null },
    ]),
  )
}

function sorted<T>(map: Readonly<Record<string, T>>): [string, T][] {
  return Object.entries(map).sort(([one], [other]) => (one < other ? -1 : 1))
}
