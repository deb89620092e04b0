import type { PodState } from '../../protocol/map.ts'
import { count } from './count.ts'

/** Said by the cluster map. */
export const map = {
  label: 'Map of the cluster',
  help: 'Arrow keys move from one to the next.',
  nothing: 'Nothing is running yet.',
  waiting: 'Waiting for the cluster…',
  choose: 'Point at a Pod, or walk there with the arrow keys, to see more of it.',
  unplaced: 'Not placed',
  states: {
    pending: 'waits for a node',
    starting: 'starting',
    running: 'running, not ready',
    ready: 'ready',
    failing: 'failing',
    terminating: 'terminating',
    completed: 'completed',
  } satisfies Record<PodState, string>,
  nodeReady: 'ready',
  nodeLost: 'not ready',
  nodeCordoned: 'cordoned',
  controlPlane: 'control plane',
  pod: (name: string, state: string, node: string | undefined) => `Pod ${name}, ${state}${node ? `, on ${node}` : ''}`,
  node: (name: string, state: string, pods: number) => `Node ${name}, ${state}, ${count(pods, 'Pod', 'Pods')}`,
  service: (name: string, pods: number) => `Service ${name}, sends to ${count(pods, 'ready Pod', 'ready Pods')}`,
  owner: (name: string, ready: number, desired: number) => `${name}: ${ready} of ${desired} ready`,
  owned: (name: string) => `owned by ${name}`,
  restarts: (times: number) => count(times, 'restart', 'restarts'),
  gets: (services: string) => `gets requests from ${services}`,
  table: 'The same as a table',
  columns: { pod: 'Pod', state: 'State', node: 'Node', owner: 'Owner', restarts: 'Restarts' },
}
