import type { Cancel, Clock } from '../../clock/clock.ts'

/** Milliseconds: the kernel's period over which a CPU limit is kept (CFS). A container may use what it has saved of one. */
const PERIOD = 100

/** Of a container that asks for none: two of the kernel's shares, of which a core has 1024. */
const LIGHTEST = 0.002

export interface CpuShare {
  /** None: all that there is. */
  readonly limit?: number | undefined
  readonly weight?: number | undefined
}

/** Who shares cores: a container. */
export class CpuGroup {
  /** Cores that it may use at most over time. */
  limit: number
  /** Its part where cores are short. */
  weight: number
  /** Milliseconds of one core that it has used. */
  used = 0
  /** Milliseconds of one core that it may use before its limit is felt. */
  saved: number
  /** Since when `saved` counts. */
  at: number

  constructor({ limit = Number.POSITIVE_INFINITY, weight = 0, now }: CpuShare & { readonly now: number }) {
    this.limit = limit
    this.weight = Math.max(LIGHTEST, weight)
    this.saved = limit * PERIOD
    this.at = now
  }
}

interface Burn {
  readonly group: CpuGroup
  readonly done: () => void
  /** Milliseconds of one core. */
  left: number
  /** Cores that it has now. */
  share: number
}

/** Less than this is done, in ms: what rounding leaves. */
const EPSILON = 1e-6

/**
 * The cores of a machine, shared fairly as a fluid: all that computes gets its part at once, and the plan changes only when something
 * begins, ends or meets its limit. One timer for a machine, none while nothing computes.
 */
export class Cores {
  readonly #clock: Clock
  readonly #cores: number
  readonly #burns = new Set<Burn>()
  #slowness = 1
  #at: number
  #cancel: Cancel = () => {}
  #used = 0
  /** An average over the last minute, as load averages are. */
  #load = 0

  constructor(clock: Clock, cores: number) {
    this.#clock = clock
    this.#cores = cores
    this.#at = clock.now()
  }

  /** Milliseconds of one core, all groups together. */
  get used(): number {
    this.#advance()
    return this.#used
  }

  /** How much wants to run, over the last minute. */
  get load(): number {
    this.#advance()
    return this.#load
  }

  get slowness(): number {
    return this.#slowness
  }

  setSlowness(factor: number): void {
    this.#advance()
    this.#slowness = factor
    this.#plan()
  }

  /** Another share for a group, from now on: what it had saved of the last period is kept as far as it may have that now. */
  setLimits(group: CpuGroup, { limit = Number.POSITIVE_INFINITY, weight = 0 }: CpuShare): void {
    this.#advance()
    if (![...this.#burns].some((burn) => burn.group === group)) refill(group, this.#at)
    group.limit = limit
    group.weight = Math.max(LIGHTEST, weight)
    group.saved = Math.min(group.saved, limit * PERIOD)
    this.#plan()
  }

  usedBy(group: CpuGroup): number {
    this.#advance()
    return group.used
  }

  /** Calls when so many milliseconds of one core were had; what is returned gives up. */
  burn(group: CpuGroup, ms: number, done: () => void): Cancel {
    this.#advance()
    const burn: Burn = { group, done, left: ms, share: 0 }
    if (![...this.#burns].some((other) => other.group === group)) refill(group, this.#at)
    this.#burns.add(burn)
    this.#plan()
    return () => {
      this.#advance()
      if (this.#burns.delete(burn)) this.#plan()
    }
  }

  #advance(): void {
    const now = this.#clock.now()
    const elapsed = now - this.#at
    if (elapsed <= 0) return
    const keep = Math.exp(-elapsed / 60_000)
    this.#load = this.#load * keep + this.#burns.size * (1 - keep)
    const spent = new Map<CpuGroup, number>()
    for (const burn of this.#burns) {
      const used = elapsed * burn.share
      burn.left -= used / this.#slowness
      burn.group.used += used
      this.#used += used
      spent.set(burn.group, (spent.get(burn.group) ?? 0) + used)
    }
    for (const [group, used] of spent) {
      group.saved = Math.min(group.limit * PERIOD, group.saved + group.limit * elapsed - used)
      group.at = now
    }
    this.#at = now
  }

  #plan(): void {
    this.#cancel()
    this.#cancel = () => {}
    if (this.#burns.size === 0) return
    const next = this.#share()
    this.#cancel = this.#clock.after(Math.max(1, Math.ceil(next)), () => this.#finish())
  }

  /** Gives everybody a part; returns the milliseconds until a part may change. */
  #share(): number {
    const groups = new Map<CpuGroup, Burn[]>()
    for (const burn of this.#burns) {
      const burns = groups.get(burn.group)
      if (burns === undefined) groups.set(burn.group, [burn])
      else burns.push(burn)
    }
    const wants = [...groups].map(([group, burns]) => ({
      burns,
      group,
      demand: group.saved > EPSILON ? burns.length : Math.min(burns.length, group.limit),
    }))
    const parts = fair(
      wants.map(({ demand, group }) => ({ demand, weight: group.weight })),
      this.#cores,
    )
    let next = Number.POSITIVE_INFINITY
    for (const [index, { burns, group }] of wants.entries()) {
      const part = parts[index] as number
      if (part > group.limit && group.saved > EPSILON) next = Math.min(next, group.saved / (part - group.limit))
      for (const burn of burns) {
        burn.share = part / burns.length
        next = Math.min(next, (burn.left * this.#slowness) / burn.share)
      }
    }
    return next
  }

  #finish(): void {
    this.#advance()
    const ended = [...this.#burns].filter(({ left }) => left <= EPSILON)
    for (const burn of ended) this.#burns.delete(burn)
    this.#plan()
    for (const { done } of ended) done()
  }
}

function refill(group: CpuGroup, now: number): void {
  const gained = Number.isFinite(group.limit) ? group.limit * (now - group.at) : 0
  group.saved = Math.min(group.limit * PERIOD, group.saved + gained)
  group.at = now
}

/** Parts of `total` by weight, of which nobody gets more than it wants. */
export function fair(wants: readonly { readonly demand: number; readonly weight: number }[], total: number): number[] {
  const parts = wants.map(({ demand }) => demand)
  if (parts.reduce((sum, part) => sum + part, 0) <= total) return parts
  let open = wants.map((want, index) => ({ ...want, index }))
  let left = total
  for (;;) {
    const weights = open.reduce((sum, { weight }) => sum + weight, 0)
    const content = open.filter(({ demand, weight }) => demand <= (left * weight) / weights)
    if (content.length === 0) {
      for (const { index, weight } of open) parts[index] = (left * weight) / weights
      return parts
    }
    left -= content.reduce((sum, { demand }) => sum + demand, 0)
    open = open.filter((want) => !content.includes(want))
    if (open.length === 0) return parts
  }
}
