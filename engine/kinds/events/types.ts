import type { NewObject } from '../../objects/types.ts'

export interface Reference {
  readonly kind?: string
  readonly namespace?: string
  readonly name?: string
  readonly uid?: string
  readonly apiVersion?: string
  readonly resourceVersion?: string
  readonly fieldPath?: string
}

/** core/v1 `Event`, in which form events are stored. */
export interface Event {
  readonly involvedObject: Reference
  readonly related?: Reference
  readonly reason?: string
  readonly message?: string
  readonly source?: { readonly component?: string; readonly host?: string }
  readonly firstTimestamp?: string | null
  readonly lastTimestamp?: string | null
  readonly count?: number
  readonly type?: string
  readonly eventTime?: string | null
  readonly series?: { readonly count?: number; readonly lastObservedTime?: string | null }
  readonly action?: string
  readonly reportingComponent?: string
  readonly reportingInstance?: string
}

export function eventOf(object: NewObject): Event {
  return object as unknown as Event
}

/** Times that were not given are null. */
export const isSet = (time: string | null | undefined): time is string => time !== undefined && time !== null
