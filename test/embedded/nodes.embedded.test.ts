/** The command `lab` in a real shell, against simulated nodes. */
import pino from 'pino'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { systemClock as clock } from '../../lab-server/clock.ts'
import { randomIds } from '../../lab-server/ids.ts'
import { restorePower } from '../../lab-server/nodes/restore.ts'
import { followNodeWishes, type NodeWishes } from '../../lab-server/nodes/wishes.ts'
import { testProvider } from '../../lab-server/providers/embedded/provider.fixture.ts'
import type { Cluster, Provider } from '../../lab-server/providers/provider.ts'

const { signal } = new AbortController()

describe('the command lab', () => {
  let provider: Provider
  let cluster: Cluster
  let wishes: NodeWishes
  const run = async (script: string) => {
    const { code, output } = await cluster.run(script, AbortSignal.timeout(60_000))
    return { code, output: output.trim() }
  }
  const ready = (node: string) =>
    run(`kubectl get node ${node} -o jsonpath='{.status.conditions[?(@.type=="Ready")].status}'`)
  const eventually = (check: () => Promise<void>) => vi.waitFor(check, { timeout: 100_000, interval: 500 })

  beforeAll(async () => {
    provider = testProvider(`test-${randomIds.short()}`)
    cluster = await provider.create({ id: randomIds.short(), workers: 2 }, () => {}, signal)
    wishes = followNodeWishes(cluster, { clock, log: pino({ level: 'warn' }) })
  })
  afterAll(async () => {
    wishes?.close()
    await provider?.close()
  })

  it('lists the nodes, and knows each by several names', async () => {
    const { output } = await run('lab nodes')
    expect(output.split('\n').map((line) => line.split(/\s{2,}/))).toEqual([
      ['NODE', 'FULL NAME', 'STATE', 'READY'],
      ['control-plane', 'control-plane', 'on', 'yes'],
      ['worker-1', 'worker', 'on', 'yes'],
      ['worker-2', 'worker2', 'on', 'yes'],
    ])
    const found = await run('for name in worker worker1 worker-1 worker-2 worker2; do lab node $name; done')
    expect(found.output.split('\n')).toEqual(['worker', 'worker', 'worker', 'worker2', 'worker2'])
    expect(await run('lab')).toEqual(await run('lab help'))
  })

  it('says what is wrong', async () => {
    const wrong: [string, string][] = [
      ['lab stop-node', 'lab: which node? For example: lab stop-node worker-1'],
      ['lab stop-node worker-9', 'lab: there is no node "worker-9". These are there: control-plane worker-1 worker-2'],
      [
        'lab stop-node control-plane',
        'lab: the control plane stays on: without it there is no cluster to look at. Try a worker.',
      ],
      ['lab start-node worker-1', 'lab: worker-1 is on already.'],
      ['lab slow worker-1 300', 'lab: how many times slower? A whole number from 1 to 20: lab slow worker-1 4'],
      ['lab fly', 'lab: there is no "lab fly": lab help lists what there is.'],
    ]
    for (const [command, output] of wrong) expect(await run(command), command).toEqual({ code: 1, output })
  })

  it('does not switch the control plane, whatever is annotated and labelled there', async () => {
    await run(
      'kubectl label node control-plane node-role.kubernetes.io/control-plane-; kubectl annotate node control-plane "quayside.dev/wanted=stopped 1"',
    )
    const trouble = "kubectl get node control-plane -o jsonpath='{.metadata.annotations.quayside\\.dev/trouble}'"
    await eventually(async () => expect((await run(trouble)).output).toContain('only workers can be switched'))
    expect((await ready('control-plane')).output).toBe('True')
  })

  it('switches a node off and on: Kubernetes notices both', async () => {
    expect(await run('lab stop-node worker-2')).toEqual({
      code: 0,
      output: 'worker-2 is off. Kubernetes notices after about 50 s: kubectl get nodes --watch',
    })
    expect((await run('lab nodes')).output).toMatch(/worker-2 +worker2 +off/)
    expect((await run('lab stop-node worker-2')).output).toBe('lab: worker-2 is off already.')
    await eventually(async () => expect((await ready('worker2')).output).toBe('Unknown'))
    expect((await run('lab start-node worker-2')).code).toBe(0)
    await eventually(async () => expect((await ready('worker2')).output).toBe('True'))
  })

  it('cuts a node off and reconnects it, and makes one slow', async () => {
    expect((await run('lab cut-off worker')).output).toMatch(/^worker-1 is cut off/)
    expect((await run('lab start-node worker')).output).toBe(
      'lab: worker-1 is on, but cut off from the network: lab reconnect worker-1',
    )
    expect((await run('lab reconnect worker')).output).toMatch(/^worker-1 is on the network again/)
    expect((await run('lab slow worker 7')).output).toMatch(/about 7 times as long/)
    expect((await run('lab nodes')).output).toMatch(/worker-1 +worker +7 times slower/)
  })

  it('is forgotten by a reset, which waits until all nodes are ready', async () => {
    await run('lab stop-node worker-2')
    await eventually(async () => expect((await ready('worker2')).output).toBe('Unknown'))
    await restorePower(cluster, { clock, signal })
    expect((await run('lab nodes')).output).toMatch(/worker-1 +worker +on +yes\nworker-2 +worker2 +on +yes/)
    expect((await run('kubectl get nodes -o yaml')).output).not.toContain('quayside.dev')
  })
})
