/**
 * The messages between a lab page and the lab server, over HTTP and server-sent events.
 * The page imports types only, so that nothing of zod reaches the browser.
 */
import { z } from 'zod'
import type { Need } from './lab/schema.ts'

/** Body of `POST /api/sessions`. */
export const StartSessionRequest = z.strictObject({
  lab: z
    .string()
    .regex(/^[a-z0-9][a-z0-9-]{0,62}$/)
    .describe('The id of a lab: the name of its folder in labs/.'),
  provider: z
    .string()
    .regex(/^[a-z]{1,32}$/)
    .optional()
    .describe('The name of what makes the cluster, one of those in the status. Left out: the first that has room.'),
})
export type StartSessionRequest = z.infer<typeof StartSessionRequest>

/** What the reader watches while a cluster is made, in order. */
export const stages = ['queued', 'image', 'cluster', 'addons', 'shell', 'objects'] as const
export type Stage = (typeof stages)[number]

/** Why a session ended. Each has a sentence in the page's strings. */
export type EndReason =
  | 'reader' // the reader pressed "End lab"
  | 'idle' // nothing typed for the idle limit
  | 'expired' // the total time is used up
  | 'failed' // the cluster could not be made, or a later stage of the start failed
  | 'vanished' // the cluster went away under the session (deleted by hand, engine restarted)

export type SessionState =
  | { state: 'queued' /** 1 is next. */; position: number }
  | { state: 'preparing'; stage: Stage /** Set while a lab that runs goes elsewhere. */; journey?: JourneyView }
  | {
      state: 'ready'
      /** What the last journey could not do: one sentence for the reader. */
      trouble?: string
      /** Set where the server was restarted, until the lab next goes elsewhere: the cluster was put back, and the shells have begun anew. */
      restored?: RestoredView
    }
  | { state: 'ended'; reason: EndReason /** One sentence for the reader. */; message: string }

/** How a lab came back that had ended with the server. */
export interface RestoredView {
  /** When it was there again, in ms since the epoch. */
  at: number
  /** Of how many seconds, just before the end, nothing may be left. */
  seconds: number
}

/** A way through the lab that is not the reader's own: back to the start of a step, or on to a later one. */
export interface JourneyView {
  kind: 'restart' | 'catch-up'
  /** Id of the step at whose start it ends. */
  to: string
  /** Id of the step that is being done; absent while the cluster is put back. */
  step?: string
}

/** What one check of a step says at this moment. All texts are plain text, rendered as such. */
export interface CheckView {
  /** What has to hold, in words; from lab.yaml. */
  title: string
  passed: boolean
  /** What was found instead, if the check has not passed and something was found. */
  found?: string
}

export interface StepView {
  id: string
  /** `open` is being checked; `locked` waits for the steps before it. */
  status: 'locked' | 'open' | 'passed' | 'skipped'
  checks: CheckView[]
  /** Whether the check has been failing since the reader last changed something: the page then offers the solution. */
  tried: boolean
  /** What the step needs and this cluster does not have: it is skipped from the start, for reading. */
  lacks?: Need
}

export interface ShellView {
  /** Number of the tab, from 1; never used twice in a session. */
  id: number
  state: 'running' | 'exited'
}

/** Everything a lab page needs to draw itself. Sent whole on each change: it is small, and nothing can get out of step. */
export interface SessionView {
  id: string
  lab: string
  provider: string
  status: SessionState
  steps: StepView[]
  shells: ShellView[]
  /** Milliseconds since the epoch, by the server's clock. */
  now: number
  createdAt: number
  /** When the total time is used up. */
  expiresAt: number
  /** When the session ends if nothing is typed until then. */
  idleAt: number
  /** How many more times the reader may extend. */
  extensionsLeft: number
}

/** Data of the event `session` on `GET /api/sessions/:id/events`. */
export type SessionEvent = SessionView

/** One way to make a lab's cluster. */
export interface ProviderView {
  name: string
  title: string
  about: string
  /** Whether its containers and nodes are played, and not real. */
  simulated: boolean
  /** Seconds until the shell is there, about. */
  startsWithin: number
  /** Whether all its places are taken at this moment. */
  full: boolean
  /** Absent when it can run here. One sentence that a person can act on. */
  unavailable?: string
}

/** Answer of `GET /api/status`: whether labs can be started here. */
export interface ServerStatus {
  version: string
  provider: { name: string; title: string /** What it is, and where it differs from a real cluster. */; about: string }
  /** All that this server can make clusters with, the one that is taken without a choice first. */
  providers: ProviderView[]
  /** Absent when a session can be started now. One sentence that a person can act on. */
  unavailable?: string
  labs: string[]
}

/** The body of every answer with a status of 400 or more. */
export interface ErrorBody {
  error: {
    /** Stable, for programs: `unknown-lab`, `too-many-sessions`, `invalid-request`, … */
    code: string
    /** One sentence for the reader. */
    message: string
    /** The field that was wrong, as a path like `lab`; for `invalid-request`. */
    field?: string
    /** Seconds until it is worth trying again; also in the header Retry-After. */
    retryAfter?: number
  }
}
