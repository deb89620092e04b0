import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { getIn, removeIn, setIn } from '../objects/paths.ts'
import { StatusError } from '../objects/status-error.ts'
import type { ManagedFieldsEntry } from '../objects/types.ts'
import { historySample } from '../patch/schema.testing.ts'
import { FieldManager, type Managed } from './field-manager.ts'

interface Step {
  readonly op: 'apply' | 'update'
  readonly manager: string
  /** For an update: whether the writer sends back the `managedFields` that it read. */
  readonly force: boolean
  readonly object: Managed
}

interface Answer {
  readonly o?: Managed
  readonly m?: readonly unknown[]
  readonly err?: string
  readonly code?: number
  readonly causes?: readonly string[]
}

/** How the field manager of apimachinery 0.34.4 went through random histories of updates and applies, one history a line. */
const histories = readFileSync(new URL('upstream-histories.jsonl', import.meta.url), 'utf8')
  .trim()
  .split('\n')
  .map((line) => JSON.parse(line) as { steps: Step[]; answers: Answer[] })

const managedFields = ['metadata', 'managedFields']

describe('histories that upstream went through', () => {
  it('leave the same objects, owners and conflicts', () => {
    expect(histories.length).toBeGreaterThan(50)
    for (const { steps, answers } of histories) {
      const manager = new FieldManager({
        apiVersion: 'apps/v1',
        kind: 'Deployment',
        schema: historySample,
        keepsNulls: true,
        now: () => '2026-01-01T00:00:00Z',
      })
      let live: Managed | undefined
      steps.forEach((step, index) => {
        const answer = answers[index] as Answer
        const asked = JSON.stringify(steps.slice(0, index + 1))
        try {
          live = setIn(take(manager, live, step), ['metadata', 'uid'], 'u')
        } catch (error) {
          expect(inAnyOrder((error as Error).message), asked).toEqual(inAnyOrder(answer.err ?? ''))
          expect(causesOf(error), asked).toEqual(answer.causes ?? [])
          return
        }
        const entries = (getIn(live, managedFields) ?? []) as ManagedFieldsEntry[]
        expect(answer.err, asked).toBeUndefined()
        expect(removeIn(live, managedFields), asked).toEqual(answer.o)
        expect(
          entries.map(({ time: _, ...entry }) => entry),
          asked,
        ).toEqual(answer.m)
      })
    }
  })
})

function take(manager: FieldManager, live: Managed | undefined, { op, manager: name, force, object }: Step): Managed {
  if (op === 'apply') return manager.apply(live, object, name, force)
  const read = getIn(live, managedFields)
  const sendsBack = force && read !== undefined && getIn(object, managedFields) === undefined
  return manager.update(live, sendsBack ? setIn(object, managedFields, read) : object, name)
}

/** Upstream lists the owners' conflicts in order, but the fields as its maps give them. */
function inAnyOrder(message: string): string[] {
  return message.split(/\n|: /).sort()
}

function causesOf(error: unknown): string[] {
  const causes = error instanceof StatusError ? (error.details?.causes ?? []) : []
  return causes.map(({ reason, message, field }) => `${reason} ${message} ${field}`).sort()
}
