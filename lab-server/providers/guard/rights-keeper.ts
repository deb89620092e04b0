import type { Logger } from 'pino'
import { type Clock, sleep } from '../../clock.ts'
import { type KubeConnection, KubeError, type KubeObject } from '../../kube/connection.ts'
import { customResourcesRole, type Definition, namespaceBinding } from './access.ts'
import { isProtected } from './protected.ts'

export interface RightsKeeper {
  /** Resolves when the readers have their rights in every namespace that there is. */
  ready: Promise<void>
  close(): void
}

/** Between attempts to give rights while the API server does not answer, in ms. */
const RETRY = 500

/** Gives the readers their rights in each namespace as it appears, and to the kinds that they define. */
export function keepRights(kube: KubeConnection, { clock, log }: { clock: Clock; log: Logger }): RightsKeeper {
  const stopped = new AbortController()
  const { signal } = stopped

  async function apply(object: KubeObject): Promise<void> {
    while (!signal.aborted) {
      try {
        await kube.apply(object, signal)
        return
      } catch (error) {
        // Refused for good: the namespace is gone already, or going
        if (error instanceof KubeError && error.status < 500 && error.status !== 429) return
        log.debug({ err: error, object: object.metadata }, 'rights could not be given yet')
        await sleep(clock, RETRY, signal).catch(() => {})
      }
    }
  }

  const bindings = new Set<Promise<void>>()
  const namespaces = kube.watch({ apiVersion: 'v1', kind: 'Namespace' }, (event) => {
    const { name } = event.object.metadata
    if (event.type !== 'ADDED' || isProtected(name)) return
    const done = apply(namespaceBinding(name)).finally(() => bindings.delete(done))
    bindings.add(done)
  })

  // One after the other, so that the last state is the one that stays
  let customRights = Promise.resolve()
  const giveCustomRights = () => {
    customRights = customRights.then(() => apply(customResourcesRole(crds.objects.map(definition))))
  }
  const crds = kube.watch({ apiVersion: 'apiextensions.k8s.io/v1', kind: 'CustomResourceDefinition' }, (event) => {
    if (event.type !== 'MODIFIED') giveCustomRights()
  })

  const ready = Promise.all([namespaces.synced, crds.synced]).then(async () => {
    giveCustomRights()
    await Promise.all([customRights, ...bindings])
  })
  ready.catch(() => {})

  return {
    ready,
    close() {
      stopped.abort()
      namespaces.close()
      crds.close()
    },
  }
}

function definition(object: KubeObject): Definition {
  const { group, names, scope } = object.spec as {
    group: string
    names: { plural: string }
    scope: Definition['scope']
  }
  return { group, plural: names.plural, scope }
}
