import { type Clock, sleep } from '../../clock.ts'
import { type KubeConnection, KubeError, type KubeObject } from '../../kube/connection.ts'
import { parseStatus } from '../../kube/paths.ts'
import type { Transport } from '../../kube/transport.ts'
import { accessObjects } from './access.ts'
import { type Policy, policies, policyObjects } from './policies.ts'
import { READER_GROUP, READER_USER } from './protected.ts'

/** The API server takes up new policies once a second. In ms. */
const PROBE_EVERY = 200
const PROBE_FOR = 120_000

/** With these headers the API server decides as it would for the reader. */
export const asReader = { 'impersonate-user': READER_USER, 'impersonate-group': READER_GROUP }

/** The readers' rights and the policies. */
export const guardObjects: readonly KubeObject[] = [...policies.flatMap(policyObjects), ...accessObjects]

/** The cluster is still being made: a namespace may yet come, a right may yet be given. In ms. */
const APPLY_EVERY = 300
const APPLY_FOR = 5 * 60_000

/** Applies objects to a cluster that is still being made, each until it is taken. */
export async function applyPatiently(
  kube: KubeConnection,
  clock: Clock,
  objects: readonly KubeObject[],
  signal: AbortSignal,
): Promise<void> {
  const end = clock.now() + APPLY_FOR
  await Promise.all(
    objects.map(async (object) => {
      for (;;) {
        try {
          await kube.apply(object, signal)
          return
        } catch (error) {
          const forGood = error instanceof KubeError && (error.status === 400 || error.status === 422)
          if (forGood || signal.aborted || clock.now() > end) throw error
        }
        await sleep(clock, APPLY_EVERY, signal)
      }
    }),
  )
}

/**
 * Tries, as a reader, what each policy must refuse, until all do. Nothing is changed: the requests are dry runs.
 * @throws {Error} naming the policy that does not hold
 */
export async function guardHolds(transport: Transport, clock: Clock, signal: AbortSignal): Promise<void> {
  const end = clock.now() + PROBE_FOR
  await Promise.all(
    policies.map(async (policy) => {
      while (!(await refuses(transport, policy, signal))) {
        if (clock.now() > end) throw new Error(`the policy ${policy.name} is not in force`)
        await sleep(clock, PROBE_EVERY, signal)
      }
    }),
  )
}

async function refuses(transport: Transport, { name, probe }: Policy, signal: AbortSignal): Promise<boolean> {
  const answer = await transport.request({
    method: probe.method,
    path: `${probe.path}?dryRun=All`,
    body: JSON.stringify(probe.body),
    contentType: probe.method === 'PATCH' ? 'application/merge-patch+json' : 'application/json',
    headers: asReader,
    signal,
  })
  return answer.status === 403 && (parseStatus(answer.body)?.message ?? '').includes(`'${name}'`)
}
