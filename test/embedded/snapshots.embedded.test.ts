/** A simulated cluster with its reader's files, written down and put back: through the server's thread, with the real kubectl and a real shell. */
import { afterAll, beforeAll, expect, it } from 'vitest'
import { testProvider } from '../../lab-server/providers/embedded/provider.fixture.ts'
import type { EmbeddedProvider } from '../../lab-server/providers/embedded/provider.ts'
import type { Cluster, Snapshot } from '../../lab-server/providers/provider.ts'

const { signal } = new AbortController()
const KiB = 1024
/** kubectl may have to be fetched first. */
const START_MS = 2 * 60_000

let provider: EmbeddedProvider
let cluster: Cluster

beforeAll(async () => {
  provider = testProvider('snapshots', { images: ['busybox:1.36', 'ghcr.io/stefanprodan/podinfo:6.9.1'] })
  await provider.prepare(signal)
  cluster = await provider.create({ id: 'snapshots', workers: 2 }, () => {}, signal)
}, START_MS)

afterAll(async () => {
  await cluster?.dispose()
  await provider?.close()
})

async function run(script: string): Promise<string> {
  const { code, output } = await cluster.run(script, signal)
  if (code !== 0) throw new Error(`${script}: ${output}`)
  return output.trim()
}

async function taken(): Promise<{ snapshot: Snapshot; ms: number }> {
  const begun = performance.now()
  const snapshot = await cluster.snapshot?.(signal)
  if (snapshot === undefined) throw new Error('The provider takes no snapshots.')
  return { snapshot, ms: performance.now() - begun }
}

it('gives back the cluster and the files that were there', { timeout: START_MS }, async () => {
  const idle = await taken()
  await run('kubectl create deployment web --image=ghcr.io/stefanprodan/podinfo:6.9.1 --replicas=3')
  await run('kubectl wait deployment/web --for=condition=Available --timeout=60s')
  await run("kubectl exec deploy/web -- sh -c 'echo kept > /tmp/note'")
  await run(
    "mkdir -p charts/web 'with space' && echo 'a: 1' > charts/web/values.yaml && echo x > 'with space/x' && ln -s charts c",
  )
  const look = 'kubectl get pods -o wide --no-headers | sed "s/  *[0-9]*[smh][0-9sm]*  */ /"'
  const [pods, files] = [await run(look), await run('find . -path ./.cache -prune -o -print | sort')]
  const { snapshot, ms } = await taken()

  await run(
    'kubectl delete deployment web --wait && kubectl create namespace other && kubectl drain worker --ignore-daemonsets',
  )
  await run(
    "rm -rf charts c && echo charts > charts && mkdir 'with space/x2' && echo > new.yaml && chmod 500 'with space'",
  )
  const begun = performance.now()
  await cluster.restore?.(snapshot, signal)
  const restored = performance.now() - begun

  expect(await run(look)).toBe(pods)
  expect(await run('find . -path ./.cache -prune -o -print | sort')).toBe(files)
  expect(await run('cat c/web/values.yaml')).toBe('a: 1')
  expect(await run('kubectl exec deploy/web -- cat /tmp/note')).toBe('kept')
  expect(await run('kubectl get nodes -o jsonpath="{.items[*].spec.unschedulable}"')).toBe('')
  await expect(run('kubectl get namespace other')).rejects.toThrow('not found')
  // It goes on
  await run('kubectl scale deployment web --replicas=4 && kubectl rollout status deployment web --timeout=60s')
  const sizeOf = ({ cluster, home }: Snapshot) => `${((cluster.length + home.length) / KiB).toFixed(0)} KiB`
  console.log(
    `snapshot of an idle cluster: ${idle.ms.toFixed(0)} ms, ${sizeOf(idle.snapshot)}; with three Pods and files: ${ms.toFixed(0)} ms, ${sizeOf(snapshot)}; restored in ${restored.toFixed(0)} ms`,
  )
  expect(idle.snapshot.cluster.length + idle.snapshot.home.length).toBeLessThan(KiB * KiB)
})

it('switches nodes back to what they were', { timeout: START_MS }, async () => {
  const states = () =>
    run(
      'kubectl get nodes -o jsonpath=\'{range .items[*]}{.metadata.name}={.status.conditions[?(@.type=="Ready")].status} {end}\'',
    )
  const before = await states()
  const { snapshot } = await taken()
  await cluster.nodes?.set('worker', { state: 'stopped' })
  await cluster.nodes?.set('worker2', { state: 'cut-off' })
  await run('kubectl wait node/worker node/worker2 --for=condition=Ready=Unknown --timeout=90s')
  await cluster.restore?.(snapshot, signal)
  expect(await states()).toBe(before)
  await run('kubectl wait pods --all --all-namespaces --for=condition=Ready --timeout=20s')
  await run('kubectl logs -n kube-system ds/kube-proxy --tail=1')
})

it('leaves shells open, in the directory in which they stand', { timeout: START_MS }, async () => {
  const [shell] = cluster.shells
  if (shell === undefined) throw new Error('There is no shell.')
  let screen = ''
  await shell.attach({
    onData: (data) => {
      screen += Buffer.from(data).toString()
    },
    onExit: () => {
      screen += 'exited'
    },
  })
  const type = async (line: string, until: RegExp) => {
    screen = ''
    shell.write(Buffer.from(`${line}\n`))
    await expect.poll(() => screen, { timeout: 20_000 }).toMatch(until)
  }
  await type('mkdir -p deep/er && cd deep/er && echo one > file && echo ma""de', /made/)
  const { snapshot } = await taken()
  await type('rm file && echo go""ne', /gone/)
  await cluster.restore?.(snapshot, signal)
  await type('cat file; pwd -P', /one[\s\S]*deep\/er/)
  expect(screen).not.toContain('exited')
})

it('refuses bytes that are no snapshot, and changes nothing', async () => {
  const { snapshot } = await taken()
  const wrong = { ...snapshot, cluster: snapshot.home }
  await expect(cluster.restore?.(wrong, signal)).rejects.toThrow('no snapshot')
  expect(await run('kubectl get nodes --no-headers | wc -l')).toBe('3')
})
