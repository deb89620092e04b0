/** Whether a check holds, given what there is to see. Pure. */
import { compile, type Expression, toCel, variableOf } from '../../protocol/lab/expressions.ts'
import type { Check } from '../../protocol/lab/schema.ts'
import type { KubeObject } from '../kube/connection.ts'
import { placeOf, subjectOf } from './subject.ts'
import { plain } from './text.ts'

export interface HttpAnswer {
  /** 0 if none came. */
  status: number
  body: string
  json: unknown
}

export interface RecordedEvent {
  type: 'ADDED' | 'MODIFIED' | 'DELETED'
  object: KubeObject
  old: KubeObject | null
}

/** What a check sees. */
export type Sight =
  /** Of a named object: the one that bears the name, or none. */
  | {
      kind: 'objects'
      objects: readonly KubeObject[] /** False: the cluster knows no such kind. */
      kindKnown?: boolean
    }
  | {
      kind: 'answers'
      /** When the round of requests began, in milliseconds since the epoch: what came later, it does not know. */
      askedAt: number
      answers: readonly HttpAnswer[] /** Why the API server did not pass requests on. */
      refusal?: string
    }
  | { kind: 'events'; events: readonly RecordedEvent[]; kindKnown?: boolean }
  /** The API server does not let it be looked at; a sentence. */
  | { kind: 'refused'; refusal: string }

export interface Verdict {
  holds: boolean
  /** What was found instead: plain text, one line. */
  found?: string
  /** The check itself is at fault, not the cluster; for the log. */
  fault?: string
}

/** A check, made ready to be judged again and again. */
export interface Judge {
  judge(sight: Sight): Verdict
}

export function createJudge(check: Check): Judge {
  const variable = variableOf(check)
  const expect = compile(check.expect, variable)
  const found = check.found === undefined ? undefined : compile(check.found, variable)
  const convert = convertedOnce()

  return {
    judge(sight) {
      if (sight.kind === 'refused') return { holds: false, found: plain(sight.refusal) }
      const value = variable === 'object' ? valuesOf(sight, convert)[0] : valuesOf(sight, convert)
      if (value === undefined)
        return {
          holds: false,
          found: unknownKind(check, sight) ?? `${subjectOf(check)} does not exist${placeOf(check)}.`,
        }
      const outcome = expect.evaluate(value)
      if (outcome.kind === 'value' && outcome.value === true) return { holds: true }
      if (sight.kind === 'answers' && sight.refusal !== undefined) return { holds: false, found: plain(sight.refusal) }
      if (outcome.kind === 'fault') return faulty(check, 'expect', outcome.fault)
      if (outcome.kind === 'value' && outcome.value !== false)
        return faulty(check, 'expect', `it gives ${plain(String(outcome.value))}, neither true nor false`)
      const unknown = unknownKind(check, sight)
      if (unknown !== undefined) return { holds: false, found: unknown }
      const own = found && authorsWords(found, value)
      if (own?.fault !== undefined) return faulty(check, 'found', own.fault)
      const words = own?.text ?? ownWords(check, sight, outcome.kind === 'absent' ? outcome.field : undefined)
      return words === '' ? { holds: false } : { holds: false, found: words }
    },
  }
}

/** Of a kind that is not there, nothing else is worth saying. */
function unknownKind(check: Check, sight: Sight): string | undefined {
  if (!('kindKnown' in sight) || sight.kindKnown !== false || 'http' in check) return undefined
  const { apiVersion, kind } = 'events' in check ? check.events : check.resource
  return `The cluster does not know the kind ${kind} of ${apiVersion} yet.`
}

const faulty = (check: Check, field: string, fault: string): Verdict => ({
  holds: false,
  found: plain(`This check has a fault, not you: ${fault}.`),
  fault: `"${check.title}": ${field}: ${fault}`,
})

/** Nothing if the author's expression reads what is not set: then the sentences of this file say what was found. */
function authorsWords(found: Expression, value: unknown): { text?: string; fault?: string } {
  const outcome = found.evaluate(value)
  switch (outcome.kind) {
    case 'absent':
      return {}
    case 'fault':
      return { fault: outcome.fault }
    case 'value':
      if (typeof outcome.value === 'object' && outcome.value !== null) return { fault: 'it gives no text' }
      return { text: plain(String(outcome.value)) }
  }
}

function ownWords(check: Check, sight: Exclude<Sight, { kind: 'refused' }>, absent: string | undefined): string {
  const subject = subjectOf(check)
  switch (sight.kind) {
    case 'objects': {
      const count = sight.objects.length
      if (variableOf(check) === 'object')
        return absent === undefined
          ? `${subject} is not as expected yet.`
          : `${subject} has no ${absent}${yet(absent)}.`
      return count === 0
        ? `No ${subject}${placeOf(check)}.`
        : `${count} ${subjectOf(check, count)}${placeOf(check)}, not as expected yet.`
    }
    case 'answers': {
      const answered = sight.answers.filter((answer) => answer.status !== 0).length
      return answered === 0
        ? `${subject} does not answer.`
        : `${subject} answered ${answered} of ${counted(sight.answers.length, 'request')}, not as expected yet.`
    }
    case 'events':
      return sight.events.length === 0
        ? `Nothing has happened to ${subject}${placeOf(check)} yet.`
        : `${counted(sight.events.length, 'change')} of ${subject}${placeOf(check)}, not the expected one yet.`
  }
}

const counted = (count: number, noun: string) => `${count} ${noun}${count === 1 ? '' : 's'}`

/** What a controller will fill in is missing only for now. */
const yet = (field: string) => (field.startsWith('status') ? ' yet' : '')

function valuesOf(sight: Exclude<Sight, { kind: 'refused' }>, convert: (object: KubeObject) => unknown): unknown[] {
  switch (sight.kind) {
    case 'objects':
      return sight.objects.map(convert)
    case 'answers':
      return sight.answers.map((answer) => toCel(answer))
    case 'events':
      return sight.events.map(({ type, object, old }) => ({ type, object: convert(object), old: old && convert(old) }))
  }
}

/** Objects of a watch never change, they are replaced: each is converted once however often it is judged. */
function convertedOnce(): (object: KubeObject) => unknown {
  const known = new WeakMap<KubeObject, unknown>()
  return (object) => {
    const before = known.get(object)
    if (before !== undefined) return before
    const converted = toCel(object)
    known.set(object, converted)
    return converted
  }
}
