import { type Theme, writeStatus } from '../theme.ts'
import { boundPod, deployment, runningStatus } from './manifests.ts'

const event = (name: string, type: string, reason: string, minute: number, more: object = {}) => ({
  apiVersion: 'v1',
  kind: 'Event',
  metadata: { name },
  involvedObject: { apiVersion: 'v1', kind: 'Pod', name: 'a', namespace: '$NS', fieldPath: 'spec.containers{web}' },
  reason,
  message: `${reason} happened`,
  type,
  count: 3,
  source: { component: 'kubelet', host: 'nowhere' },
  firstTimestamp: `2026-01-02T03:0${minute}:05Z`,
  lastTimestamp: `2026-01-02T03:0${minute}:45Z`,
  ...more,
})

/** wait and events. */
export const waiting: Theme = {
  name: 'waiting',
  files: {
    'a.json': boundPod('a'),
    'b.json': boundPod('b'),
    'web.json': deployment('web'),
    'events.json': {
      apiVersion: 'v1',
      kind: 'List',
      items: [
        event('one', 'Normal', 'Pulled', 1),
        event('two', 'Warning', 'BackOff', 2),
        event('three', 'Normal', 'Started', 3, {
          involvedObject: { apiVersion: 'v1', kind: 'Pod', name: 'b', namespace: '$NS' },
        }),
      ],
    },
    'new-event.json': {
      apiVersion: 'events.k8s.io/v1',
      kind: 'Event',
      metadata: { name: 'four' },
      eventTime: '2026-01-02T03:04:05.123456Z',
      reportingController: 'example.org/controller',
      reportingInstance: 'one',
      action: 'Binding',
      reason: 'Scheduled',
      note: 'noted',
      type: 'Normal',
      regarding: { apiVersion: 'v1', kind: 'Pod', name: 'a', namespace: '$NS' },
      series: { count: 5, lastObservedTime: '2026-01-02T03:05:05.000000Z' },
    },
  },
  steps: [
    { prepare: 'kubectl create -f a.json -f b.json -f web.json -f events.json' },
    'kubectl create -f new-event.json',
    { run: 'kubectl events', normalise: ages() },
    { run: 'kubectl events --for pod/a', normalise: ages() },
    { run: 'kubectl events --types=Warning -o yaml', normalise: ages() },
    { run: 'kubectl events --types=Warning --no-headers', normalise: ages() },
    { run: 'kubectl events -o json --for pod/b', normalise: ages() },
    { run: 'background happened kubectl events --watch --types=Warning -- true', normalise: ages() },
    { run: 'kubectl get events --sort-by=.metadata.name', normalise: ages() },
    { run: 'kubectl get events -o wide --sort-by=.metadata.name', normalise: ages() },
    { run: 'kubectl get events --field-selector type=Warning,involvedObject.name=a', normalise: ages() },
    { run: 'kubectl get events.events.k8s.io --sort-by=.metadata.name', normalise: ages() },
    'kubectl get events.v1.events.k8s.io one four -o yaml',
    'kubectl get events.v1. four -o yaml',
    { run: 'kubectl describe pod a', normalise: ages() },
    'kubectl wait --for=condition=Ready pod/a --timeout=1s',
    {
      run: 'kubectl wait --for=condition=Ready pod/a --timeout=20s',
      meanwhile: `sleep 1; ${writeStatus('pod/a', runningStatus())}`,
    },
    'kubectl wait --for=condition=Ready pod/a pod/b --timeout=1s',
    {
      run: "kubectl wait --for=jsonpath='{.status.phase}'=Running pod/a pod/b --timeout=20s",
      meanwhile: `sleep 1; ${writeStatus('pod/b', runningStatus())}`,
      unordered: true,
    },
    "kubectl wait --for=jsonpath='{.status.podIP}' pod/a",
    'kubectl wait --for=condition=Ready pods --all',
    'kubectl wait --for=condition=Ready=false pod/a --timeout=1s',
    {
      run: 'kubectl wait --for=condition=Available deployment/web --timeout=20s',
      meanwhile: `sleep 1; ${writeStatus('deployment/web', { observedGeneration: 1, conditions: [{ type: 'Available', status: 'True', reason: 'x', message: 'y', lastUpdateTime: '2026-01-02T03:04:05Z', lastTransitionTime: '2026-01-02T03:04:05Z' }] })}`,
    },
    {
      run: 'kubectl wait --for=delete pod/b --timeout=20s',
      meanwhile: 'sleep 1; kubectl delete pod b --force --grace-period=0 >/dev/null 2>&1',
    },
    {
      run: 'kubectl wait --for=create configmap/late --timeout=20s',
      meanwhile: 'sleep 1; kubectl create configmap late >/dev/null',
    },
    'kubectl wait --for=delete pod/b',
    'kubectl wait --for=condition=Ready pod/missing --timeout=1s',
    'kubectl wait --for=create configmap/never --timeout=1s',
    'kubectl wait --for=condition=Ready pod -l app=nothing --timeout=1s',
    {
      run: 'timeout 9 kubectl get configmaps -l watched=yes --watch; true',
      meanwhile:
        'sleep 3; kubectl create configmap w1 >&2; kubectl label configmap w1 watched=yes >&2; kubectl patch configmap w1 --type=merge -p \'{"data":{"a":"b"}}\' >&2; kubectl label configmap w1 watched- >&2',
    },
    {
      run: 'timeout 9 kubectl get configmaps --watch-only --output-watch-events -o name; true',
      meanwhile: 'sleep 3; kubectl create configmap w2 >&2; kubectl delete configmap w2 >&2',
    },
  ],
}

function ages(): (readonly [RegExp, string])[] {
  return [
    [/(?<=^| )\d+d(?:\d+h)?(?= |$)/gm, '<days>'],
    [/ \(x(\d+) over [^)]*\)/g, ' (x$1 over <age>)'],
  ]
}
