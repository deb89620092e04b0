/**
 * What a host's page, a participant's page and the lab server say to each other about a workshop: one room, many seats.
 * Pages import types only, so that nothing of zod reaches the browser.
 */
import { z } from 'zod'

/** Text that a person writes and others see: one line, no control, bidirectional or invisible characters, shown as text only. */
const line = (most: number) =>
  z
    .string()
    .trim()
    .min(1)
    .max(most)
    // The joiners are part of some scripts and of many emoji.
    .regex(/^(?:[\u200c\u200d]|[^\p{Cc}\p{Cf}\p{Zl}\p{Zp}])*$/u, 'expected one line of plain text')

const labId = z.string().regex(/^[a-z0-9][a-z0-9-]{0,62}$/)

/** Milliseconds since the epoch. */
const time = z.int().min(0)

export const LONGEST_NAME = 60
export const LONGEST_MESSAGE = 500
export const MOST_SEATS = 500

/**
 * Body of `POST /api/host/sign-in`: the secret of the settings, the token of a one-time link, or the query with which the browser
 * came back from the OpenID provider, to which `GET /api/host/openid` had sent it.
 */
export const SignInRequest = z.union([
  z.strictObject({ secret: z.string().min(1).max(256) }),
  z.strictObject({ token: z.string().min(1).max(256) }),
  z.strictObject({ callback: z.string().min(1).max(4096) }),
])
export type SignInRequest = z.infer<typeof SignInRequest>

/** Answer of `GET /api/host`. */
export interface HostView {
  /** Undefined while nobody is signed in. */
  name?: string
  /** How one can sign in here; `link` is there on loopback while no secret is set. */
  ways: ('secret' | 'link' | 'openid')[]
}

/** Body of `POST /api/workshops`, and of `PUT /api/workshops/:workshop` before it starts. */
export const WorkshopDraft = z
  .strictObject({
    title: line(100).describe('Shown to everyone who joins.'),
    labs: z.array(labId).min(1).max(20).describe('In the order in which they are done.'),
    startsAt: time.describe('Nobody gets a cluster before; joining is possible from fifteen minutes before.'),
    endsAt: time.describe('Everyone’s lab ends then.'),
    seats: z.int().min(1).max(MOST_SEATS),
    codes: z.enum(['one', 'one-time']).describe('One code for the room, or one for each seat, which works once.'),
    provider: z
      .string()
      .regex(/^[a-z]{1,32}$/)
      .describe('What makes the clusters: one of those in the status.'),
    warmUpMinutes: z.int().min(0).max(120).describe('Minutes before the start at which clusters begin to be made.'),
  })
  .refine(({ startsAt, endsAt }) => endsAt > startsAt, { path: ['endsAt'], error: 'expected a time after the start' })
  .refine(({ startsAt, endsAt }) => endsAt - startsAt <= 12 * 60 * 60_000, {
    path: ['endsAt'],
    error: 'expected at most twelve hours after the start',
  })
export type WorkshopDraft = z.infer<typeof WorkshopDraft>

/** `open`: before the start, and one may join already. */
export type WorkshopState = 'planned' | 'open' | 'running' | 'over'

/** What its host sees of a workshop. */
export interface WorkshopView extends WorkshopDraft {
  id: string
  state: WorkshopState
  /** Seats that are taken. */
  taken: number
  /** The code of the room; undefined with one-time codes. */
  code?: string
  /** One-time codes that nobody has used yet. */
  unusedCodes?: string[]
  /** Clusters that are ready for those who will come. */
  warm: number
  /** Before the start, one sentence if there are more seats than this machine bears well. */
  warning?: string
  /** Null: participants go as far as they like. */
  pace: Pace | null
}

/** How far participants may go: steps beyond are locked until the host opens them. */
export interface Pace {
  lab: string
  /** Number of the last open step, from 1. */
  step: number
}

export const PaceRequest = z.strictObject({
  pace: z.strictObject({ lab: labId, step: z.int().min(1).max(50) }).nullable(),
})

/** Body of `POST /api/join`. */
export const JoinRequest = z.strictObject({ code: z.string().trim().min(1).max(64), name: line(LONGEST_NAME) })
export type JoinRequest = z.infer<typeof JoinRequest>

/** Body of `POST /api/join/link`: the token of a personal link, by which another browser comes to the same seat. */
export const LinkRequest = z.strictObject({ token: z.string().min(1).max(128) })

/**
 * What a participant’s page knows; event `seat` on `GET /api/seat/events`, and the answer of joining. The event `gone` ends that
 * stream: the host has taken the seat away.
 */
export interface SeatView {
  seat: string
  name: string
  workshop: { title: string; labs: string[]; startsAt: number; endsAt: number; state: WorkshopState; provider: string }
  pace: Pace | null
  hand: boolean
  /** The address that brings another browser to this seat, path and token. */
  link: string
  /** A host who looks at a terminal at this moment, and whether they may type. */
  helping: { typing: 'no' | 'asked' | 'allowed' } | null
  /** The newest messages of the host, newest last; at most five. */
  messages: Message[]
  now: number
}

/** Answer of `GET /api/seat/progress`: what a participant has done, for a page to print. */
export interface SeatProgress {
  name: string
  workshop: { title: string; startsAt: number; endsAt: number }
  labs: {
    lab: string
    title: string
    /** In the lab's order; times are null while it has not come to that. */
    steps: { title: string; how: 'passed' | 'skipped' | null; openedAt: number | null; doneAt: number | null }[]
  }[]
}

export interface Message {
  id: number
  text: string
  at: number
}

export const BroadcastRequest = z.strictObject({ text: line(LONGEST_MESSAGE) })
export const HandRequest = z.strictObject({ raised: z.boolean() })
export const TypingRequest = z.strictObject({ allowed: z.boolean() })
export const ExtendRequest = z.strictObject({ minutes: z.int().min(1).max(240) })
export const StepRequest = z.strictObject({
  lab: labId,
  step: z.string().regex(/^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/),
})
export type StepRequest = z.infer<typeof StepRequest>

/** One participant, as the board shows them. Sent whole when anything of it changes. */
export interface BoardRow {
  seat: string
  name: string
  hand: boolean
  /** When the hand was raised. */
  handAt: number | null
  here: boolean
  lab: string | null
  /** Number of the open step from 1, of how many; null while no lab runs. */
  step: number | null
  steps: number
  /** Since when the step is open. */
  stepSince: number | null
  /** The first check of the open step that has not passed, and what it says. */
  failing: { title: string; found: string | null } | null
  /** Time in this step against the room’s median for it; above 2 counts as stuck. Null while fewer than three have done it. */
  pace: number | null
  lastInputAt: number | null
  state: 'absent' | 'waiting' | 'working' | 'done' | 'ended'
  shells: number[]
  watchedBy: string | null
  /** Whether that host may type; null while nobody looks on. */
  typing: 'no' | 'asked' | 'allowed' | null
}

/** Data of the event `board` on `GET /api/workshops/:workshop/board`. The event `gone` ends that stream: the workshop has been removed. */
export type BoardEvent =
  | { kind: 'whole'; workshop: WorkshopView; rows: BoardRow[]; heat: Heat[]; now: number }
  | { kind: 'change'; workshop?: WorkshopView; rows: BoardRow[]; gone: string[]; heat?: Heat[]; now: number }

/** How the room stands at one step. */
export interface Heat {
  lab: string
  step: string
  number: number
  title: string
  open: number
  passed: number
  skipped: number
  /** Of those who have done it, in milliseconds. */
  medianMs: number | null
}

/** Answer of `GET /api/host/capacity`: what this machine can host. */
export interface Capacity {
  memoryBytes: { total: number; available: number }
  cpus: number
  inotify: { instances: number; watches: number } | null
  providers: {
    name: string
    title: string
    seats: number /** One sentence: what limits it, and what would raise it. */
    limit: string
  }[]
}

/** One of the lines of `GET /api/workshops/:workshop/audit` (`{ lines }`, newest last): who did what to whom. */
export interface AuditLine {
  at: number
  host: string
  action: string
  seat: string | null
  detail: string
}
