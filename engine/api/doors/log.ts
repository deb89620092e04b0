import { timeFault } from '../../decode/go-time.ts'
import { type FieldError, forbiddenField, invalidValue } from '../../objects/field-error.ts'
import { badRequest, invalid } from '../../objects/status-error.ts'
import { formatTime, parseTime } from '../../objects/time.ts'
import { methodNotAllowed } from '../answers.ts'
import type { ApiResponse } from '../http.ts'
import { integer } from '../query.ts'
import { isTrue } from '../request-info.ts'
import type { Door } from '../router.ts'
import type { LogOptions } from '../runtime.ts'
import { containerOf, podNamed, runtimeOf, specOf } from './pods.ts'

/** `pods/<name>/log` (registry/core/pod's `LogREST`, 1.34). */
export const logDoor: Door = {
  serves: (group, version, resource, subresource) =>
    group === '' && version === 'v1' && resource === 'pods' && subresource === 'log',
  async handle(api, { request, info }): Promise<ApiResponse> {
    if (request.method !== 'GET') throw methodNotAllowed()
    const asked = logOptions(request.query, info.name)
    const pod = podNamed(api, info.namespace, info.name)
    const options = { ...asked, container: containerOf(pod, asked.container) }
    const headers = { 'Cache-Control': 'no-cache, private', 'Content-Type': 'text/plain' }
    // A Pod that is on no node has nothing to say.
    if ((specOf(pod).nodeName ?? '') === '') return { kind: 'whole', status: 200, headers, body: '' }
    const chunks = runtimeOf(api).logs(pod, options, request.signal)
    return { kind: 'stream', status: 200, headers, chunks: await begun(chunks, options.follow) }
  },
}

/** Throws 400 for what cannot be read, 422 for what makes no sense. */
function logOptions(query: URLSearchParams, name: string): LogOptions {
  const tailLines = integer(query.get('tailLines'))
  const limitBytes = integer(query.get('limitBytes'))
  const sinceSeconds = integer(query.get('sinceSeconds'))
  const sinceTime = time(query.get('sinceTime'))
  const errors: FieldError[] = []
  if (tailLines !== undefined && tailLines < 0) {
    errors.push(invalidValue('tailLines', tailLines, 'must be greater than or equal to 0'))
  }
  if (limitBytes !== undefined && limitBytes < 1) {
    errors.push(invalidValue('limitBytes', limitBytes, 'must be greater than 0'))
  }
  if (sinceSeconds !== undefined && sinceTime !== undefined) {
    errors.push(forbiddenField('', 'at most one of `sinceTime` or `sinceSeconds` may be specified'))
  } else if (sinceSeconds !== undefined && sinceSeconds < 1) {
    errors.push(invalidValue('sinceSeconds', sinceSeconds, 'must be greater than 0'))
  }
  if (query.has('stream')) errors.push(forbiddenField('stream', 'may not be specified'))
  if (errors.length > 0) throw invalid({ group: '', kind: 'PodLogOptions' }, name, errors)
  return {
    container: query.get('container') ?? '',
    follow: isTrue(query.get('follow')),
    previous: isTrue(query.get('previous')),
    timestamps: isTrue(query.get('timestamps')),
    ...(tailLines === undefined ? {} : { tailLines }),
    ...(limitBytes === undefined ? {} : { limitBytes }),
    ...(sinceSeconds === undefined ? {} : { sinceSeconds }),
    ...(sinceTime === undefined ? {} : { sinceTime }),
  }
}

function time(text: string | null): string | undefined {
  if (text === null || text === '' || text === 'null') return undefined
  const milliseconds = parseTime(text)
  if (milliseconds === undefined) throw badRequest(timeFault(text, false) ?? `parsing time "${text}"`)
  return formatTime(milliseconds)
}

/** Rounds of microtasks in which a runtime may still say that it has no log: then the answer is an error and no empty log. */
const ROUNDS_TO_FAIL = 16

/** The chunks once the first of them is there, or, of a log that is followed and may be silent for long, once it has not failed at once. */
async function begun(chunks: AsyncIterable<Uint8Array>, follow: boolean): Promise<AsyncIterable<Uint8Array>> {
  const iterator = chunks[Symbol.asyncIterator]()
  const first = iterator.next()
  if (!follow) await first
  else {
    let failed: { readonly error: unknown } | undefined
    first.catch((error: unknown) => {
      failed = { error }
    })
    for (let round = 0; round < ROUNDS_TO_FAIL && failed === undefined; round++) await Promise.resolve()
    if (failed !== undefined) throw failed.error
  }
  return resumed(first, iterator)
}

async function* resumed(
  first: Promise<IteratorResult<Uint8Array>>,
  iterator: AsyncIterator<Uint8Array>,
): AsyncGenerator<Uint8Array> {
  try {
    for (let next = await first; next.done !== true; next = await iterator.next()) yield next.value
  } finally {
    await iterator.return?.()
  }
}
