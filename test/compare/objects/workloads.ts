import { type Change, cases } from './cases.ts'

const image = 'busybox:1.36'
const template = { metadata: { labels: { app: 'a' } }, spec: { containers: [{ name: 'main', image }] } }
const selector = { matchLabels: { app: 'a' } }
const finite = { spec: { restartPolicy: 'Never', containers: [{ name: 'main', image }] } }

const wrongTemplates: Record<string, Change> = {
  'a template without labels': { spec: { template: { metadata: undefined } } },
  'a template that is not selected': { spec: { template: { metadata: { labels: { app: 'b' } } } } },
  'a template without containers': { spec: { template: { spec: { containers: [] } } } },
  'a template that never restarts': { spec: { template: { spec: { restartPolicy: 'Never' } } } },
  'a template with a deadline': { spec: { template: { spec: { activeDeadlineSeconds: 5 } } } },
  'a template with a bad port': {
    spec: { template: { spec: { containers: [{ name: 'main', image, ports: [{ containerPort: -1 }] }] } } },
  },
  'an empty selector': { spec: { selector: { matchLabels: undefined } } },
  'no selector': { spec: { selector: undefined } },
  'a bad selector': {
    spec: {
      selector: {
        matchExpressions: [
          { key: 'app', operator: 'Near' },
          { key: '!', operator: 'In', values: [] },
        ],
      },
    },
  },
}

const changes: Record<string, Change> = {
  nothing: {},
  'another image': { spec: { template: { spec: { containers: [{ name: 'main', image: 'busybox:1.37' }] } } } },
  'another selector': {
    spec: { selector: { matchLabels: { app: 'b' } }, template: { metadata: { labels: { app: 'b' } } } },
  },
  'more of them': { spec: { replicas: 7 } },
  'a status': { status: { replicas: 7, observedGeneration: 9 } },
  'a label': { metadata: { labels: { x: 'y' } } },
}

export const workloads = [
  ...cases(
    { apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'deployment' }, spec: { selector, template } },
    {
      create: {
        'as small as can be': {},
        ...wrongTemplates,
        'replicas below zero': {
          spec: { replicas: -1, minReadySeconds: -1, revisionHistoryLimit: -1, progressDeadlineSeconds: -1 },
        },
        'replicas as text': { spec: { replicas: '3' } },
        'an unknown strategy': { spec: { strategy: { type: 'Slow' } } },
        'recreated but rolling': { spec: { strategy: { type: 'Recreate', rollingUpdate: { maxSurge: 1 } } } },
        'rolling by percent': { spec: { strategy: { rollingUpdate: { maxSurge: '30%', maxUnavailable: 0 } } } },
        'rolling by nothing': { spec: { strategy: { rollingUpdate: { maxSurge: 0, maxUnavailable: 0 } } } },
        'rolling by nonsense': { spec: { strategy: { rollingUpdate: { maxSurge: 'x', maxUnavailable: '150%' } } } },
        'a deadline shorter than readiness': { spec: { minReadySeconds: 10, progressDeadlineSeconds: 5 } },
        paused: { spec: { paused: true, replicas: 0 } },
        'an unknown field deep within': {
          spec: {
            template: { spec: { containers: [{ name: 'main', image, ports: [{ containerPort: 1, colour: 'red' }] }] } },
          },
        },
        'an old version of the group': { apiVersion: 'apps/v1beta1' },
        'a name of 253 letters': { metadata: { name: 'd'.repeat(253) } },
      },
      update: changes,
    },
  ),
  ...cases(
    { apiVersion: 'apps/v1', kind: 'ReplicaSet', metadata: { name: 'replicaset' }, spec: { selector, template } },
    {
      create: {
        'as small as can be': {},
        ...wrongTemplates,
        'replicas below zero': { spec: { replicas: -1, minReadySeconds: -1 } },
      },
      update: changes,
    },
  ),
  ...cases(
    { apiVersion: 'apps/v1', kind: 'DaemonSet', metadata: { name: 'daemonset' }, spec: { selector, template } },
    {
      create: {
        'as small as can be': {},
        ...wrongTemplates,
        'updated on delete': { spec: { updateStrategy: { type: 'OnDelete' } } },
        'surging and unavailable': { spec: { updateStrategy: { rollingUpdate: { maxSurge: 1, maxUnavailable: 1 } } } },
        'neither surging nor unavailable': {
          spec: { updateStrategy: { rollingUpdate: { maxSurge: 0, maxUnavailable: 0 } } },
        },
        'an unknown strategy': { spec: { updateStrategy: { type: 'Slow' } } },
      },
      update: changes,
    },
  ),
  ...cases(
    {
      apiVersion: 'apps/v1',
      kind: 'StatefulSet',
      metadata: { name: 'statefulset' },
      spec: { selector, template, serviceName: 's' },
    },
    {
      create: {
        'as small as can be': {},
        ...wrongTemplates,
        'no service': { spec: { serviceName: undefined } },
        'a bad service': { spec: { serviceName: 'Bad_Service' } },
        'claim templates': {
          spec: {
            volumeClaimTemplates: [
              {
                metadata: { name: 'data' },
                spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } },
              },
            ],
          },
        },
        'bad claim templates': { spec: { volumeClaimTemplates: [{ metadata: { name: 'Bad' }, spec: {} }] } },
        'in parallel with a partition': {
          spec: { podManagementPolicy: 'Parallel', updateStrategy: { rollingUpdate: { partition: 2 } } },
        },
        'unknown policies': {
          spec: {
            podManagementPolicy: 'Any',
            updateStrategy: { type: 'Slow' },
            persistentVolumeClaimRetentionPolicy: { whenDeleted: 'Maybe' },
          },
        },
        'a negative partition': { spec: { updateStrategy: { rollingUpdate: { partition: -1 } } } },
        'ordinals and retention': {
          spec: { ordinals: { start: 5 }, persistentVolumeClaimRetentionPolicy: { whenScaled: 'Delete' } },
        },
        'unavailable at most': { spec: { updateStrategy: { rollingUpdate: { maxUnavailable: 2 } } } },
        'negative ordinals': { spec: { ordinals: { start: -1 } } },
      },
      update: {
        ...changes,
        'another service': { spec: { serviceName: 't' } },
        'another policy': { spec: { podManagementPolicy: 'Parallel' } },
      },
    },
  ),
  ...cases(
    {
      apiVersion: 'apps/v1',
      kind: 'ControllerRevision',
      metadata: { name: 'revision' },
      revision: 1,
      data: { a: { b: 1 } },
    },
    {
      create: {
        'some data': {},
        'no data': { data: undefined },
        'a negative revision': { revision: -1 },
        'no revision': { revision: undefined },
      },
      update: { 'other data': { data: { a: 2 } }, 'another revision': { revision: 2 } },
    },
  ),
  ...cases(
    {
      apiVersion: 'v1',
      kind: 'ReplicationController',
      metadata: { name: 'rc' },
      spec: { selector: { app: 'a' }, template },
    },
    {
      create: {
        'as small as can be': {},
        'a selector from the template': { spec: { selector: undefined } },
        'a template that is not selected': { spec: { selector: { app: 'b' } } },
        'no template': { spec: { template: undefined } },
        'replicas below zero': { spec: { replicas: -1 } },
        'a template that never restarts': { spec: { template: { spec: { restartPolicy: 'Never' } } } },
      },
      update: {
        nothing: {},
        'more of them': { spec: { replicas: 3 } },
        'another selector': { spec: { selector: { app: 'c' } } },
      },
    },
  ),
  ...cases(
    { apiVersion: 'v1', kind: 'PodTemplate', metadata: { name: 'template' }, template },
    {
      create: {
        'as small as can be': {},
        'nothing in it': { template: { spec: undefined } },
        'a bad container': { template: { spec: { containers: [{ name: 'X' }] } } },
      },
      update: { nothing: {}, 'another label': { template: { metadata: { labels: { a: 'b' } } } } },
    },
  ),
  ...cases(
    { apiVersion: 'batch/v1', kind: 'Job', metadata: { name: 'job' }, spec: { template: finite } },
    {
      create: {
        'as small as can be': {},
        'always restarting': { spec: { template: { spec: { restartPolicy: 'Always' } } } },
        'restarting by default': { spec: { template: { spec: { restartPolicy: undefined } } } },
        'a selector of its own': { spec: { selector: { matchLabels: { a: 'b' } } } },
        'a manual selector': {
          spec: {
            manualSelector: true,
            selector: { matchLabels: { a: 'b' } },
            template: { metadata: { labels: { a: 'b' } } },
          },
        },
        'numbers below zero': {
          spec: {
            parallelism: -1,
            completions: -1,
            backoffLimit: -1,
            activeDeadlineSeconds: -1,
            ttlSecondsAfterFinished: -1,
          },
        },
        'an index': {
          spec: {
            completionMode: 'Indexed',
            completions: 5,
            parallelism: 2,
            backoffLimitPerIndex: 1,
            maxFailedIndexes: 3,
          },
        },
        'an index without completions': { spec: { completionMode: 'Indexed' } },
        'an unknown mode': { spec: { completionMode: 'Random' } },
        'a failure policy': {
          spec: {
            podFailurePolicy: {
              rules: [
                { action: 'FailJob', onExitCodes: { operator: 'In', values: [1] } },
                { action: 'Ignore', onPodConditions: [{ type: 'DisruptionTarget' }] },
              ],
            },
          },
        },
        'a bad failure policy': {
          spec: {
            podFailurePolicy: {
              rules: [
                { action: 'Explode', onExitCodes: { operator: 'In', values: [0, 2, 1], containerName: 'x' } },
                { action: 'Count' },
              ],
            },
          },
        },
        'a success policy': {
          spec: {
            completionMode: 'Indexed',
            completions: 3,
            parallelism: 3,
            successPolicy: { rules: [{ succeededIndexes: '0-1', succeededCount: 1 }] },
          },
        },
        'a success policy without an index': { spec: { successPolicy: { rules: [{ succeededCount: 1 }] } } },
        'too many at once': { spec: { completionMode: 'Indexed', completions: 200000, parallelism: 200000 } },
        suspended: { spec: { suspend: true, podReplacementPolicy: 'Failed', ttlSecondsAfterFinished: 0 } },
        'managed by another': { spec: { managedBy: 'example.org/controller' } },
        'managed by nonsense': { spec: { managedBy: 'nonsense' } },
        'a name that is no label': { metadata: { name: 'a.b' } },
        'a name of 80 letters': { metadata: { name: 'j'.repeat(80) } },
      },
      update: {
        nothing: {},
        'more at once': { spec: { parallelism: 3 } },
        'more completions': { spec: { completions: 3 } },
        'another image': { spec: { template: { spec: { containers: [{ name: 'main', image: 'x' }] } } } },
        suspended: { spec: { suspend: true } },
      },
    },
  ),
  ...cases(
    {
      apiVersion: 'batch/v1',
      kind: 'CronJob',
      metadata: { name: 'cron' },
      spec: { schedule: '*/5 * * * *', jobTemplate: { spec: { template: finite } } },
    },
    {
      create: {
        'as small as can be': {},
        'a bad schedule': { spec: { schedule: '61 * * * *' } },
        'no schedule': { spec: { schedule: '' } },
        'a schedule of a word': { spec: { schedule: '@hourly' } },
        'a schedule with a time zone': { spec: { schedule: 'TZ=UTC 0 * * * *' } },
        'six fields': { spec: { schedule: '0 0 * * * *' } },
        'names of months': { spec: { schedule: '0 0 1 jan-mar mon' } },
        'a time zone': { spec: { timeZone: 'Europe/Berlin' } },
        'an unknown time zone': { spec: { timeZone: 'Mars/Base' } },
        'the local time zone': { spec: { timeZone: 'Local' } },
        'an unknown policy': { spec: { concurrencyPolicy: 'Maybe' } },
        'numbers below zero': {
          spec: { startingDeadlineSeconds: -1, successfulJobsHistoryLimit: -1, failedJobsHistoryLimit: -1 },
        },
        'always restarting': { spec: { jobTemplate: { spec: { template: { spec: { restartPolicy: 'Always' } } } } } },
        'a manual selector': { spec: { jobTemplate: { spec: { manualSelector: true } } } },
        'a long name': { metadata: { name: 'c'.repeat(53) } },
      },
      update: {
        nothing: {},
        'another schedule': { spec: { schedule: '@daily' } },
        'a bad one': { spec: { schedule: 'x' } },
      },
    },
  ),
]
