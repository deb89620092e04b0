import type { Case } from './objects/cases.ts'
import { objectCases } from './objects/index.ts'
import { inParallel } from './play.ts'
import { type Answer, Api, accountOf, collections, post } from './post.ts'
import type { Side } from './side.ts'

const NAMESPACE = 'objects'

/** Bounds of a namespace apply to all that is created while they are there. */
const LAST = ['LimitRange', 'ResourceQuota']

/** Posts all cases to a side: kinds side by side, cases of a kind one after the other, as they share names. */
export async function postAll(
  side: Side,
  cases: readonly Case[] = objectCases,
): Promise<Map<string, readonly Answer[]>> {
  const api = new Api(side.kubeconfig)
  try {
    await api.send('POST', '/api/v1/namespaces', { apiVersion: 'v1', kind: 'Namespace', metadata: { name: NAMESPACE } })
    await accountOf(api, NAMESPACE)
    const collectionOf = await collections(api)
    const kinds = Map.groupBy(cases, ({ manifest }) => manifest.kind as string)
    const last = LAST.flatMap((kind) => kinds.get(kind) ?? [])
    for (const kind of LAST) kinds.delete(kind)
    const answers = new Map<string, readonly Answer[]>()
    const take = async (some: readonly Case[]) => {
      for (const one of some) answers.set(one.name, await post(one, api, collectionOf, NAMESPACE))
    }
    await inParallel([...kinds.values()], 4, take)
    await take(last)
    return answers
  } finally {
    api.close()
  }
}
