/**
 * What a reader with a shell in a sandbox must not be able to do, each thing tried from the reader's own shell. Where something must
 * fail, something like it must work: a test that nothing can pass proves nothing.
 */
import { readdirSync, readFileSync } from 'node:fs'
import { createServer, type Server } from 'node:net'
import { networkInterfaces } from 'node:os'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { randomIds } from '../../lab-server/ids.ts'
import { skipWithout, testProvider } from '../../lab-server/providers/embedded/provider.fixture.ts'
import type { Cluster, Provider } from '../../lab-server/providers/provider.ts'

const skip = (await skipWithout()) !== undefined
const never = new AbortController().signal

let provider: Provider
let mine: Cluster
let others: Cluster
/** A port of this machine, open on all its addresses, and how often somebody has come to it. */
let host: Server
let port: number
let visits = 0

const run = (script: string, within = 60_000) => mine.run(script, AbortSignal.timeout(within))

beforeAll(async () => {
  if (skip) return
  host = createServer((socket) => {
    visits++
    socket.end('HTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\nhost')
  })
  await new Promise<void>((resolve) => host.listen(0, '0.0.0.0', resolve))
  port = (host.address() as { port: number }).port
  provider = testProvider(`test-${randomIds.short()}`)
  mine = await provider.create({ id: randomIds.short(), workers: 1 }, () => {}, never)
  others = await provider.create({ id: randomIds.short(), workers: 1 }, () => {}, never)
}, 120_000)

afterAll(async () => {
  host?.close()
  await provider?.close()
})

/** Whether the cluster of somebody else, and this process, go on as if nothing were. */
async function expectOthersUnharmed(): Promise<void> {
  const begun = performance.now()
  const { code, output } = await others.run('kubectl get nodes', AbortSignal.timeout(20_000))
  expect(code, output).toBe(0)
  expect(performance.now() - begun, 'others wait no longer than usual').toBeLessThan(10_000)
}

describe.skipIf(skip)('the network', () => {
  it('has the reader’s own API server, and no other port of the machine', async () => {
    expect((await run('kubectl get nodes')).output).toContain('Ready')
    const addresses = [
      '127.0.0.1',
      ...Object.values(networkInterfaces())
        .flatMap((entries) => entries ?? [])
        .filter(({ family, internal }) => family === 'IPv4' && !internal)
        .map(({ address }) => address),
    ]
    for (const address of addresses) {
      const { code } = await run(`timeout 3 bash -c 'exec 3<>/dev/tcp/${address}/${port}'`)
      expect(code, address).not.toBe(0)
    }
    expect(visits).toBe(0)
    const { output } = await run('cat /proc/net/dev | tail -n +3 | cut -d: -f1')
    expect(output.trim()).toBe('lo')
  })

  it('holds nothing of another session: its server knows only its own reader', async () => {
    const { output: kubeconfig } = await others.run('cat ~/.kube/config', AbortSignal.timeout(20_000))
    await mine.writeFile('stolen', kubeconfig)
    // The address is the same in each sandbox, and what answers there is the reader's own
    const { code, output } = await run('kubectl --kubeconfig stolen get nodes; rm stolen')
    expect(output).toMatch(/certificate|Unauthorized|logged in/i)
    expect(code === 0 && output.includes('Ready')).toBe(false)
  })

  it('has no name for anything outside, and no socket that leads there', async () => {
    const { output } = await run(
      'getent hosts kubernetes.io; cat /proc/net/unix | wc -l; find / -xdev -type s 2>/dev/null',
    )
    expect(output.trim()).toBe('1')
  })
})

describe.skipIf(skip)('files of the machine', () => {
  it.each([['/etc/shadow'], ['/root'], ['/home/..data'], ['/var'], ['/run'], ['/sys'], [process.cwd()]])(
    'are not there: %s',
    async (path) => {
      const { output } = await run(`ls -d ${path} 2>&1`)
      expect(output).toMatch(/No such file/)
    },
  )

  it('cannot be changed where they are there', async () => {
    for (const path of [
      '/usr/bin/x',
      '/etc/passwd',
      '/bin/x',
      '/opt/quayside/bin/kubectl',
      '/x',
      '/dev/x',
      '/proc/sys/kernel/hostname',
    ]) {
      const { code, output } = await run(`echo evil > ${path}`)
      expect(code, `${path}: ${output}`).not.toBe(0)
    }
    expect((await run('echo good > ~/x && cat ~/x && rm ~/x')).output).toBe('good\n')
  })

  it('cannot be reached through what the server lays down', async () => {
    await run('ln -s /etc evil; ln -s /usr/bin there')
    await expect(mine.writeFile('evil/passwd', 'x')).rejects.toThrow(/could not be written/)
    await expect(mine.writeFile('../x', 'x')).rejects.toThrow(/inside the reader's home/)
    await mine.writeFile('folder/good', 'good')
    expect((await run('cat folder/good; rm -rf evil there folder')).output).toBe('good')
  })
})

describe.skipIf(skip)('processes', () => {
  it('of the machine cannot be seen, nor ended', async () => {
    const { output } = await run(`ps -eo pid= | wc -l; ls -d /proc/${process.pid} 2>&1; kill -9 ${process.pid} 2>&1`)
    const [count = ''] = output.split('\n')
    expect(Number(count)).toBeLessThan(12)
    expect(output).toMatch(/No such (file|process)/)
  })

  it('have no right that the reader has not, and gain none', async () => {
    const { output } = await run(`
      grep -E '^(Cap(Prm|Eff|Amb)|NoNewPrivs)' /proc/self/status
      unshare --user true 2>&1; unshare --net true 2>&1; mount -t tmpfs none /tmp 2>&1; su -c id 2>&1; sudo -n id 2>&1; id -u`)
    expect(output).toMatch(/CapPrm:\s+0+\n/)
    expect(output).toMatch(/CapEff:\s+0+\n/)
    expect(output).toMatch(/NoNewPrivs:\s+1\n/)
    expect(output).toMatch(/unshare failed/)
    expect(output).not.toContain('uid=0')
    expect(output.trim().split('\n').at(-1)).toBe('1000')
  })

  it('in a fork bomb stay in their sandbox, and go with it', async () => {
    const cluster = await provider.create({ id: randomIds.short(), workers: 0 }, () => {}, never)
    await cluster.run('bomb() { bomb | bomb & }; bomb; sleep 3', AbortSignal.timeout(15_000)).catch(() => {})
    expect((await cluster.run('true', AbortSignal.timeout(15_000))).output).toMatch(/^$|fork/)
    await expectOthersUnharmed()
    await cluster.dispose()
    await expectOthersUnharmed()
    expect((await run('for i in $(seq 40); do sleep 0.1 & done; wait; echo mine are counted for me')).output).toContain(
      'for me',
    )
  })

  it('end with the sandbox, however they hide', async () => {
    const cluster = await provider.create({ id: randomIds.short(), workers: 0 }, () => {}, never)
    const mark = `31${Math.floor(performance.now())}`
    await cluster.run(`(setsid nohup sleep ${mark} > /dev/null 2>&1 &)`, AbortSignal.timeout(20_000))
    await vi.waitFor(() => expect(hostProcesses(mark)).toBe(1), { timeout: 5_000 })
    await cluster.dispose()
    await vi.waitFor(() => expect(hostProcesses(mark)).toBe(0), { timeout: 5_000 })
  })
})

describe.skipIf(skip)('what fills up', () => {
  it('is the reader’s own home: a file of 10 GB', async () => {
    const { code, output } = await run('dd if=/dev/zero of=big bs=1M count=10240; ls -l --block-size=M big; rm -f big')
    expect(output).toMatch(/No space left|File too large|File size limit/)
    expect(code).toBe(0)
    expect((await run('echo fits > small && cat small; rm small')).output).toBe('fits\n')
  })

  it('is the reader’s own memory', async () => {
    const { output } = await run('a=x; while true; do a=$a$a; done; echo never', 30_000)
    expect(output).not.toContain('never')
    await expectOthersUnharmed()
  })

  it('is no memory of the server: output without an end waits for who reads it', async () => {
    const shell = await mine.openShell({ cols: 80, rows: 24 })
    let bytes = 0
    await shell.attach({ onData: (data) => (bytes += data.length), onExit: () => {} })
    shell.pause()
    const before = process.memoryUsage().rss
    shell.write(Buffer.from('yes "$(head -c 1000 /dev/zero | tr "\\0" x)"\n'))
    await new Promise((resolve) => setTimeout(resolve, 3_000))
    const paused = bytes
    expect(process.memoryUsage().rss - before).toBeLessThan(100 * 1024 * 1024)
    shell.resume()
    await vi.waitFor(() => expect(bytes).toBeGreaterThan(paused + 100_000), { timeout: 10_000 })
    shell.write(Buffer.from('\x03'))
    await shell.close()
    await expectOthersUnharmed()
  })

  it('is refused by the API server: more objects than one cluster may hold, and larger ones', async () => {
    const small = testProvider(`test-${randomIds.short()}`, { cluster: { objects: 400, bytes: 1024 * 1024 } })
    try {
      const cluster = await small.create({ id: randomIds.short(), workers: 0 }, () => {}, never)
      const objects = await cluster.run(
        `for i in $(seq 400); do echo "---
apiVersion: v1
kind: ConfigMap
metadata: { name: c$i }"; done | kubectl create -f - 2>&1 | grep -m1 Forbidden`,
        AbortSignal.timeout(120_000),
      )
      expect(objects.output).toMatch(
        /forbidden: this cluster is simulated and holds at most 400 objects: delete some first/,
      )
      const bytes = await cluster.run(
        `kubectl delete configmaps --all > /dev/null; head -c 900000 /dev/zero | tr '\\0' x > big
         kubectl create configmap one --from-file=big; kubectl create configmap two --from-file=big 2>&1`,
        AbortSignal.timeout(120_000),
      )
      expect(bytes.output).toMatch(/forbidden: this cluster is simulated and its objects may take 1 MiB in all/)
    } finally {
      await small.close()
    }
  })
})

describe.skipIf(skip)('rights', () => {
  it('are a reader’s, on a simulated cluster as on a real one', async () => {
    const { output } = await run(`
      kubectl auth whoami -o jsonpath='{.status.userInfo.groups}'; echo
      kubectl -n kube-system get secrets; kubectl run evil --image=busybox --privileged; kubectl delete node control-plane
      kubectl -n kube-system create configmap evil; kubectl get pods --as=system:admin; kubectl delete validatingadmissionpolicy quayside-pods
      kubectl create configmap good`)
    expect(output).not.toContain('system:masters')
    for (const refusal of [
      'cannot list resource "secrets"',
      'does not allow privileged Pods',
      'cannot delete resource "nodes"',
      'belongs to the cluster itself',
      'cannot impersonate resource "users"',
      'cannot delete resource "validatingadmissionpolicies"',
      'configmap/good created',
    ])
      expect(output).toContain(refusal)
  })
})

/** How many processes of this machine sleep for that long. */
const hostProcesses = (mark: string): number =>
  readdirSync('/proc').filter((pid) => {
    try {
      return /^\d+$/.test(pid) && readFileSync(`/proc/${pid}/cmdline`, 'utf8').startsWith(`sleep\0${mark}`)
    } catch {
      // It has ended in this moment
      return false
    }
  }).length
