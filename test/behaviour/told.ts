import type { Json, WatchEvent } from './side.ts'

/**
 * Whether all that kubelets and the scheduler tell of what was seen has arrived as events: they write them beside their work, and
 * much later where they have much to do.
 */
export function isAllTold(events: readonly WatchEvent[]): boolean {
  const told = new Set<string>()
  for (const { object } of events) {
    if (object.kind === 'Event')
      told.add(`${object.involvedObject.uid} ${object.reason} ${object.involvedObject.fieldPath ?? ''}`)
  }
  return events.every(({ object }) => object.kind !== 'Pod' || expected(object).every((one) => told.has(one)))
}

function expected({ metadata, spec, status }: Json): string[] {
  const { uid } = metadata
  // Who was placed by name was placed by nobody
  const scheduled = spec.nodeName !== undefined && spec.schedulerName === 'default-scheduler'
  return [
    ...(scheduled ? [`${uid} Scheduled `] : []),
    ...started(status.initContainerStatuses, uid, 'initContainers'),
    ...started(status.containerStatuses, uid, 'containers'),
  ]
}

const started = (statuses: readonly Json[] | undefined, uid: string, where: string): string[] =>
  (statuses ?? [])
    .filter(({ state }) => state?.running !== undefined)
    .map(({ name }) => `${uid} Started spec.${where}{${name}}`)
