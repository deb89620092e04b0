import type { Pod } from '../../kinds/pod/status.ts'

/** Milliseconds, evenly from the one to the other. */
export type Span = number | readonly [from: number, to: number]

/**
 * How nodes behave in time, and what goes wrong on them: data, in the manner of kwok's Stages. The first fault or life that matches holds.
 */
export interface Profile {
  readonly name: string
  /** Whether programs run in containers. Where they do not, containers look as if, and do what `lives` says. */
  readonly runs: boolean
  readonly delays: Delays
  readonly pull: PullSpeed
  readonly faults: readonly Fault[]
  readonly lives: readonly Life[]
  /** Whether nodes tell of their start in events. */
  readonly nodeEvents: boolean
  /** Keeps kubelets from looking after what runs below their level: bytes of memory and shares of the disk (0 to 1) that have to be free. */
  readonly eviction: { readonly memoryAvailable: number; readonly diskAvailable: number }
}

export interface Delays {
  /** Volumes are set up. */
  readonly mount: Span
  /** A sandbox with its network is made. */
  readonly sandbox: Span
  readonly create: Span
  readonly start: Span
  /** A change of containers is noticed: upstream's relist, once a second. */
  readonly relist: Span
  /** A container that only looks as if it ran ends when it is told to. */
  readonly stop: Span
  /** All that a terminated Pod had is cleaned away. */
  readonly cleanup: Span
}

export interface PullSpeed {
  /** Before the first byte comes. */
  readonly latency: Span
  readonly bytesPerSecond: number
}

/** What a fault or a life is about; all that is said must hold. */
export interface Match {
  readonly namespace?: string
  readonly labels?: Readonly<Record<string, string>>
  readonly annotations?: Readonly<Record<string, string>>
  /** Kind of the controller that owns it. */
  readonly owner?: string
  readonly container?: string
  /** As the Pod says it; `*` stands for anything. */
  readonly image?: string
  readonly node?: string
}

export type Fault = Match & {
  /** 0 to 1; always if not said. */
  readonly chance?: number
} & (
    | { readonly at: 'pull'; readonly message: string }
    | { readonly at: 'create'; readonly message: string }
    | { readonly at: 'start'; readonly message: string; readonly code?: number }
    | { readonly at: 'sandbox'; readonly message: string }
    | { readonly at: 'slow-pull'; readonly factor: number }
  )

/** What becomes of a container that only looks as if it ran. */
export type Life = Match & { readonly after: Span; readonly exitCode: number; readonly outOfMemory?: boolean }

export interface Subject {
  readonly pod: Pod
  readonly node: string
  readonly container?: string
  readonly image?: string
}

export function matches(match: Match, { pod, node, container, image }: Subject): boolean {
  const { metadata } = pod
  const owner = metadata.ownerReferences?.find(({ controller }) => controller === true)
  return (
    (match.namespace === undefined || match.namespace === metadata.namespace) &&
    holds(match.labels, metadata.labels) &&
    holds(match.annotations, metadata.annotations) &&
    (match.owner === undefined || match.owner === owner?.kind) &&
    (match.container === undefined || match.container === container) &&
    (match.node === undefined || match.node === node) &&
    (match.image === undefined || (image !== undefined && fits(match.image, image)))
  )
}

type Words = Readonly<Record<string, string>>

function holds(wanted: Words | undefined, found: Words | undefined): boolean {
  return Object.entries(wanted ?? {}).every(([key, value]) => found?.[key] === value)
}

function fits(pattern: string, text: string): boolean {
  if (!pattern.includes('*')) return pattern === text
  const parts = pattern.split('*').map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'))
  return new RegExp(`^${parts.join('.*')}$`).test(text)
}
