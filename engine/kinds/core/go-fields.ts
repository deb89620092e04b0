/**
 * A struct of the API server's internal types as its messages show it: they have no JSON names, so fields go by their Go names, all of them, in the
 * order of their declaration; what is absent is null.
 */
export function goFields(fields: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  return Object.fromEntries(Object.entries(fields).map(([name, value]) => [name, value ?? null]))
}
