/**
 * What a reader with a shell must not be able to do, each thing tried from the reader's own shell. Where something must be
 * refused, something like it must be allowed: a test that nothing can pass proves nothing.
 */
import { createServer, type Server } from 'node:net'
import { networkInterfaces } from 'node:os'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { randomIds } from '../../lab-server/ids.ts'
import { docker, testProvider } from '../../lab-server/providers/kind/provider.fixture.ts'
import type { Cluster, Provider } from '../../lab-server/providers/provider.ts'

const WEB = 'ghcr.io/stefanprodan/podinfo:6.9.1'
const BOX = 'busybox:1.36'
const instance = `test-${randomIds.short()}`
const mineId = randomIds.short()
const othersId = randomIds.short()

let provider: Provider
let mine: Cluster
let others: Cluster
/** A port of this machine, open on all its addresses, and how often somebody has come to it. */
let host: Server
let port: number
let visits = 0

const run = (script: string) => mine.run(script, AbortSignal.timeout(90_000))
const apply = (manifest: object) => run(`cat <<'EOF' | kubectl apply -f - 2>&1\n${JSON.stringify(manifest)}\nEOF`)
const address = async (network: string, container: string) => {
  const { NetworkSettings } = await docker.getContainer(container).inspect()
  return NetworkSettings.Networks[network]?.IPAddress ?? ''
}
const gateway = async (network: string) => {
  const { IPAM } = await docker.getNetwork(network).inspect()
  return String(IPAM?.Config?.[0]?.Gateway)
}
/** Addresses of this machine, on each of its networks and on those of the clusters. */
const hostAddresses = async () => [
  ...Object.values(networkInterfaces())
    .flatMap((addresses) => addresses ?? [])
    .filter(({ family, internal }) => family === 'IPv4' && !internal)
    .map((entry) => entry.address),
  await gateway(`lab-${mineId}-shell`),
  await gateway('bridge'),
]

const spec = (extra: object, container: object = {}) => ({
  containers: [{ name: 'main', image: BOX, command: ['sleep', '600'], ...container }],
  terminationGracePeriodSeconds: 0,
  ...extra,
})
const pod = (name: string, extra: object = {}, container: object = {}) => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name, namespace: 'default' },
  spec: spec(extra, container),
})

beforeAll(async () => {
  host = createServer((socket) => {
    visits++
    socket.end('HTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\nhost')
  })
  await new Promise<void>((resolve) => host.listen(0, '0.0.0.0', resolve))
  port = (host.address() as { port: number }).port
  provider = testProvider(instance, [WEB, BOX])
  const never = new AbortController().signal
  mine = await provider.create({ id: mineId, workers: 1 }, () => {}, never)
  others = await provider.create({ id: othersId, workers: 0 }, () => {}, never)
  await apply(pod('box'))
  const ready = await run('kubectl wait --for=condition=Ready pod/box --timeout=60s')
  expect(ready.code, ready.output).toBe(0)
})

afterAll(async () => {
  host?.close()
  for (const owned of await provider.list()) await owned.dispose()
  await provider.close()
})

describe('Pods that reach for their node', () => {
  it.each([
    ['privileged', {}, { securityContext: { privileged: true } }, /privileged Pods: they have all rights/],
    ['hostNetwork', { hostNetwork: true }, {}, /hostNetwork, hostPID and hostIPC/],
    ['hostPID', { hostPID: true }, {}, /hostNetwork, hostPID and hostIPC/],
    ['hostIPC', { hostIPC: true }, {}, /hostNetwork, hostPID and hostIPC/],
    ['hostPath', { volumes: [{ name: 'v', hostPath: { path: '/' } }] }, {}, /hostPath volumes/],
    ['NFS', { volumes: [{ name: 'v', nfs: { server: '192.0.2.1', path: '/' } }] }, {}, /kinds of volumes/],
    ['hostPort', {}, { ports: [{ containerPort: 80, hostPort: 80 }] }, /hostPort/],
    ['capabilities', {}, { securityContext: { capabilities: { add: ['SYS_ADMIN'] } } }, /capabilities beyond/],
    ['seccomp', { securityContext: { seccompProfile: { type: 'Unconfined' } } }, {}, /seccomp profile Unconfined/],
    ['AppArmor', {}, { securityContext: { appArmorProfile: { type: 'Unconfined' } } }, /AppArmor profile Unconfined/],
    ['sysctls', { securityContext: { sysctls: [{ name: 'kernel.msgmax', value: '1' }] } }, {}, /kernel settings/],
    ['probes of others', {}, { livenessProbe: { httpGet: { host: '192.0.2.1', port: 80 } } }, /"host" in probes/],
  ])('are refused: %s', async (_, extra, container, message) => {
    const { code, output } = await apply(pod('evil', extra, container))
    expect(output).toMatch(message)
    expect(code).not.toBe(0)
  })

  it('are allowed what a careful Pod asks for', async () => {
    const careful = pod(
      'careful',
      { volumes: [{ name: 'v', emptyDir: {} }], securityContext: { seccompProfile: { type: 'RuntimeDefault' } } },
      {
        securityContext: { capabilities: { drop: ['ALL'], add: ['NET_BIND_SERVICE'] } },
        livenessProbe: { exec: { command: ['true'] } },
        volumeMounts: [{ name: 'v', mountPath: '/v' }],
      },
    )
    expect(await apply(careful)).toEqual({ code: 0, output: 'pod/careful created\n' })
    await run('kubectl delete pod careful --now')
  })

  it('are refused through a Deployment too, and its ReplicaSet says why', async () => {
    const labels = { app: 'evil' }
    const template = { metadata: { labels }, spec: spec({}, { securityContext: { privileged: true } }) }
    const made = await apply({
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name: 'evil', namespace: 'default' },
      spec: { selector: { matchLabels: labels }, template },
    })
    expect(made.code).toBe(0)
    await vi.waitFor(
      async () => {
        const { output } = await run(
          'kubectl get events --field-selector involvedObject.kind=ReplicaSet,reason=FailedCreate',
        )
        expect(output).toContain('privileged Pods')
      },
      { timeout: 20_000, interval: 500 },
    )
    expect((await run('kubectl get pods -l app=evil -o name')).output).toBe('')
    await run('kubectl delete deployment evil')
  })

  it('are refused through a service account of the reader’s own', async () => {
    const { output } = await run(`
      kubectl create serviceaccount helper && kubectl create rolebinding helper --clusterrole=edit --serviceaccount=default:helper
      kubectl --token "$(kubectl create token helper)" --kubeconfig <(kubectl config view --raw -o json | jq 'del(.users[].user)') \
        run evil --image ${BOX} --privileged`)
    expect(output).toContain('rolebinding.rbac.authorization.k8s.io/helper created')
    expect(output).toContain('does not allow privileged Pods')
  })

  it('are refused by kubectl debug, on a node and in a Pod', async () => {
    expect((await run(`kubectl debug node/lab-${mineId}-worker --image=${BOX} -- true`)).output).toContain(
      'hostNetwork',
    )
    const inPod = await run(`kubectl debug box --image=${BOX} --profile=sysadmin --target=main -- true`)
    expect(inPod.output).toContain('privileged Pods')
  })

  it('are refused a node’s disk by a PersistentVolume or a StorageClass', async () => {
    const volume = {
      apiVersion: 'v1',
      kind: 'PersistentVolume',
      metadata: { name: 'evil' },
      spec: { capacity: { storage: '1Mi' }, accessModes: ['ReadWriteOnce'], hostPath: { path: '/' } },
    }
    expect((await apply(volume)).output).toMatch(/PersistentVolumes on a node’s disk/)
    const storage = {
      apiVersion: 'storage.k8s.io/v1',
      kind: 'StorageClass',
      metadata: { name: 'evil' },
      provisioner: 'rancher.io/local-path',
      parameters: { pathPattern: '../../etc' },
    }
    expect((await apply(storage)).output).toMatch(/name folders of the node/)
  })
})

describe('the cluster’s own parts', () => {
  it.each([
    ['Secrets', 'kubectl -n kube-system get secrets', /cannot list resource "secrets"/],
    ['Secrets of all namespaces', 'kubectl get secrets -A', /cannot list resource "secrets"/],
    ['tokens', 'kubectl -n kube-system create token default', /cannot create resource "serviceaccounts\/token"/],
    [
      'a Pod that carries their token',
      `kubectl -n kube-system run thief --image=${BOX} --overrides '{"spec":{"serviceAccountName":"namespace-controller"}}'`,
      /belongs to the cluster itself/,
    ],
    ['exec', 'kubectl -n kube-system exec ds/kube-proxy -- true', /cannot (create|get) resource "pods\/exec"/],
    ['attach', 'kubectl -n kube-system attach ds/kube-proxy', /cannot (create|get) resource "pods\/attach"/],
    ['port-forward', 'timeout 5 kubectl -n kube-system port-forward deploy/coredns 9153', /pods\/portforward/],
    [
      'their Services’ proxy',
      'kubectl get --raw /api/v1/namespaces/kube-system/services/kube-dns:9153/proxy/',
      /services\/proxy/,
    ],
    ['the kubelet', `kubectl get --raw /api/v1/nodes/lab-${mineId}-worker/proxy/pods`, /nodes\/proxy/],
    ['changes', 'kubectl -n kube-system scale deploy/coredns --replicas=0', /belongs to the cluster itself/],
    [
      'a patch that would show',
      'kubectl -n kube-system patch configmap coredns -p "{}"',
      /belongs to the cluster itself/,
    ],
    ['removal', 'kubectl -n kube-system delete deploy coredns', /belongs to the cluster itself/],
    ['their namespaces', 'kubectl delete namespace local-path-storage', /belongs to the cluster itself/],
    ['their namespaces’ labels', 'kubectl label namespace kube-system a=b', /belongs to the cluster itself/],
    ['nodes', `kubectl delete node lab-${mineId}-worker`, /cannot delete resource "nodes"/],
  ])('are out of reach: %s', async (_, command, message) => {
    const { code, output } = await run(command)
    expect(output).toMatch(message)
    expect(code).not.toBe(0)
  })

  it('can be looked at', async () => {
    expect((await run('kubectl -n kube-system get pods -o name')).output).toContain('pod/coredns')
    expect((await run('kubectl -n kube-system logs deploy/coredns --tail=1')).code).toBe(0)
  })
})

describe('the reader’s own rights', () => {
  it.each([
    ['impersonation of a user', 'kubectl --as=kubernetes-admin get pods', /cannot impersonate resource "users"/],
    ['impersonation of a group', 'kubectl --as=x --as-group=system:masters get pods', /cannot impersonate/],
    [
      'impersonation of the cluster’s accounts',
      'kubectl --as=system:serviceaccount:kube-system:namespace-controller get secrets -A',
      /cannot impersonate resource "serviceaccounts"/,
    ],
    [
      'being made administrator',
      'kubectl create clusterrolebinding up --clusterrole=cluster-admin --user=learner',
      /attempting to grant RBAC permissions not currently held/,
    ],
    ['policies', 'kubectl delete validatingadmissionpolicy quayside-pods', /cannot delete resource/],
    ['their bindings', 'kubectl delete validatingadmissionpolicybinding --all', /cannot (delete|deletecollection)/],
    [
      'webhooks',
      'kubectl create -f - <<<\'{"apiVersion":"admissionregistration.k8s.io/v1","kind":"MutatingWebhookConfiguration","metadata":{"name":"x"},"webhooks":[]}\'',
      /cannot create resource "mutatingwebhookconfigurations"/,
    ],
    ['the roles of the lab', 'kubectl delete clusterrole quayside:reader', /the lab, stands on it/],
    ['their own binding', 'kubectl delete rolebinding quayside:readers', /your own rights come from it/],
    [
      'bindings all at once',
      'kubectl delete --raw /apis/rbac.authorization.k8s.io/v1/namespaces/default/rolebindings',
      /your own rights come from it/,
    ],
    [
      'the address of a Pod',
      'kubectl patch pod box --subresource=status --type=merge -p \'{"status":{"podIP":"192.0.2.1","podIPs":[{"ip":"192.0.2.1"}]}}\'',
      /status of an object is written by the cluster itself/,
    ],
  ])('do not reach %s', async (_, command, message) => {
    const { code, output } = await run(command)
    expect(output).toMatch(message)
    expect(code).not.toBe(0)
  })

  it('reach a namespace in the same moment that it is made', async () => {
    const manifest = [
      { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'shop' } },
      { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'prices', namespace: 'shop' } },
      {
        apiVersion: 'apps/v1',
        kind: 'Deployment',
        metadata: { name: 'web', namespace: 'shop' },
        spec: {
          selector: { matchLabels: { app: 'web' } },
          template: {
            metadata: { labels: { app: 'web' } },
            spec: { containers: [{ name: 'web', image: WEB }] },
          },
        },
      },
    ]
    await mine.writeFile('shop.yaml', manifest.map((object) => JSON.stringify(object)).join('\n---\n'))
    const applied = await run('kubectl apply -f shop.yaml')
    expect(applied.output).toContain('deployment.apps/web created')
    expect(applied.code).toBe(0)
    const secret = await run(
      'sleep 1; kubectl -n shop create secret generic s --from-literal=a=b && kubectl -n shop get secret s -o name',
    )
    expect(secret.output).toContain('secret/s\n')
  })

  it('reach kinds that they define themselves', async () => {
    const definition = (plural: string, kind: string, scope: string) => ({
      apiVersion: 'apiextensions.k8s.io/v1',
      kind: 'CustomResourceDefinition',
      metadata: { name: `${plural}.example.org` },
      spec: {
        group: 'example.org',
        names: { plural, singular: kind.toLowerCase(), kind },
        scope,
        versions: [{ name: 'v1', served: true, storage: true, schema: { openAPIV3Schema: { type: 'object' } } }],
      },
    })
    await apply(definition('carts', 'Cart', 'Namespaced'))
    await apply(definition('shops', 'Shop', 'Cluster'))
    await run('kubectl wait --for=condition=Established crd/carts.example.org crd/shops.example.org; sleep 1')
    for (const kind of ['Cart', 'Shop']) {
      const { output } = await apply({ apiVersion: 'example.org/v1', kind, metadata: { name: 'one' } })
      expect(output).toBe(`${kind.toLowerCase()}.example.org/one created\n`)
    }
    expect((await run('kubectl get carts -A && kubectl get shops')).code).toBe(0)
  })

  it('allow to drain a node', async () => {
    const node = `lab-${mineId}-worker`
    const { code, output } = await run(
      `kubectl drain ${node} --ignore-daemonsets --delete-emptydir-data --force --timeout=60s`,
    )
    expect(output).toContain(`node/${node} drained`)
    expect(code).toBe(0)
    expect((await run(`kubectl uncordon ${node}`)).code).toBe(0)
    await apply(pod('box'))
    expect((await run('kubectl wait --for=condition=Ready pod/box --timeout=60s')).code).toBe(0)
  })
})

describe('the network', () => {
  const curl = (url: string) => run(`curl -sk -m 3 -o /dev/null -w '%{http_code}' ${url}`)
  /** An HTTP request from a Pod. By nc, as not every busybox has a wget that works. */
  const fromPod = (url: string) => {
    const { hostname, port: at, pathname } = new URL(url)
    const request = `(printf 'GET ${pathname} HTTP/1.0\\r\\n\\r\\n'; sleep 1) | nc -w 3 ${hostname} ${at || 80}`
    return run(`kubectl exec box -- sh -c "${request}" 2>&1`)
  }

  it('lets the toolbox reach its own cluster', async () => {
    expect((await curl(`https://lab-${mineId}-control-plane:6443/version`)).output).toMatch(/^(200|401|403)$/)
  })

  it('lets a Pod reach Pods, Services and names', async () => {
    await apply({
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: 'near', namespace: 'default', labels: { app: 'near' } },
      spec: { containers: [{ name: 'web', image: WEB }], terminationGracePeriodSeconds: 0 },
    })
    await run('kubectl wait --for=condition=Ready pod/near --timeout=30s; kubectl expose pod near --port=9898')
    const ip = (await run("kubectl get pod near -o jsonpath='{.status.podIP}'")).output
    const service = (await run("kubectl get service near -o jsonpath='{.spec.clusterIP}'")).output
    expect((await fromPod(`http://${ip}:9898/version`)).output).toContain('version')
    await vi.waitFor(
      async () => expect((await fromPod(`http://${service}:9898/version`)).output).toContain('version'),
      { timeout: 30_000 },
    )
    const name = 'kubernetes.default.svc.cluster.local'
    expect((await run(`kubectl exec box -- nslookup ${name} 2>&1`)).output).toContain('10.96.0.1')
  })

  it('leads to no other cluster, neither from the toolbox nor from a Pod', async () => {
    const theirs = `lab-${othersId}-control-plane`
    expect(await others.healthy()).toBe(true)
    const addresses = [await address(`lab-${othersId}`, theirs), await address(`lab-${othersId}-shell`, theirs)]
    const toolbox = await address(`lab-${othersId}-shell`, `lab-${othersId}-toolbox`)
    for (const found of [...addresses, toolbox]) expect(found).toMatch(/^\d+(\.\d+){3}$/)
    for (const found of addresses) {
      expect((await curl(`https://${found}:6443/version`)).output).toBe('000')
      // An API server answers plain HTTP with "400 Bad Request"
      expect((await fromPod(`http://${found}:6443/`)).output).not.toMatch(/HTTP|200|400/)
    }
    expect(
      (await fromPod(`http://${await address(`lab-${mineId}`, `lab-${mineId}-control-plane`)}:6443/`)).output,
    ).toMatch(/400/)
    expect((await curl(`https://${theirs}:6443/version`)).output).toBe('000')
    // Nothing listens there: one that could be reached would refuse
    expect((await run(`timeout 3 bash -c '</dev/tcp/${toolbox}/22' 2>&1`)).output).not.toContain('refused')
  })

  it('does not lead to the host', async () => {
    const before = visits
    expect(await (await fetch(`http://127.0.0.1:${port}/`)).text()).toBe('host')
    expect(visits).toBe(before + 1)
    for (const found of [...(await hostAddresses()), await gateway(`lab-${mineId}`)]) {
      expect((await curl(`http://${found}:${port}/`)).output).toBe('000')
      expect((await fromPod(`http://${found}:${port}/`)).code).not.toBe(0)
    }
    expect(visits).toBe(before + 1)
  })

  it('does not lead to the host through a Service, nor through the node that pulls an image', async () => {
    const [found = ''] = await hostAddresses()
    const before = visits
    await apply({
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name: 'host', namespace: 'default' },
      spec: { type: 'NodePort', ports: [{ port: 80, targetPort: port, nodePort: 31_999 }] },
    })
    await apply({
      apiVersion: 'discovery.k8s.io/v1',
      kind: 'EndpointSlice',
      metadata: { name: 'host', namespace: 'default', labels: { 'kubernetes.io/service-name': 'host' } },
      addressType: 'IPv4',
      endpoints: [{ addresses: [found] }],
      ports: [{ port }],
    })
    await run(`kubectl run puller --image=${found}:${port}/x:1; sleep 3`)
    const ip = (await run("kubectl get service host -o jsonpath='{.spec.clusterIP}'")).output
    expect(ip).toMatch(/^10\.96\./)
    expect((await curl(`http://lab-${mineId}-worker:31999/`)).output).toBe('000')
    expect((await curl(`http://lab-${mineId}-control-plane:31999/`)).output).toBe('000')
    expect((await fromPod(`http://${ip}/`)).code).not.toBe(0)
    expect((await run('kubectl get --raw /api/v1/namespaces/default/services/host:80/proxy/')).code).not.toBe(0)
    await vi.waitFor(
      async () => expect((await run('kubectl get events | grep puller')).output).toMatch(/Failed to pull|ErrImagePull/),
      { timeout: 30_000, interval: 1000 },
    )
    expect(visits).toBe(before)
  })

  it('leads neither to a Docker engine, nor to a cloud’s metadata, nor to the world', async () => {
    const engine = await gateway(`lab-${mineId}`)
    const urls = [`http://${engine}:2375/`, `http://${engine}:2376/`, 'http://169.254.169.254/', 'http://1.1.1.1/']
    for (const url of urls) {
      expect((await curl(url)).output).toBe('000')
      expect((await fromPod(url)).code).not.toBe(0)
    }
    expect((await run('ls -d /var/run/docker.sock /run/docker.sock')).output).not.toMatch(/^\/(var\/)?run/m)
    expect((await run('getent hosts example.com')).code).not.toBe(0)
  })

  it('shows a toolbox its own processes only, and gives it no IPv6', async () => {
    expect((await run('ls /home; ps ax -o comm= | grep -cx containerd')).output).toBe('learner\n0\n')
    expect((await run('cat /proc/net/if_inet6')).output).not.toMatch(/eth0/)
  })
})

describe('the containers of the reader’s shells', () => {
  it('have no rights, no mounts of the host, and limits', async () => {
    for (const name of [`lab-${mineId}-toolbox`, `lab-${mineId}-shell-1`]) {
      const { Config, HostConfig, Mounts } = await docker.getContainer(name).inspect()
      expect(Config.User).toBe('1000:1000')
      expect(HostConfig).toMatchObject({
        Privileged: false,
        CapAdd: null,
        CapDrop: ['ALL'],
        SecurityOpt: ['no-new-privileges'],
        ReadonlyRootfs: true,
        Binds: null,
        Memory: 256 * 1024 * 1024,
        MemorySwap: 256 * 1024 * 1024,
        PidsLimit: 128,
        NanoCpus: 1e9,
      })
      expect(HostConfig.PortBindings ?? {}).toEqual({})
      expect(HostConfig.Devices ?? []).toEqual([])
      expect(Mounts.map((mount) => [mount.Type, mount.Destination])).toEqual([['volume', '/home/learner']])
    }
    const { NetworkSettings } = await docker.getContainer(`lab-${mineId}-toolbox`).inspect()
    expect(Object.keys(NetworkSettings.Networks)).toEqual([`lab-${mineId}-shell`])
  })

  it('cannot become root, write outside the home, or fill more than their share', async () => {
    const status = (await run("grep -E '^(CapEff|CapBnd|NoNewPrivs)' /proc/self/status")).output
    expect(status).toContain('CapEff:\t0000000000000000')
    expect(status).toContain('CapBnd:\t0000000000000000')
    expect(status).toContain('NoNewPrivs:\t1')
    expect((await run('mkdir /etc/quayside/x')).output).toMatch(/Read-only file system|Permission denied/)
    expect((await run('unshare -Ur true')).output).toMatch(/not permitted/)
    expect((await run('head -c 64M /dev/zero > ~/big; rm -f ~/big')).output).toContain('No space left on device')
  })

  it('end a fork bomb at their limit of processes', async () => {
    const { output } = await run('for i in $(seq 300); do sleep 2 & done 2>&1 | tail -1; echo over')
    expect(output).toMatch(/fork: .*(Resource temporarily unavailable|Interrupted system call)/)
    expect(await mine.healthy()).toBe(true)
  })

  it('stand beside nodes that have limits as well, and an API server on the loopback only', async () => {
    for (const node of [`lab-${mineId}-control-plane`, `lab-${mineId}-worker`]) {
      const { HostConfig } = await docker.getContainer(node).inspect()
      expect(HostConfig).toMatchObject({ Memory: 2048 * 1024 * 1024, NanoCpus: 2e9, PidsLimit: 2000 })
      expect(HostConfig.RestartPolicy?.Name).toBe('no')
      const bindings = Object.values((HostConfig.PortBindings ?? {}) as Record<string, { HostIp: string }[]>).flat()
      expect(bindings.map((binding) => binding.HostIp)).toEqual(node.endsWith('control-plane') ? ['127.0.0.1'] : [])
    }
  })
})
