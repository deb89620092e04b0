import type { Taint } from '../kinds/core/node.ts'
import type { Toleration } from '../kinds/pod/types.ts'

/** component-helpers' `TolerationsTolerateTaint` (1.34). */
export function tolerates(tolerations: readonly Toleration[], taint: Pick<Taint, 'key' | 'value' | 'effect'>): boolean {
  return tolerations.some((toleration) => toleratesTaint(toleration, taint))
}

export function toleratesTaint(
  { key = '', operator = '', value = '', effect = '' }: Toleration,
  taint: Pick<Taint, 'key' | 'value' | 'effect'>,
): boolean {
  if (effect !== '' && effect !== taint.effect) return false
  if (key !== '' && key !== taint.key) return false
  if (operator === 'Exists') return true
  return (operator === '' || operator === 'Equal') && value === (taint.value ?? '')
}

/** The first taint that keeps a Pod with these tolerations from being put there. */
export function untolerated(taints: readonly Taint[], tolerations: readonly Toleration[]): Taint | undefined {
  return taints.find(
    (taint) => (taint.effect === 'NoSchedule' || taint.effect === 'NoExecute') && !tolerates(tolerations, taint),
  )
}
