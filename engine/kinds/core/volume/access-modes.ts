import { type FieldError, forbiddenField, notSupported } from '../../../objects/field-error.ts'

const MODES = ['ReadOnlyMany', 'ReadWriteMany', 'ReadWriteOnce', 'ReadWriteOncePod']
const short = [
  ['ReadWriteOnce', 'RWO'],
  ['ReadOnlyMany', 'ROX'],
  ['ReadWriteMany', 'RWX'],
  ['ReadWriteOncePod', 'RWOP'],
] as const

/** As cells show them, in upstream's order: `RWO,ROX`. */
export function accessModesText(modes: readonly string[] = []): string {
  return short
    .filter(([mode]) => modes.includes(mode))
    .map(([, text]) => text)
    .join(',')
}

export function accessModeErrors(field: string, modes: readonly string[]): FieldError[] {
  const unknown = modes.filter((mode) => !MODES.includes(mode)).map((mode) => notSupported(field, mode, MODES))
  const known = modes.filter((mode) => MODES.includes(mode))
  const mixed = known.includes('ReadWriteOncePod') && known.some((mode) => mode !== 'ReadWriteOncePod')
  if (!mixed) return unknown
  return [...unknown, forbiddenField(field, 'may not use ReadWriteOncePod with other access modes')]
}
