import type { TypeSchema } from '../objects/types.ts'
import { goFormat, goTypeName } from '../patch/go-format.ts'
import { fieldElement, formatElement, type PathElement } from './path-element.ts'
import { declaredField, isAtomic, isMap, itemElement, itemSchema, shapeOf } from './shape.ts'

interface Wrong {
  readonly path: string
  readonly sentence: string
}

/** Why an applied configuration does not fit its type, in upstream's words; undefined where it fits. */
export function configError(config: unknown, schema: TypeSchema, allowsDuplicates = false): string | undefined {
  const wrong = check(config, schema, allowsDuplicates).map(({ path, sentence }) =>
    path === '' ? sentence : `${path}: ${sentence}`,
  )
  return wrong.length > 1 ? ['errors:', ...wrong.map((one) => `  ${one}`)].join('\n') : wrong[0]
}

const says = (sentence: string): Wrong[] => [{ path: '', sentence }]

function below(element: PathElement, wrong: readonly Wrong[]): Wrong[] {
  if (wrong.length === 0) return []
  const prefix = formatElement(element)
  return wrong.map(({ path, sentence }) => ({ path: `${prefix}${path}`, sentence }))
}

function check(value: unknown, schema: TypeSchema, allowsDuplicates: boolean): Wrong[] {
  if (value === null) return []
  const shape = shapeOf(schema, value)
  if (shape === 'scalar') return checkScalar(value, schema)
  if (shape === 'list') {
    if (!Array.isArray(value)) return says(`expected list, got &{${goFormat(value)}}`)
    return checkItems(value, schema, allowsDuplicates)
  }
  if (!isMap(value)) return says(`expected map, got &{${goFormat(value)}}`)
  const wrong: Wrong[] = []
  for (const [name, child] of Object.entries(value)) {
    const field = declaredField(schema, name)
    if (field === undefined) return [...wrong, ...below(fieldElement(name), says('field not declared in schema'))]
    wrong.push(...below(fieldElement(name), check(child, field, allowsDuplicates)))
  }
  return wrong
}

function checkItems(list: readonly unknown[], schema: TypeSchema, allowsDuplicates: boolean): Wrong[] {
  const wrong: Wrong[] = []
  const seen = new Set<PathElement>()
  for (const [index, item] of list.entries()) {
    let element: PathElement = `i:${index}`
    if (!isAtomic(schema, 'list')) {
      try {
        element = itemElement(schema, item)
      } catch (error) {
        return [...wrong, ...says(`element ${index}: ${(error as Error).message}`)]
      }
      if (seen.has(element) && !allowsDuplicates)
        wrong.push(...says(`duplicate entries for key ${formatElement(element)}`))
      seen.add(element)
    }
    wrong.push(...below(element, check(item, itemSchema(schema), allowsDuplicates)))
  }
  return wrong
}

function checkScalar(value: unknown, schema: TypeSchema): Wrong[] {
  const type = typeof value
  switch (schema.type) {
    case 'integer':
    case 'number':
      return type === 'number' ? [] : says(`expected numeric (int or float), got ${goTypeName(value)}`)
    case 'boolean':
      return type === 'boolean' ? [] : says(`expected boolean, got &{${goFormat(value)}}`)
    case 'string':
      return checkText(value, schema)
    default:
      return type === 'object' ? says(`expected any scalar, got &{${goFormat(value)}}`) : []
  }
}

function checkText(value: unknown, schema: TypeSchema): Wrong[] {
  if (typeof value === 'string') return []
  if (typeof value === 'object') return says(`expected string, got &value.valueUnstructured{Value:${goFormat(value)}}`)
  // Quantities and the like are texts that may come as numbers.
  if (isFormatted(schema)) return []
  return says(`expected string, got &value.valueUnstructured{Value:${goFormat(value)}}`)
}

function isFormatted(schema: TypeSchema): boolean {
  return schema.format !== undefined && schema.format !== 'byte'
}
