import type { Container, PodSpec } from './types.ts'

/** A Pod's containers with their paths, in upstream's order: init, ephemeral ones last. */
export function allContainers(spec: PodSpec, field: string): readonly { container: Container; at: string }[] {
  const kinds = ['initContainers', 'containers', 'ephemeralContainers'] as const
  return kinds.flatMap((kind) =>
    (spec[kind] ?? []).map((container, index) => ({ container, at: join(field, `${kind}[${index}]`) })),
  )
}

/** Of two parts of a path; either may be empty. */
export const join = (first: string, second: string): string =>
  first === '' || second === '' ? first + second : `${first}.${second}`
