/** Whether two JSON values are the same; order of keys does not count, an absent key and an undefined one are the same. */
export function deepEqual(left: unknown, right: unknown): boolean {
  if (left === right) return true
  if (typeof left !== 'object' || typeof right !== 'object' || left === null || right === null) return false
  if (Array.isArray(left)) {
    if (!Array.isArray(right) || left.length !== right.length) return false
    for (let index = 0; index < left.length; index++) {
      if (!deepEqual(left[index], right[index])) return false
    }
    return true
  }
  if (Array.isArray(right)) return false
  return sameFields(left as Fields, right as Fields)
}

type Fields = Record<string, unknown>

function sameFields(left: Fields, right: Fields): boolean {
  let fields = 0
  for (const key of Object.keys(left)) {
    const value = left[key]
    if (value === undefined) continue
    if (!Object.hasOwn(right, key) || !deepEqual(value, right[key])) return false
    fields++
  }
  for (const key of Object.keys(right)) if (right[key] !== undefined) fields--
  return fields === 0
}

/** As apimachinery's semantic equality: an absent list or map equals an empty one. */
export function semanticallyEqual(left: unknown, right: unknown): boolean {
  if (left === right) return true
  if (isEmpty(left) && isEmpty(right)) return true
  if (typeof left !== 'object' || typeof right !== 'object' || left === null || right === null) return false
  if (Array.isArray(left) !== Array.isArray(right)) return false
  const keys = new Set([...Object.keys(left), ...Object.keys(right)])
  for (const key of keys) {
    if (!semanticallyEqual((left as Fields)[key], (right as Fields)[key])) return false
  }
  return true
}

function isEmpty(value: unknown): boolean {
  if (value === undefined || value === null) return true
  return typeof value === 'object' && Object.keys(value).length === 0
}
