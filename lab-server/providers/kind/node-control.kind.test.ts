/** Nodes of a real cluster lose their power, their network and their speed, and get them back. */
import { type AddressInfo, createServer } from 'node:net'
import pino from 'pino'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { systemClock as clock } from '../../clock.ts'
import { randomIds } from '../../ids.ts'
import { restorePower } from '../../nodes/restore.ts'
import { followNodeWishes, type NodeWishes } from '../../nodes/wishes.ts'
import type { Cluster, Provider } from '../provider.ts'
import { docker, leftOf, testProvider } from './provider.fixture.ts'

const WEB = 'busybox:1.36'
const instance = `test-${randomIds.short()}`
const id = randomIds.short()
const { signal } = new AbortController()
const [first, second] = [`lab-${id}-worker`, `lab-${id}-worker2`]

describe('a node of a kind cluster', () => {
  let provider: Provider
  let cluster: Cluster
  let wishes: NodeWishes

  const run = async (script: string) => {
    const { code, output } = await cluster.run(script, AbortSignal.timeout(120_000))
    return { code, output: output.trim() }
  }
  const outputOf = async (script: string) => (await run(script)).output
  const eventually = (check: () => Promise<void>) => vi.waitFor(check, { timeout: 3 * 60_000, interval: 1000 })
  const ready = (node: string) =>
    outputOf(`kubectl get node ${node} -o jsonpath='{.status.conditions[?(@.type=="Ready")].status}'`)
  const podOn = (node: string) =>
    outputOf(
      `kubectl get pods -l app=web --field-selector spec.nodeName=${node} -o jsonpath='{.items[0].metadata.name} {.items[0].status.podIP} {.items[0].status.containerStatuses[0].ready}'`,
    )
  const addressesOf = async (node: string) => {
    const { NetworkSettings } = await docker.getContainer(node).inspect()
    return Object.values(NetworkSettings.Networks).map(({ IPAddress }) => IPAddress)
  }
  /** What an address answers to a Pod on a node. By nc, as not every busybox has a wget that works. */
  const fromPodOn = async (node: string, address: string, port: number) => {
    const [name] = (await podOn(node)).split(' ')
    const request = `(printf 'GET / HTTP/1.0\\r\\n\\r\\n'; sleep 1) | timeout 5 nc -w 3 ${address} ${port}`
    return outputOf(`kubectl exec ${name} -- sh -c "${request}" 2>&1`)
  }
  /** A port of this machine, open on all its addresses, and how often somebody has come to it. */
  let visits = 0
  const host = createServer((socket) => {
    visits++
    socket.end()
  })

  beforeAll(async () => {
    await new Promise<void>((resolve) => host.listen(0, '0.0.0.0', resolve))
    provider = testProvider(instance, [WEB])
    cluster = await provider.create({ id, workers: 2 }, () => {}, signal)
    wishes = followNodeWishes(cluster, { clock, log: pino({ level: 'warn' }, pino.destination(2)) })
    // On each worker one, that stays there while its node is away
    const { code, output } = await run(`kubectl apply -f - <<'YAML'
apiVersion: apps/v1
kind: DaemonSet
metadata: { name: web }
spec:
  selector: { matchLabels: { app: web } }
  template:
    metadata: { labels: { app: web } }
    spec:
      containers:
        - name: web
          image: ${WEB}
          command: [sh, -c, 'mkdir /www && echo ok > /www/index.html && exec httpd -f -p 9898 -h /www']
          readinessProbe: { httpGet: { port: 9898 }, periodSeconds: 1 }
          volumeMounts: [{ name: memory, mountPath: /memory }]
      volumes: [{ name: memory, emptyDir: { medium: Memory } }]
YAML
kubectl rollout status daemonset/web --timeout=90s || { kubectl describe pods; kubectl logs daemonset/web; exit 1; }`)
    expect(code, output).toBe(0)
  })
  afterAll(async () => {
    wishes?.close()
    host.close()
    for (const owned of await provider.list()) await owned.dispose()
    await provider.close()
    expect(await leftOf(instance, id)).toEqual([])
  })

  it('has the same names as everywhere', async () => {
    expect((await outputOf('lab nodes')).split('\n').map((line) => line.split(/\s{2,}/))).toEqual([
      ['NODE', 'FULL NAME', 'STATE', 'READY'],
      ['control-plane', `lab-${id}-control-plane`, 'on', 'yes'],
      ['worker-1', first, 'on', 'yes'],
      ['worker-2', second, 'on', 'yes'],
    ])
    expect(await outputOf('lab node worker-2')).toBe(second)
    expect((await run('lab stop-node control-plane')).code).toBe(1)
  })

  it('that is switched off is noticed, and comes back with its address, its Pods and its walls', async () => {
    const addresses = await addressesOf(second)
    const [, address = ''] = (await podOn(second)).split(' ')
    expect(await fromPodOn(first, address, 9898)).toContain('200 OK')
    const [pod] = (await podOn(second)).split(' ')
    await run(`kubectl exec ${pod} -- sh -c 'echo kept > /memory/kept; echo kept > /tmp/kept'`)

    const began = Date.now()
    const stopped = await run('lab stop-node worker-2')
    console.log(`stop-node: ${Date.now() - began} ms`)
    expect(stopped).toEqual({
      code: 0,
      output: 'worker-2 is off. Kubernetes notices after about 50 s: kubectl get nodes --watch',
    })
    const { stdout } = await execIn(second, 'ps -eo comm=')
    expect(stdout).not.toMatch(/httpd|kube-proxy|kubelet|containerd/)
    expect(await fromPodOn(first, address, 9898)).not.toContain('200 OK')
    expect(await cluster.healthy()).toBe(true)
    await eventually(async () => expect(await ready(second)).toBe('Unknown'))
    console.log(`NotReady after ${Date.now() - began} ms`)

    const again = Date.now()
    expect((await run('lab start-node worker-2')).code).toBe(0)
    console.log(`start-node: ${Date.now() - again} ms`)
    await eventually(async () => expect(await ready(second)).toBe('True'))
    console.log(`Ready after ${Date.now() - again} ms`)
    expect(await addressesOf(second)).toEqual(addresses)
    // What the Pod was before is still told for a moment.
    const restarts = `kubectl get pod ${pod} -o jsonpath='{.status.containerStatuses[0].restartCount}'`
    await eventually(async () => expect(await outputOf(restarts)).toBe('1'))
    await eventually(async () => expect(await podOn(second)).toMatch(/ true$/))
    console.log(`the Pod is ready after ${Date.now() - again} ms`)
    expect((await podOn(second)).split(' ')[0]).toBe(pod)
    expect(await outputOf(`kubectl exec ${pod} -- ls /memory`)).toBe('')
    const [, back = ''] = (await podOn(second)).split(' ')
    await eventually(async () => expect(await fromPodOn(first, back, 9898)).toContain('200 OK'))
    const { NetworkSettings } = await docker.getContainer(second).inspect()
    const gateway = Object.values(NetworkSettings.Networks).find(({ Gateway }) => Gateway)?.Gateway
    const { port } = host.address() as AddressInfo
    await fromPodOn(second, gateway ?? '', port)
    expect(visits).toBe(0)
  })

  it('that is cut off is noticed too, while what runs there runs on', async () => {
    expect((await run('lab cut-off worker-1')).code).toBe(0)
    expect((await execIn(first, 'ps -eo comm')).stdout).toMatch(/httpd/)
    await eventually(async () => expect(await ready(first)).toBe('Unknown'))
    const [pod] = (await podOn(first)).split(' ')
    expect((await run('lab reconnect worker-1')).code).toBe(0)
    await eventually(async () => expect(await ready(first)).toBe('True'))
    await eventually(async () => expect(await podOn(first)).toMatch(/ true$/))
    expect(await outputOf(`kubectl get pod ${pod} -o jsonpath='{.status.containerStatuses[0].restartCount}'`)).toBe('0')
  })

  it('can be slow', async () => {
    expect((await run('lab slow worker-1 10')).code).toBe(0)
    const { HostConfig } = await docker.getContainer(first).inspect()
    expect(HostConfig.NanoCpus).toBe(0.2e9)
  })

  it('is as it was after a reset, by another process even that took the cluster up meanwhile', async () => {
    expect((await run('lab stop-node worker-2')).code).toBe(0)
    wishes.close()
    const other = testProvider(instance, [WEB])
    const [owned] = await other.list()
    const taken = await owned?.adopt()
    if (!taken) throw new Error('the cluster was not taken up')
    try {
      await restorePower(taken, { clock, signal })
      expect(await outputOf('lab nodes')).toMatch(/worker-1 .* on +yes\nworker-2 .* on +yes/)
      expect(await outputOf('kubectl get nodes -o yaml')).not.toContain('quayside.dev')
      const { HostConfig } = await docker.getContainer(first).inspect()
      expect(HostConfig.NanoCpus).toBe(2e9)
    } finally {
      await other.close()
    }
  })

  it('is removed with its cluster though it is off', async () => {
    await cluster.nodes?.set(second, { state: 'stopped' })
    await cluster.dispose()
    expect(await leftOf(instance, id)).toEqual([])
  })

  async function execIn(node: string, command: string): Promise<{ stdout: string }> {
    const exec = await docker
      .getContainer(node)
      .exec({ Cmd: ['sh', '-c', command], AttachStdout: true, AttachStderr: true, Tty: true })
    const stream = await exec.start({ Tty: true })
    let stdout = ''
    for await (const chunk of stream) stdout += chunk
    return { stdout }
  }
})
