import { strict as assert } from 'node:assert'
import { object } from '../kinds.ts'
import { client, deployment, headless, images, labels, pod, podinfo, ready, service, shell } from '../objects.ts'
import { isTrue, readyPods, rolledOut, running } from '../outcomes.ts'
import { scenario, type Theme } from '../scenario.ts'
import type { Json, Ran } from '../side.ts'
import type { Stage } from '../stage.ts'

const web = (replicas = 2, container: Json = {}) =>
  deployment('web', { replicas, container: podinfo({ readinessProbe: ready, ...container }) })

const get = (stage: Stage, url: string): Promise<Ran> => stage.exec('client', `timeout 3 wget -q -O - ${url} 2>&1`)

const answers = (stage: Stage, url: string): Promise<Ran> =>
  stage.eventually(
    `${url} answers`,
    () => get(stage, url),
    ({ code }) => code === 0,
  )

const refuses = (stage: Stage, url: string): Promise<Ran> =>
  stage.eventually(
    `${url} does not answer`,
    () => get(stage, url),
    ({ code }) => code !== 0,
  )

const up = async (stage: Stage, ...objects: Json[]) => {
  await stage.create(...objects, client())
  await running(stage, 'client')
}

const hostname = /"hostname": "([^"]+)"/

export const services: Theme = {
  name: 'Services and the network',
  scenarios: [
    scenario('a Service is reached by its names', async (stage) => {
      await up(stage, web(), service('web'))
      await rolledOut(stage, 'web')
      for (const name of ['web', `web.${stage.namespace}`, `web.${stage.namespace}.svc.cluster.local`])
        assert.match((await answers(stage, `http://${name}/`)).stdout, hostname)
    }),

    scenario('a Service spreads what is asked of it', async (stage) => {
      await up(stage, web(), service('web'))
      await rolledOut(stage, 'web')
      await answers(stage, 'http://web/')
      const { stdout } = await stage.exec(
        'client',
        'for i in $(seq 40); do timeout 3 wget -q -O - http://web/ | grep hostname; done | sort | uniq | wc -l',
      )
      assert.equal(stdout.trim(), '2')
    }),

    scenario('a headless Service’s name is that of all its Pods', async (stage) => {
      await up(stage, web(), headless('web'))
      await rolledOut(stage, 'web')
      const lookup = `nslookup web.${stage.namespace}.svc.cluster.local | grep -c "^Address.*10[.]244"`
      await stage.eventually(
        'both are there',
        () => stage.exec('client', lookup),
        ({ stdout }) => stdout.trim() === '2',
      )
    }),

    scenario('a name that is not there', async (stage) => {
      await up(stage)
      const { code, stdout } = await get(stage, 'http://nothing/')
      assert.notEqual(code, 0)
      stage.note('said', stdout)
    }),

    scenario('a Service has no endpoints', async (stage) => {
      await up(stage, service('web'))
      const { stdout } = await refuses(stage, 'http://web/')
      stage.note('said', stdout.replace(/\d+\.\d+\.\d+\.\d+/, '<address>'))
      const proxied = await stage.http('services/web:http')
      stage.note('through the API server', { status: proxied.status, message: proxied.json?.message })
      assert.equal(proxied.status, 503)
    }),

    scenario('a Pod that is not ready gets nothing', async (stage) => {
      await up(stage, web(), service('web'))
      const pods = await readyPods(stage, labels('web'), 2)
      await rolledOut(stage, 'web')
      await answers(stage, 'http://web/')
      const [name] = pods.map((one) => one.metadata.name)
      await stage.http(`pods/${name}:9898`, '/readyz/disable', 'POST')
      await stage.until('it is not ready', () => !isTrue(stage.the('Pod', name), 'Ready'))
      await stage.sleep(3)
      const { stdout } = await stage.exec(
        'client',
        'for i in $(seq 20); do timeout 3 wget -q -O - http://web/ | grep hostname; done | sort | uniq',
      )
      assert.equal(stdout.includes(name), false)
      assert.match(stdout, hostname)
    }),

    scenario(
      'no request fails while a Deployment is rolled out',
      async (stage) => {
        const lifecycle = { preStop: { sleep: { seconds: 4 } } }
        const object = web(2, { lifecycle })
        object.spec.template.spec.terminationGracePeriodSeconds = 20
        await stage.create(object, service('web'))
        await rolledOut(stage, 'web')
        await stage.create(
          pod(
            'client',
            shell(
              'while true; do if timeout 3 wget -q -O /dev/null http://web/; then echo ok; else echo failed; fi; sleep 0.2; done',
            ),
          ),
        )
        await running(stage, 'client')
        await stage.eventually(
          'requests succeed',
          () => stage.logs('client'),
          (said) => said.includes('ok\nok\nok'),
        )
        const before = (await stage.logs('client')).length
        await stage.setImage('Deployment', 'web', images.newPodinfo)
        await rolledOut(stage, 'web')
        await stage.sleep(2)
        const said = (await stage.logs('client')).slice(before)
        assert.ok(said.split('\n').filter((line) => line === 'ok').length > 10)
        assert.equal(said.includes('failed'), false)
      },
      { lives: 'distinct' },
    ),

    scenario('a Service is reached on a port of each node', async (stage) => {
      await up(stage, web(1), service('web', { type: 'NodePort' }))
      await rolledOut(stage, 'web')
      const { nodePort } = stage.the('Service', 'web').spec.ports[0]
      for (const node of stage.workers) {
        const { address } = stage.the('Node', node).status.addresses.find(({ type }: Json) => type === 'InternalIP')
        await answers(stage, `http://${address}:${nodePort}/`)
      }
    }),

    scenario('a client stays with one Pod, where the Service says so', async (stage) => {
      await up(stage, web(3), service('web', { sessionAffinity: 'ClientIP' }))
      await rolledOut(stage, 'web')
      await stage.sleep(2)
      await answers(stage, 'http://web/')
      const { stdout } = await stage.exec(
        'client',
        'for i in $(seq 20); do timeout 3 wget -q -O - http://web/ | grep hostname; done | sort | uniq | wc -l',
      )
      assert.equal(stdout.trim(), '1')
    }),

    scenario('a Service is another name for something else', async (stage) => {
      const alias = object('Service', 'alias', {
        spec: { type: 'ExternalName', externalName: `web.${stage.namespace}.svc.cluster.local` },
      })
      await up(stage, web(1), service('web'), alias)
      await rolledOut(stage, 'web')
      assert.match((await answers(stage, 'http://alias/')).stdout, hostname)
    }),

    scenario('a Service with endpoints that were written by hand', async (stage) => {
      await up(stage, web(1))
      const [target] = await readyPods(stage, labels('web'), 1)
      const manual = object('Service', 'manual', { spec: { ports: [{ name: 'http', port: 80, targetPort: 9898 }] } })
      const slice = object(
        'EndpointSlice',
        { name: 'manual-1', labels: { 'kubernetes.io/service-name': 'manual' } },
        {
          addressType: 'IPv4',
          ports: [{ name: 'http', port: 9898, protocol: 'TCP' }],
          endpoints: [{ addresses: [target?.status.podIP], conditions: { ready: true } }],
        },
      )
      await stage.create(manual, slice)
      await answers(stage, 'http://manual/')
    }),

    scenario('a Service shows Pods that are not ready, where it is told to', async (stage) => {
      const unready = podinfo({ readinessProbe: { httpGet: { path: '/status/500', port: 'http' }, periodSeconds: 1 } })
      await up(stage, deployment('web', { container: unready }), service('web', { publishNotReadyAddresses: true }))
      await stage.until('it runs', () => stage.list('Pod', labels('web'))[0]?.status.phase === 'Running')
      await answers(stage, 'http://web/')
    }),

    scenario('a Service whose selector changes leads elsewhere', async (stage) => {
      await up(stage, web(1), pod('other', podinfo({ readinessProbe: ready })), service('web'))
      await rolledOut(stage, 'web')
      await running(stage, 'other')
      await answers(stage, 'http://web/')
      await stage.patch('Service', 'web', { spec: { selector: { app: 'other' } } })
      await stage.eventually(
        'the other answers',
        () => get(stage, 'http://web/'),
        ({ stdout }) => /"hostname": "other"/.test(stdout),
      )
    }),

    scenario('an API server’s proxy leads to Pods and Services', async (stage) => {
      await stage.create(web(1), service('web'))
      const [one] = await readyPods(stage, labels('web'), 1)
      await stage.until('the Service has it', () => stage.list('EndpointSlice')[0]?.endpoints?.[0]?.conditions.ready)
      const direct = await stage.http(`pods/${one?.metadata.name}:9898`, '/version')
      assert.equal(direct.json.version, '6.9.0')
      const through = await stage.eventually(
        'the Service answers',
        () => stage.http('services/web:http', '/version'),
        ({ status }) => status === 200,
      )
      assert.equal(through.json.version, '6.9.0')
    }),

    scenario(
      'a policy closes Pods, and another opens them to some',
      async (stage) => {
        await up(stage, web(1), service('web'))
        await stage.create(pod('friend', shell('exec sleep 3600')))
        await running(stage, 'friend')
        await rolledOut(stage, 'web')
        await answers(stage, 'http://web/')
        await stage.create(
          object('NetworkPolicy', 'deny', {
            spec: { podSelector: { matchLabels: labels('web') }, policyTypes: ['Ingress'] },
          }),
        )
        await refuses(stage, 'http://web/')
        await stage.create(
          object('NetworkPolicy', 'allow', {
            spec: {
              podSelector: { matchLabels: labels('web') },
              ingress: [
                {
                  from: [{ podSelector: { matchLabels: labels('friend') } }],
                  ports: [{ port: 9898, protocol: 'TCP' }],
                },
              ],
            },
          }),
        )
        await stage.eventually(
          'the friend is let in',
          () => stage.exec('friend', 'timeout 3 wget -q -O /dev/null http://web/'),
          ({ code }) => code === 0,
        )
        await refuses(stage, 'http://web/')
      },
      { policies: true },
    ),

    scenario(
      'a policy keeps Pods from going out',
      async (stage) => {
        await up(stage, web(1), service('web'))
        await rolledOut(stage, 'web')
        await answers(stage, 'http://web/')
        const { spec } = stage.the('Service', 'web')
        await stage.create(
          object('NetworkPolicy', 'in', {
            spec: { podSelector: { matchLabels: labels('client') }, policyTypes: ['Egress'] },
          }),
        )
        await refuses(stage, `http://${spec.clusterIP}/`)
      },
      { policies: true },
    ),

    scenario('Redis remembers what podinfo gives it', async (stage) => {
      const redis = {
        name: 'main',
        image: images.redis,
        ports: [{ name: 'redis', containerPort: 6379 }],
        readinessProbe: { tcpSocket: { port: 'redis' }, periodSeconds: 1 },
      }
      const cache = {
        ...podinfo({ readinessProbe: ready }),
        command: ['./podinfo', '--port=9898', '--cache-server=tcp://redis:6379'],
      }
      await up(
        stage,
        deployment('redis', { container: redis }),
        service('redis', { ports: [{ name: 'redis', port: 6379, targetPort: 'redis' }] }),
      )
      await rolledOut(stage, 'redis')
      await stage.create(deployment('web', { container: cache }), service('web'))
      await rolledOut(stage, 'web')
      await stage.eventually(
        'it takes it',
        () => stage.exec('client', 'timeout 3 wget -q -O - --post-data=value http://web/cache/key'),
        ({ code }) => code === 0,
      )
      const { stdout } = await stage.exec('client', 'timeout 3 wget -q -O - http://web/cache/key')
      assert.equal(stdout, 'value')
    }),
  ],
}
