import { strict as assert } from 'node:assert'
import { object } from '../kinds.ts'
import { headless, pod, podinfo, service, shell } from '../objects.ts'
import { event, gone, phase, running, statusOf, waits } from '../outcomes.ts'
import { scenario, type Theme } from '../scenario.ts'
import type { Json } from '../side.ts'

const settings = (data: Json, metadata: Json = { name: 'settings' }) => object('ConfigMap', metadata, { data })
const forever = (more: Json = {}) => shell('exec sleep 3600', more)
const field = (fieldPath: string) => ({ fieldRef: { fieldPath } })
const mounted = { volumeMounts: [{ name: 'files', mountPath: '/files' }] }
const once = { restartPolicy: 'Never' }

/** What containers find in their Pod. */
export const pods: Theme = {
  name: 'Pods',
  scenarios: [
    scenario('a Pod waits for a ConfigMap that is not there', async (stage) => {
      await stage.create(pod('app', forever({ envFrom: [{ configMapRef: { name: 'settings' } }] })))
      await waits(stage, 'app', 'CreateContainerConfigError')
      await event(stage, 'Pod', 'app', 'Failed')
      await stage.create(settings({ COLOUR: 'blue' }))
      await running(stage, 'app')
      assert.equal((await stage.exec('app', 'echo $COLOUR')).stdout, 'blue\n')
    }),

    scenario('a Pod waits for a key that is not there', async (stage) => {
      await stage.create(
        settings({ OTHER: 'x' }),
        pod(
          'app',
          forever({ env: [{ name: 'COLOUR', valueFrom: { configMapKeyRef: { name: 'settings', key: 'COLOUR' } } }] }),
        ),
      )
      await waits(stage, 'app', 'CreateContainerConfigError')
      await stage.patch('ConfigMap', 'settings', { data: { COLOUR: 'red' } })
      await running(stage, 'app')
    }),

    scenario('a Pod waits for a Secret that is to be a volume', async (stage) => {
      await stage.create(pod('app', forever(mounted), { volumes: [{ name: 'files', secret: { secretName: 'keys' } }] }))
      await event(stage, 'Pod', 'app', 'FailedMount')
      await waits(stage, 'app', 'ContainerCreating')
      await stage.create(object('Secret', 'keys', { stringData: { key: 'secret' } }))
      await running(stage, 'app')
      assert.equal((await stage.exec('app', 'cat /files/key')).stdout, 'secret')
    }),

    scenario('what is optional may be missing', async (stage) => {
      const optional = { name: 'none', optional: true }
      await stage.create(
        pod(
          'app',
          forever({
            ...mounted,
            envFrom: [{ secretRef: optional }],
            env: [{ name: 'A', valueFrom: { configMapKeyRef: { ...optional, key: 'a' } } }],
          }),
          { volumes: [{ name: 'files', configMap: optional }] },
        ),
      )
      await running(stage, 'app')
      const { stdout } = await stage.exec('app', 'ls /files | wc -l; echo [$A]')
      assert.match(stdout, /^\s*0\n\[\]\n$/)
    }),

    scenario('variables refer to one another', async (stage) => {
      const env = [
        { name: 'NAME', value: 'web' },
        { name: 'URL', value: 'http://$(NAME):$$(PORT)/$(MISSING)' },
      ]
      await stage.create(pod('app', { ...shell('echo $URL $0; sleep 2', { env }), args: ['$(NAME)'] }, once))
      await phase(stage, 'app', 'Succeeded')
      assert.equal(await stage.logs('app'), 'http://web:$(PORT)/$(MISSING) web\n')
    }),

    scenario('a Pod knows of itself', async (stage) => {
      const resources = { requests: { cpu: '25m', memory: '16Mi' }, limits: { cpu: '500m', memory: '64Mi' } }
      const limits = (resource: string) => ({ resourceFieldRef: { resource, divisor: '1' } })
      const env = [
        { name: 'NAME', valueFrom: field('metadata.name') },
        { name: 'NAMESPACE', valueFrom: field('metadata.namespace') },
        { name: 'LABEL', valueFrom: field("metadata.labels['app']") },
        { name: 'ACCOUNT', valueFrom: field('spec.serviceAccountName') },
        { name: 'NODE', valueFrom: field('spec.nodeName') },
        { name: 'IP', valueFrom: field('status.podIP') },
        { name: 'MEMORY', valueFrom: limits('limits.memory') },
        { name: 'CPU', valueFrom: limits('limits.cpu') },
      ]
      await stage.create(pod('app', forever({ env, resources })))
      const { spec, status } = await running(stage, 'app')
      const { stdout } = await stage.exec('app', 'echo $NAME $NAMESPACE $LABEL $ACCOUNT $MEMORY $CPU; echo $NODE $IP')
      const [known, placed] = stdout.split('\n')
      assert.equal(known, `app ${stage.namespace} app default 67108864 1`)
      assert.equal(placed, `${spec.nodeName} ${status.podIP}`)
    }),

    scenario('labels are files that follow their changes', async (stage) => {
      const items = [{ path: 'labels', ...field('metadata.labels') }]
      await stage.create(pod('app', forever(mounted), { volumes: [{ name: 'files', downwardAPI: { items } }] }))
      await running(stage, 'app')
      assert.equal((await stage.exec('app', 'cat /files/labels')).stdout, 'app="app"')
      await stage.patch('Pod', 'app', { metadata: { labels: { tier: 'front' } } })
      await stage.eventually(
        'the file is new',
        () => stage.exec('app', 'cat /files/labels'),
        ({ stdout }) => stdout === 'app="app"\ntier="front"',
      )
    }),

    scenario('several sources are one volume', async (stage) => {
      const sources = [
        { configMap: { name: 'settings', items: [{ key: 'colour', path: 'some/colour' }] } },
        { secret: { name: 'keys' } },
        { downwardAPI: { items: [{ path: 'name', ...field('metadata.name') }] } },
        { serviceAccountToken: { path: 'token', audience: 'behaviour', expirationSeconds: 600 } },
      ]
      await stage.create(
        settings({ colour: 'blue' }),
        object('Secret', 'keys', { stringData: { key: 'secret' } }),
        pod('app', forever(mounted), { volumes: [{ name: 'files', projected: { sources } }] }),
      )
      await running(stage, 'app')
      const { stdout } = await stage.exec('app', 'cd /files; ls; cat some/colour key name; wc -w < token')
      stage.note('files', stdout)
      assert.match(stdout, /bluesecretapp\s*1\n/)
    }),

    scenario('a ConfigMap’s files follow its changes', async (stage) => {
      await stage.create(
        settings({ colour: 'blue' }),
        pod('app', forever(mounted), { volumes: [{ name: 'files', configMap: { name: 'settings' } }] }),
      )
      await running(stage, 'app')
      await stage.patch('ConfigMap', 'settings', { data: { colour: 'red' } })
      // The kubelet looks at its volumes when a Pod changes, and each minute or so otherwise
      await stage.patch('Pod', 'app', { metadata: { annotations: { nudge: '1' } } })
      await stage.eventually(
        'the file is new',
        () => stage.exec('app', 'cat /files/colour'),
        ({ stdout }) => stdout === 'red',
      )
    }),

    scenario('a single file of a ConfigMap stays as it was', async (stage) => {
      const volumeMounts = [{ name: 'files', mountPath: '/etc/colour', subPath: 'colour' }]
      await stage.create(
        settings({ colour: 'blue' }),
        pod('app', forever({ volumeMounts }), { volumes: [{ name: 'files', configMap: { name: 'settings' } }] }),
      )
      await running(stage, 'app')
      await stage.patch('ConfigMap', 'settings', { data: { colour: 'red' } })
      await stage.patch('Pod', 'app', { metadata: { annotations: { nudge: '1' } } })
      await stage.sleep(5)
      assert.equal((await stage.exec('app', 'cat /etc/colour')).stdout, 'blue')
    }),

    scenario('containers of a Pod share files and the network', async (stage) => {
      const volumes = [{ name: 'files', emptyDir: {} }]
      await stage.create(
        pod('app', [podinfo(), forever({ name: 'other', ...mounted }), forever({ name: 'third', ...mounted })], {
          volumes,
        }),
      )
      await running(stage, 'app')
      await stage.exec('app', 'echo shared > /files/x', 'other')
      assert.equal((await stage.exec('app', 'cat /files/x', 'third')).stdout, 'shared\n')
      const { code } = await stage.eventually(
        'the server answers on localhost',
        () => stage.exec('app', 'wget -q -O /dev/null http://localhost:9898/healthz', 'other'),
        (ran) => ran.code === 0,
      )
      assert.equal(code, 0)
    }),

    scenario('a Pod has the name in DNS that it asks for', async (stage) => {
      await stage.create(
        headless('group', 'app'),
        pod('app', podinfo(), { hostname: 'one', subdomain: 'group' }),
        pod('client', forever()),
      )
      await running(stage, 'app')
      await running(stage, 'client')
      const { stdout } = await stage.eventually(
        'it is known by its name',
        () =>
          stage.exec('client', `timeout 3 wget -q -O - http://one.group.${stage.namespace}.svc.cluster.local:9898/env`),
        ({ code }) => code === 0,
      )
      assert.match(stdout, /HOSTNAME=one/)
    }),

    scenario('a Pod is evicted', async (stage) => {
      await stage.create(pod('app', forever()))
      await running(stage, 'app')
      const { status, json } = await stage.evict('app')
      assert.equal(status, 201)
      stage.note('answer', { kind: json.kind, status: json.status })
      await gone(stage, 'Pod', 'app')
    }),

    scenario('a container is added to look into a Pod', async (stage) => {
      await stage.create(pod('app', podinfo()))
      await running(stage, 'app')
      const ephemeralContainers = [
        { ...shell('echo looking; sleep 3; exit 0', { name: 'debugger' }), targetContainerName: 'main' },
      ]
      const answer = await stage.ask(
        'PATCH',
        '/api/v1/namespaces/$NS/pods/app/ephemeralcontainers',
        { spec: { ephemeralContainers } },
        'application/strategic-merge-patch+json',
      )
      assert.equal(answer.status, 200)
      await stage.until('it is done', () => statusOf(stage.the('Pod', 'app'), 'debugger').state?.terminated)
      assert.equal(await stage.logs('app', 'container=debugger'), 'looking\n')
      assert.equal(stage.the('Pod', 'app').status.phase, 'Running')
    }),

    scenario('the kind of service that a Pod gets', async (stage) => {
      const amount = { cpu: '10m', memory: '16Mi' }
      await stage.create(
        pod('guaranteed', forever({ resources: { limits: amount } })),
        pod('burstable', forever({ resources: { requests: amount } })),
        pod('best-effort', forever()),
      )
      for (const name of ['guaranteed', 'burstable', 'best-effort']) await running(stage, name)
      const given = ['guaranteed', 'burstable', 'best-effort'].map((name) => stage.the('Pod', name).status.qosClass)
      assert.deepEqual(given, ['Guaranteed', 'Burstable', 'BestEffort'])
    }),

    scenario('a container whose files may not be written', async (stage) => {
      const securityContext = { readOnlyRootFilesystem: true, runAsUser: 1234, runAsGroup: 2345 }
      await stage.create(
        pod('app', forever({ ...mounted, securityContext }), { volumes: [{ name: 'files', emptyDir: {} }] }),
      )
      await running(stage, 'app')
      const { stdout } = await stage.exec('app', 'touch /x 2>&1; touch /files/x && ls /files; id -u; id -g')
      stage.note('said', stdout)
      assert.match(stdout, /Read-only file system\nx\n1234\n2345\n/)
    }),

    scenario('a Pod knows of the Services that were there before it', async (stage) => {
      await stage.create(service('api', { ports: [{ name: 'http', port: 8080 }] }))
      await stage.sleep(1)
      await stage.create(
        pod('app', shell('echo $API_SERVICE_PORT $API_PORT_8080_TCP_PROTO $KUBERNETES_SERVICE_PORT; sleep 2'), once),
      )
      await phase(stage, 'app', 'Succeeded')
      assert.equal(await stage.logs('app'), '8080 tcp 443\n')
    }),

    scenario('a Pod’s own entries of names', async (stage) => {
      await stage.create(
        pod('app', shell('cat /etc/hosts | tail -2; hostname; cat /etc/resolv.conf; sleep 2'), {
          ...once,
          hostAliases: [{ ip: '10.1.2.3', hostnames: ['old.example', 'older.example'] }],
          hostname: 'named',
          dnsConfig: { options: [{ name: 'ndots', value: '3' }], searches: ['extra.example'] },
        }),
      )
      await phase(stage, 'app', 'Succeeded')
      const said = await stage.logs('app')
      assert.match(said, /10\.1\.2\.3\told\.example\tolder\.example/)
      assert.match(said, /named/)
      assert.match(said, /ndots:3/)
      assert.match(said, /search \S+\.svc\.cluster\.local svc\.cluster\.local cluster\.local.* extra\.example/)
    }),

    scenario('a container works in the directory that it asks for', async (stage) => {
      await stage.create(
        pod('app', shell('pwd; exec > out; pwd; cat /work/deep/out >&2; sleep 2', { workingDir: '/work/deep' }), once),
      )
      await phase(stage, 'app', 'Succeeded')
      assert.equal(await stage.logs('app'), '/work/deep\n/work/deep\n')
    }),

    scenario('processes of a Pod’s containers see one another, where they share', async (stage) => {
      await stage.create(pod('app', [forever(), forever({ name: 'other' })], { shareProcessNamespace: true }))
      await running(stage, 'app')
      const { stdout } = await stage.exec('app', 'ps | grep -c "[s]leep 3600"')
      assert.equal(stdout, '2\n')
    }),

    scenario('a Pod’s containers are given other resources while they run', async (stage) => {
      const resources = { requests: { cpu: '10m', memory: '16Mi' }, limits: { cpu: '100m', memory: '32Mi' } }
      await stage.create(pod('app', forever({ resources })))
      await running(stage, 'app')
      const answer = await stage.ask(
        'PATCH',
        '/api/v1/namespaces/$NS/pods/app/resize',
        { spec: { containers: [{ name: 'main', resources: { requests: { cpu: '20m' }, limits: { cpu: '200m' } } }] } },
        'application/strategic-merge-patch+json',
      )
      assert.equal(answer.status, 200)
      await stage.until('it has them', () => statusOf(stage.the('Pod', 'app')).resources?.requests?.cpu === '20m')
      await stage.until(
        'it is over',
        () => !stage.the('Pod', 'app').status.conditions.some((one: Json) => one.type.startsWith('PodResize')),
      )
    }),

    scenario('an image is known by its whole name', async (stage) => {
      await stage.create(pod('app', forever()))
      await running(stage, 'app')
      stage.note('image', statusOf(stage.the('Pod', 'app')).image)
    }),
  ],
}
