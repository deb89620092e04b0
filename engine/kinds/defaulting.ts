/** Filling in what is missing, copy on write: what was complete comes back as it is. */

/** With these fields where they are absent. */
export function fill<T extends object>(object: T, defaults: Partial<T>): T {
  let filled: T | undefined
  for (const [field, value] of Object.entries(defaults)) {
    if (value === undefined || (object as Record<string, unknown>)[field] !== undefined) continue
    filled ??= { ...object }
    ;(filled as Record<string, unknown>)[field] = value
  }
  return filled ?? object
}

/** With a field changed if it is there. */
export function change<T extends object, K extends keyof T>(
  object: T,
  field: K,
  by: (value: NonNullable<T[K]>) => T[K],
): T {
  const value = object[field]
  if (value === undefined || value === null) return object
  const changed = by(value)
  return changed === value ? object : { ...object, [field]: changed }
}

export function mapSame<T>(list: readonly T[], by: (item: T, index: number) => T): readonly T[] {
  let same = true
  const mapped = list.map((item, index) => {
    const next = by(item, index)
    if (next !== item) same = false
    return next
  })
  return same ? list : mapped
}

/** With every item of a list that is there changed. */
export function changeEach<T extends object, K extends keyof T>(
  object: T,
  field: K,
  by: (item: NonNullable<T[K]> extends readonly (infer Item)[] ? Item : never) => unknown,
): T {
  return change(object, field, (list) => mapSame(list as readonly unknown[], by as (item: unknown) => unknown) as T[K])
}

/** Without fields; the same object if it has none of them. */
export function without<T extends object>(object: T, ...fields: readonly (keyof T)[]): T {
  if (!fields.some((field) => object[field] !== undefined)) return object
  const rest = { ...object }
  for (const field of fields) delete rest[field]
  return rest
}
