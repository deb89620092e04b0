import { type FieldError, invalidValue } from '../../objects/field-error.ts'

/** pod-security.kubernetes.io's labels on a namespace (pod-security-admission 0.34). */

export type Level = 'privileged' | 'baseline' | 'restricted'
/** The minor of 1.x, or the newest. */
export type Version = number | 'latest'

export interface LevelVersion {
  readonly level: Level
  readonly version: Version
}

export interface Policy {
  readonly enforce: LevelVersion
  readonly audit: LevelVersion
  readonly warn: LevelVersion
}

const PREFIX = 'pod-security.kubernetes.io/'
const LEVELS: readonly Level[] = ['privileged', 'baseline', 'restricted']
const LOOSE: LevelVersion = { level: 'privileged', version: 'latest' }

/** A policy in any case; what cannot be read is taken at its strictest where Pods are refused, at its loosest elsewhere. */
export function policyOf(labels: Readonly<Record<string, string>> = {}): {
  readonly policy: Policy
  readonly errors: readonly FieldError[]
} {
  const errors: FieldError[] = []
  const read = (mode: string, failing: Level): { own: LevelVersion; level?: Level; version?: Version } => {
    const levelText = labels[PREFIX + mode]
    const versionText = labels[`${PREFIX + mode}-version`]
    const level = levelText === undefined ? undefined : LEVELS.find((one) => one === levelText)
    if (levelText !== undefined && level === undefined) {
      errors.push(invalid(mode, levelText, `must be one of ${LEVELS.join(', ')}`))
    }
    const version = versionText === undefined ? undefined : versionOf(versionText)
    if (versionText !== undefined && version === undefined) {
      errors.push(invalid(`${mode}-version`, versionText, 'must be "latest" or "v1.x"'))
    }
    const fallback = levelText === undefined ? LOOSE.level : failing
    return {
      own: { level: level ?? fallback, version: version ?? LOOSE.version },
      ...(level === undefined ? {} : { level }),
      ...(version === undefined ? {} : { version }),
    }
  }
  const { own: enforce, level: enforced } = read('enforce', 'restricted')
  const { own: audit } = read('audit', 'privileged')
  const { own: given } = read('warn', 'privileged')
  const warnsByItself = labels[`${PREFIX}warn`] !== undefined
  const follows = !warnsByItself && enforced !== undefined && compareLevels(enforced, given.level) > 0
  const versioned = labels[`${PREFIX}warn-version`] !== undefined
  const warn = follows ? { level: enforced, version: versioned ? given.version : enforce.version } : given
  return { policy: { enforce, audit, warn }, errors }
}

function invalid(label: string, value: string, detail: string): FieldError {
  return invalidValue(`metadata.labels[${PREFIX + label}]`, value, detail)
}

function versionOf(text: string): Version | undefined {
  if (text === 'latest') return 'latest'
  const minor = /^v1\.([0-9]|[1-9][0-9]*)$/.exec(text)?.[1]
  return minor === undefined ? undefined : Number(minor)
}

/** `restricted:latest`, `baseline:v1.28`. */
export function policyText({ level, version }: LevelVersion): string {
  return `${level}:${version === 'latest' ? version : `v1.${version}`}`
}

export function compareLevels(left: Level, right: Level): number {
  return LEVELS.indexOf(left) - LEVELS.indexOf(right)
}
