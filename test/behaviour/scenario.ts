import type { Stage } from './stage.ts'

/**
 * Something that a cluster does, to be seen on two clusters. It runs in a namespace of its own; what the objects of the namespace go
 * through is recorded and compared, and what matters most is asserted by the scenario itself, for whichever cluster it runs on.
 */
export interface Scenario extends Needs {
  /** A sentence: what is to be seen. */
  readonly name: string
  readonly play: (stage: Stage) => Promise<void>
}

export interface Needs {
  /** Nothing else runs meanwhile, as it changes what others see of nodes. Nodes are recorded too. */
  readonly alone?: boolean
  /** Needs a network that holds NetworkPolicies. */
  readonly policies?: boolean
  /** What takes hours on a real cluster is asserted on the engine, and not compared. */
  readonly engineOnly?: boolean
  /**
   * Of the Pods of one owner, only the different lives are compared, not how many had each: which of them met an end of a rollout
   * early is a matter of milliseconds.
   */
  readonly lives?: 'distinct'
  /** Of which objects nothing is compared, as two controllers race for them: of those with such titles. */
  readonly chance?: RegExp
}

export interface Theme {
  readonly name: string
  readonly scenarios: readonly Scenario[]
}

export const scenario = (name: string, play: Scenario['play'], needs: Needs = {}): Scenario => ({
  name,
  play,
  ...needs,
})

/** `a Pod is killed` → `a-pod-is-killed`, as part of a namespace's name. */
export function namespaceOf({ name }: Scenario): string {
  const words = name
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .replaceAll(/^-|-$/g, '')
  return `b-${words}`.slice(0, 60).replace(/-+$/, '')
}
