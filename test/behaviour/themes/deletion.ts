import { strict as assert } from 'node:assert'
import { object } from '../kinds.ts'
import { claim, client, deployment, images, job, pause, pod, podinfo, service, shell } from '../objects.ts'
import { gone, has, readyPods, rolledOut, running } from '../outcomes.ts'
import { scenario, type Theme } from '../scenario.ts'

const finalizers = ['behaviour/held']

export const deletion: Theme = {
  name: 'deletion and accounts',
  scenarios: [
    scenario('what belongs to a Deployment goes after it', async (stage) => {
      await stage.create(deployment('web', { replicas: 2 }))
      await rolledOut(stage, 'web')
      await stage.delete('Deployment', 'web', { propagationPolicy: 'Background' })
      await gone(stage, 'Deployment', 'web')
      await stage.until('all is gone', () => stage.list('ReplicaSet').length === 0 && stage.list('Pod').length === 0)
    }),

    scenario('what belongs to a Deployment goes before it', async (stage) => {
      await stage.create(deployment('web', { replicas: 2 }))
      await rolledOut(stage, 'web')
      await stage.delete('Deployment', 'web', { propagationPolicy: 'Foreground' })
      assert.deepEqual(stage.get('Deployment', 'web')?.metadata.finalizers ?? ['foregroundDeletion'], [
        'foregroundDeletion',
      ])
      await gone(stage, 'Deployment', 'web')
      assert.equal(stage.list('ReplicaSet').length, 0)
    }),

    scenario('what belonged to a Deployment is left alone', async (stage) => {
      await stage.create(deployment('web', { replicas: 2 }))
      await rolledOut(stage, 'web')
      await stage.delete('Deployment', 'web', { propagationPolicy: 'Orphan' })
      await gone(stage, 'Deployment', 'web')
      const [set] = stage.list('ReplicaSet')
      assert.equal(set.metadata.ownerReferences, undefined)
      assert.equal(stage.pods().length, 2)
    }),

    scenario('a Job’s Pods stay with it until it goes', async (stage) => {
      await stage.create(job('work', 'sleep 2'))
      await has(stage, 'Job', 'work', 'Complete')
      await stage.delete('Job', 'work', { propagationPolicy: 'Background' })
      await gone(stage, 'Job', 'work')
      await stage.until('its Pod is gone', () => stage.list('Pod').length === 0)
    }),

    scenario('an object whose owner is gone goes too', async (stage) => {
      await stage.create(object('ConfigMap', 'owner'))
      const { uid } = stage.the('ConfigMap', 'owner').metadata
      const ownerReferences = [{ apiVersion: 'v1', kind: 'ConfigMap', name: 'owner', uid }]
      await stage.create(object('ConfigMap', { name: 'owned', ownerReferences }))
      await stage.delete('ConfigMap', 'owner')
      await gone(stage, 'ConfigMap', 'owned')
    }),

    scenario('an object whose owner never was goes', async (stage) => {
      const uid = '00000000-0000-0000-0000-000000000000'
      const ownerReferences = [{ apiVersion: 'v1', kind: 'ConfigMap', name: 'nobody', uid }]
      await stage.create(object('ConfigMap', { name: 'owned', ownerReferences }))
      await gone(stage, 'ConfigMap', 'owned')
    }),

    scenario('an object is held by a finalizer', async (stage) => {
      await stage.create(pod('app', pause(), {}, { finalizers }))
      await running(stage, 'app')
      await stage.delete('Pod', 'app')
      await stage.until(
        'its container has ended',
        () => stage.the('Pod', 'app').status.containerStatuses[0].state.terminated,
      )
      await stage.never('it goes', () => stage.get('Pod', 'app') === undefined, 3)
      await stage.patch('Pod', 'app', { metadata: { finalizers: null } })
      await gone(stage, 'Pod', 'app')
    }),

    scenario('a namespace takes all that is in it along', async (stage) => {
      await stage.create(
        deployment('web', { replicas: 2 }),
        service('web'),
        object('ConfigMap', 'settings', { data: { a: 'b' } }),
        claim('data'),
        pod('app', shell('exec sleep 3600', { volumeMounts: [{ name: 'data', mountPath: '/data' }] }), {
          volumes: [{ name: 'data', persistentVolumeClaim: { claimName: 'data' } }],
        }),
      )
      await rolledOut(stage, 'web')
      await running(stage, 'app')
      await stage.delete('Namespace', stage.namespace)
      await gone(stage, 'Namespace', stage.namespace)
      await stage.until('its volume is gone', () => stage.list('PersistentVolume').length === 0)
    }),

    scenario('a namespace says what still holds it', async (stage) => {
      await stage.create(object('ConfigMap', { name: 'held', finalizers }))
      await stage.delete('Namespace', stage.namespace)
      await has(stage, 'Namespace', stage.namespace, 'NamespaceFinalizersRemaining')
      const refused = await stage.post(object('ConfigMap', 'late'))
      assert.equal(refused.status, 403)
      stage.note('refusal', refused.json.message)
      await stage.patch('ConfigMap', 'held', { metadata: { finalizers: null } })
      await gone(stage, 'Namespace', stage.namespace)
    }),

    scenario('a Pod speaks to the API as its account', async (stage) => {
      const token = '/var/run/secrets/kubernetes.io/serviceaccount'
      await stage.create(client())
      await running(stage, 'client')
      const { stdout } = await stage.exec('client', `ls ${token}; cat ${token}/namespace; cut -d. -f2 ${token}/token`)
      const [ca, namespace, file, rest = ''] = stdout.split('\n')
      stage.note('files', [ca, namespace, file])
      const body = rest.slice(stage.namespace.length)
      const claims = JSON.parse(Buffer.from(body, 'base64url').toString('utf8'))
      assert.equal(claims.sub, `system:serviceaccount:${stage.namespace}:default`)
      assert.equal(claims['kubernetes.io'].pod.name, 'client')
      stage.note('audience', claims.aud)
    }),

    scenario('a Pod that wants no token has none', async (stage) => {
      await stage.create(
        pod('app', shell('ls /var/run/secrets 2>&1; exec sleep 3600'), { automountServiceAccountToken: false }),
      )
      const { spec } = await running(stage, 'app')
      assert.equal(spec.volumes, undefined)
    }),

    scenario('a Pod without its account waits for it', async (stage) => {
      const refused = await stage.post(pod('app', pause(), { serviceAccountName: 'runner' }))
      assert.equal(refused.status, 403)
      stage.note('refusal', refused.json.message)
      await stage.create(deployment('web', { pods: { serviceAccountName: 'runner' } }))
      await has(stage, 'Deployment', 'web', 'ReplicaFailure')
      await stage.create(object('ServiceAccount', 'runner'))
      await readyPods(stage, { app: 'web' }, 1)
    }),

    scenario('an account may do what a role allows it', async (stage) => {
      const user = `system:serviceaccount:${stage.namespace}:default`
      const review = async () => {
        const answer = await stage.ask('POST', '/apis/authorization.k8s.io/v1/subjectaccessreviews', {
          apiVersion: 'authorization.k8s.io/v1',
          kind: 'SubjectAccessReview',
          spec: { user, resourceAttributes: { namespace: stage.namespace, verb: 'list', resource: 'pods' } },
        })
        return answer.json.status.allowed
      }
      assert.equal(await review(), false)
      await stage.create(
        object('Role', 'reader', { rules: [{ apiGroups: [''], resources: ['pods'], verbs: ['list'] }] }),
        object('RoleBinding', 'reader', {
          roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: 'reader' },
          subjects: [{ kind: 'ServiceAccount', name: 'default', namespace: stage.namespace }],
        }),
      )
      await stage.eventually('it may', review, (may) => may === true)
    }),

    scenario('nginx serves what a ConfigMap holds', async (stage) => {
      const container = {
        ...{ name: 'main', image: images.nginx, ports: [{ name: 'http', containerPort: 8080 }] },
        volumeMounts: [
          { name: 'site', mountPath: '/site' },
          { name: 'settings', mountPath: '/etc/nginx/conf.d' },
        ],
        readinessProbe: { httpGet: { path: '/', port: 'http' }, periodSeconds: 1 },
      }
      const text = 'server { listen 8080; root /site; }'
      await stage.create(
        object('ConfigMap', 'site', { data: { 'index.html': 'hello\n' } }),
        object('ConfigMap', 'settings', { data: { 'default.conf': text } }),
        pod('web', container, {
          volumes: [
            { name: 'site', configMap: { name: 'site' } },
            { name: 'settings', configMap: { name: 'settings' } },
          ],
        }),
      )
      await running(stage, 'web')
      const { status, text: page } = await stage.http('pods/web:8080')
      assert.equal(status, 200)
      assert.equal(page, 'hello\n')
    }),

    scenario('podinfo says who it is', async (stage) => {
      await stage.create(pod('web', podinfo()))
      await running(stage, 'web')
      const { json } = await stage.eventually(
        'it answers',
        () => stage.http('pods/web:9898'),
        ({ status }) => status === 200,
      )
      assert.equal(json.hostname, 'web')
      stage.note('version', json.version)
    }),
  ],
}
