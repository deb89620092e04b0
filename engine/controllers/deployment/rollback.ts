import { withMetadata } from '../../storage/metadata.ts'
import {
  previousRevision,
  ROLLBACK_TO,
  revisionOf,
  rolledBackAnnotations,
  sameTemplate,
  withoutHash,
} from './revisions.ts'
import { allOf } from './status.ts'
import type { Deployment, ReplicaSet } from './types.ts'
import type { Workbench } from './workbench.ts'

/** The revision to which an old client's annotation asks to go back, 0 being the previous one; undefined if none does. */
export function rollbackRevision({ metadata }: Deployment): number | undefined {
  const text = metadata.annotations?.[ROLLBACK_TO]
  return text !== undefined && /^[-+]?[0-9]+$/.test(text) ? Number(text) : undefined
}

/** Does what the annotation asks for, which is gone then. */
export function rollBack(bench: Workbench, asked: number): void {
  const { deployment, events } = bench
  const all = allOf(bench.sync(true))
  const revision = asked === 0 ? previousRevision(all) : asked
  const set = revision === 0 ? undefined : all.find((one) => revisionOf(one) === revision)
  if (set === undefined) {
    const message = revision === 0 ? 'Unable to find last revision.' : 'Unable to find the revision to rollback to.'
    events.warning(deployment, 'DeploymentRollbackRevisionNotFound', message)
    clear(bench)
    return
  }
  const name = JSON.stringify(deployment.metadata.name)
  if (sameTemplate(deployment.spec.template, set.spec.template)) {
    const message = `The rollback revision contains the same template as current deployment ${name}`
    events.warning(deployment, 'DeploymentRollbackTemplateUnchanged', message)
    clear(bench)
    return
  }
  goBack(bench, set)
  events.normal(deployment, 'DeploymentRollback', `Rolled back deployment ${name} to revision ${revision}`)
}

function goBack(bench: Workbench, set: ReplicaSet): void {
  bench.write((now) => ({
    ...withMetadata(now, { annotations: rolledBackAnnotations(now, set) }),
    spec: { ...now.spec, template: withoutHash(set.spec.template) },
  }))
}

function clear(bench: Workbench): void {
  bench.write((now) => {
    const { [ROLLBACK_TO]: _, ...annotations } = now.metadata.annotations ?? {}
    return withMetadata(now, { annotations })
  })
}
