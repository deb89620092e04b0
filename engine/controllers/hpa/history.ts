import type { Behavior, ScalingRules } from '../../kinds/autoscaling/types.ts'

/** Milliseconds for which fewer replicas wait where nothing else is said: kube-controller-manager's default. */
const DOWNSCALE_WINDOW = 300_000
/** Without behaviour, at most twice as many at once, and at least as many as this. */
const UPSCALE_FACTOR = 2
const UPSCALE_MINIMUM = 4

interface Dated {
  readonly at: number
  readonly replicas: number
}

/** What becomes of a wish, and what the conditions AbleToScale and ScalingLimited say of it. */
export interface Bounded {
  readonly replicas: number
  readonly able: Said
  readonly limited: Said & { readonly isLimited: boolean }
}

interface Said {
  readonly reason: string
  readonly message: string
}

export interface Wish {
  readonly current: number
  readonly desired: number
  readonly min: number
  readonly max: number
  /** Milliseconds since 1970. */
  readonly now: number
}

const READY: Said = { reason: 'ReadyForNewScale', message: 'recommended size matches current size' }
const DOWN_STABILIZED: Said = {
  reason: 'ScaleDownStabilized',
  message: 'recent recommendations were higher than current one, applying the highest recent recommendation',
}
const UP_STABILIZED: Said = {
  reason: 'ScaleUpStabilized',
  message: 'recent recommendations were lower than current one, applying the lowest recent recommendation',
}
const WITHIN: Said = { reason: 'DesiredWithinRange', message: 'the desired count is within the acceptable range' }
const TOO_MANY: Said = {
  reason: 'TooManyReplicas',
  message: 'the desired replica count is more than the maximum replica count',
}
const TOO_FEW: Said = {
  reason: 'TooFewReplicas',
  message: 'the desired replica count is less than the minimum replica count',
}
const TOO_FAST_UP: Said = {
  reason: 'ScaleUpLimit',
  message: 'the desired replica count is increasing faster than the maximum scale rate',
}
const TOO_FAST_DOWN: Said = {
  reason: 'ScaleDownLimit',
  message: 'the desired replica count is decreasing faster than the maximum scale rate',
}

/** What one autoscaler has wished for and done of late, by which its next step is bounded (`normalizeDesiredReplicas`, 1.34). */
export class ScalingHistory {
  #recommendations: Dated[] = []
  #ups: Dated[] = []
  #downs: Dated[] = []

  /** Before the first wish: as many as there are. */
  begin(current: number, now: number): void {
    if (this.#recommendations.length === 0) this.#recommendations.push({ at: now, replicas: current })
  }

  /** Bounds a wish by limits, rates and windows, and remembers it. */
  bound(wish: Wish, behavior: Behavior | undefined): Bounded {
    return behavior === undefined ? this.#byDefault(wish) : this.#byBehavior(wish, behavior)
  }

  /** Remembers a step that was taken, as far as rules of behaviour look back. */
  scaled(from: number, to: number, behavior: Behavior | undefined, now: number): void {
    if (behavior === undefined) return
    const isUp = to > from
    const longest = longestPeriod(isUp ? behavior.scaleUp : behavior.scaleDown)
    const recent = (isUp ? this.#ups : this.#downs).filter(({ at }) => at >= now - longest)
    recent.push({ at: now, replicas: Math.abs(to - from) })
    if (isUp) this.#ups = recent
    else this.#downs = recent
  }

  #byDefault({ current, desired, min, max, now }: Wish): Bounded {
    const window = now - DOWNSCALE_WINDOW
    this.#recommendations = this.#recommendations.filter(({ at }) => at >= window)
    const stabilized = Math.max(desired, ...this.#recommendations.map(({ replicas }) => replicas))
    this.#recommendations.push({ at: now, replicas: desired })
    const able = stabilized === desired ? READY : DOWN_STABILIZED
    const fastest = Math.max(UPSCALE_FACTOR * current, UPSCALE_MINIMUM)
    const most = Math.min(max, fastest)
    if (stabilized < min) return { replicas: min, able, limited: { ...TOO_FEW, isLimited: true } }
    if (stabilized > most) {
      return { replicas: most, able, limited: { ...(max > fastest ? TOO_FAST_UP : TOO_MANY), isLimited: true } }
    }
    return { replicas: stabilized, able, limited: { ...WITHIN, isLimited: false } }
  }

  #byBehavior(wish: Wish, { scaleUp = {}, scaleDown = {} }: Behavior): Bounded {
    const { current, desired, min, max, now } = wish
    const stabilized = this.#stabilized(wish, scaleUp, scaleDown)
    const able = stabilized === desired ? READY : desired >= current ? UP_STABILIZED : DOWN_STABILIZED
    if (stabilized > current) {
      const fastest = Math.max(current, this.#limit(current, scaleUp, now, true))
      const most = Math.min(max, fastest)
      const said = max > fastest ? TOO_FAST_UP : TOO_MANY
      if (stabilized > most) return { replicas: most, able, limited: { ...said, isLimited: true } }
    } else if (stabilized < current) {
      const slowest = Math.min(current, this.#limit(current, scaleDown, now, false))
      const fewest = Math.max(min, slowest)
      const said = min < slowest ? TOO_FAST_DOWN : TOO_FEW
      if (stabilized < fewest) return { replicas: fewest, able, limited: { ...said, isLimited: true } }
    }
    return { replicas: stabilized, able, limited: { ...WITHIN, isLimited: false } }
  }

  /** Up only as far as the lowest, down only as far as the highest recent wish. */
  #stabilized({ current, desired, now }: Wish, scaleUp: ScalingRules, scaleDown: ScalingRules): number {
    const upSince = now - (scaleUp.stabilizationWindowSeconds ?? 0) * 1000
    const downSince = now - windowOf(scaleDown)
    const recent = (since: number) => this.#recommendations.filter(({ at }) => at > since).map((one) => one.replicas)
    const lowest = Math.min(desired, ...recent(upSince))
    const highest = Math.max(desired, ...recent(downSince))
    this.#recommendations = this.#recommendations.filter(({ at }) => at >= upSince || at >= downSince)
    this.#recommendations.push({ at: now, replicas: desired })
    return Math.min(Math.max(current, lowest), highest)
  }

  /** How far the policies let it go at once, up or down. */
  #limit(current: number, { selectPolicy, policies = [] }: ScalingRules, now: number, isUp: boolean): number {
    if (selectPolicy === 'Disabled') return current
    const limits = policies.map(({ type, value, periodSeconds }) => {
      const since = now - periodSeconds * 1000
      const start = current - changed(this.#ups, since) + changed(this.#downs, since)
      if (type === 'Pods') return isUp ? start + value : start - value
      return isUp ? Math.ceil(start * (1 + value / 100)) : Math.trunc(start * (1 - value / 100))
    })
    const isFurthest = selectPolicy !== 'Min'
    return isUp === isFurthest ? Math.max(...limits) : Math.min(...limits)
  }
}

const windowOf = ({ stabilizationWindowSeconds }: ScalingRules): number =>
  stabilizationWindowSeconds === undefined ? DOWNSCALE_WINDOW : stabilizationWindowSeconds * 1000

const changed = (events: readonly Dated[], since: number): number =>
  events.reduce((total, { at, replicas }) => (at > since ? total + replicas : total), 0)

const longestPeriod = (rules: ScalingRules | undefined): number =>
  Math.max(0, ...(rules?.policies ?? []).map(({ periodSeconds }) => periodSeconds)) * 1000
