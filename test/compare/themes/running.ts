import type { Theme } from '../theme.ts'

const pod = (name: string, script: string, more: object = {}) => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name, labels: { app: name } },
  spec: {
    nodeName: '$NODE',
    terminationGracePeriodSeconds: 0,
    automountServiceAccountToken: false,
    containers: [{ name: 'main', image: 'busybox:1.36', command: ['sh', '-c', script] }],
    ...more,
  },
})

/** Pods that really run: logs, exec, cp, attach, port-forward, debug, run, top, proxy. */
export const running: Theme = {
  name: 'running',
  files: {
    'web.json': pod(
      'web',
      'echo one; sleep 0.2; echo two >&2; sleep 0.2; echo three; mkdir -p /srv; echo hello from the pod > /srv/index.html; exec httpd -f -p 8080 -h /srv',
      { hostname: 'web' },
    ),
    'two.json': {
      ...pod('two', ''),
      spec: {
        nodeName: '$NODE',
        terminationGracePeriodSeconds: 0,
        containers: [
          { name: 'left', image: 'busybox:1.36', command: ['sh', '-c', 'echo left; exec sleep 3600'] },
          { name: 'right', image: 'busybox:1.36', command: ['sh', '-c', 'echo right; exec sleep 3600'] },
        ],
      },
    },
    'done.json': pod('done', 'echo finished; exit 0', { restartPolicy: 'Never' }),
    'failed.json': pod('failed', 'echo broken >&2; exit 3', { restartPolicy: 'Never' }),
    'ticking.json': pod('ticking', 'for i in 1 2 3 4 5 6 7 8; do echo tick $i; sleep 1; done; sleep 3600'),
    'cat.json': {
      ...pod('cat', ''),
      spec: {
        nodeName: '$NODE',
        terminationGracePeriodSeconds: 0,
        containers: [{ name: 'main', image: 'busybox:1.36', command: ['cat'], stdin: true, stdinOnce: false }],
      },
    },
    'local.txt': 'carried over\n',
    'tree/a/one.txt': '1\n',
    'tree/b/two.txt': '2\n',
  },
  steps: [
    { prepare: 'kubectl create -f web.json -f two.json -f done.json -f failed.json -f ticking.json -f cat.json' },
    'kubectl wait --for=condition=Ready pod/web pod/two --timeout=40s',
    "kubectl wait --for=jsonpath='{.status.phase}'=Succeeded pod/done --timeout=40s",
    "kubectl wait --for=jsonpath='{.status.phase}'=Failed pod/failed --timeout=40s",
    'kubectl wait --for=condition=Ready pod/ticking pod/cat --timeout=40s',
    'kubectl get pods',
    { run: 'kubectl get pods web done failed -o yaml', normalise: runtime() },
    { run: 'kubectl describe pod failed --show-events=false', normalise: runtime() },
    'kubectl logs web',
    'kubectl logs web --tail=1',
    'kubectl logs web --tail=0',
    'kubectl logs web --timestamps',
    'kubectl logs web --limit-bytes=3 --tail=1',
    'kubectl logs web --since=1h --tail=1',
    'kubectl logs web --previous',
    'kubectl logs web -c missing',
    'kubectl logs two',
    'kubectl logs two -c right',
    { run: 'kubectl logs two --all-containers --prefix', unordered: true },
    'kubectl logs -l app=done',
    'kubectl logs failed',
    'kubectl logs missing',
    'kubectl logs -f done',
    'timeout 20 kubectl logs -f ticking | head -8',
    'kubectl exec web -- echo hello',
    "kubectl exec web -- sh -c 'echo out; echo err >&2; exit 7'",
    'echo input | kubectl exec -i web -- cat',
    'head -c 300000 /dev/zero | kubectl exec -i web -- wc -c',
    'kubectl exec web -- head -c 300000 /dev/zero | wc -c',
    { run: 'kubectl exec web -- not-there', normalise: [[/\b[0-9a-f]{64}\b/g, '<id>']] },
    'kubectl exec web -- hostname',
    'kubectl exec two -- echo which',
    'kubectl exec two -c right -- echo right',
    'kubectl exec two -c missing -- echo right',
    'kubectl exec done -- echo late',
    'kubectl exec missing -- echo nobody',
    'sleep 3 | script -qec \'kubectl exec -it web -- sh -c "tty; exit 4"\' /dev/null',
    'kubectl cp local.txt web:/tmp/there.txt',
    'kubectl exec web -- cat /tmp/there.txt',
    // What tar says about leading slashes is shown or not, as kubectl's own race ends
    'kubectl cp web:/tmp/there.txt back.txt >/dev/null 2>&1; cat back.txt',
    'kubectl cp tree web:/tmp/tree; kubectl exec web -- find /tmp/tree -type f | sort',
    'kubectl cp web:/tmp/tree returned >/dev/null 2>&1; find returned -type f | sort',
    'kubectl cp web:/missing nothing >/dev/null 2>&1',
    'kubectl cp two:/etc/hostname -c right name.txt >/dev/null 2>&1; cat name.txt',
    "background Forwarding kubectl port-forward pod/web :8080 -- 'get-url http://127.0.0.1:$PORT/index.html; get-url http://127.0.0.1:$PORT/missing'",
    `background Forwarding kubectl port-forward pod/web :81 -- 'get-url http://127.0.0.1:$PORT/ 2>&1 | grep -o "fetch failed"; for i in $(seq 100); do grep -q "error occurred" $LOG && break; sleep 0.1; done; sleep 1' | sed '/error copying from local connection to remote stream/d; s/error forwarding port 81 to pod.*/error forwarding port 81 to pod <…>/; s/^E.*portforward.go.*an error occurred forwarding [0-9]* -> 81/E an error occurred forwarding -> 81/'`,
    'kubectl port-forward pod/missing :80',
    '(sleep 1; echo typed; sleep 1) | timeout 5 kubectl attach -i cat; true',
    'kubectl logs cat',
    "background 'Starting to serve' kubectl proxy --port=0 -- 'port=$(grep -o \"[0-9]*$\" $LOG); get-url http://127.0.0.1:$port/api/v1/namespaces/$NS/pods/web:8080/proxy/index.html; get-url http://127.0.0.1:$port/api/v1/namespaces/$NS/pods/missing' | sed 's/127.0.0.1:[0-9]*/<address>/'",
    'kubectl get --raw /api/v1/namespaces/$NS/pods/web:8080/proxy/index.html',
    {
      run: `kubectl run once --image=busybox:1.36 --restart=Never --rm -i --overrides='{"spec":{"nodeName":"'$NODE'"}}' --command -- sh -c 'sleep 2; echo from once' < /dev/null`,
      normalise: [
        [/^If you don't see a command prompt, try pressing enter\.\n/gm, ''],
        [
          /^All commands and output from this session will be recorded in container logs, including credentials and sensitive information passed through the command prompt\.\n/gm,
          '',
        ],
      ],
    },
    { run: 'kubectl debug web --image=busybox:1.36 --container=looker --target=main -- sh -c "sleep 3600"' },
    {
      run: 'for i in $(seq 40); do kubectl get pod web -o jsonpath={.status.ephemeralContainerStatuses[0].state.running} | grep -q startedAt && break; sleep 0.5; done; kubectl exec web -c looker -- echo inside',
      normalise: [],
    },
    { run: 'kubectl get pod web -o yaml --show-managed-fields', normalise: runtime() },
    'kubectl debug web --image=busybox:1.36 --copy-to=copy --container=extra --same-node=false --attach=false -- sleep 1',
    'kubectl get pod copy -o yaml',
    {
      run: 'kubectl debug node/$NODE --image=busybox:1.36 --attach=false --profile=general -- true',
      normalise: randomNames(),
    },
    'kubectl debug missing --image=busybox:1.36',
    {
      run: 'for i in $(seq 180); do kubectl top pod web > /dev/null 2>&1 && break; sleep 1; done; kubectl top pod web',
      normalise: figures(),
    },
    { run: 'kubectl top pods -l app=two --containers', normalise: figures() },
    { run: 'kubectl top node $NODE', normalise: figures() },
    { run: 'kubectl top pods --sum=true -l app=web --no-headers', normalise: figures() },
    'kubectl top pod missing',
    {
      run: 'for i in $(seq 80); do kubectl get podmetrics web -o yaml 2>/dev/null | grep -q looker && break; sleep 0.5; done; kubectl get podmetrics web -o yaml',
      // Containers come in the order of a Go map
      unordered: true,
      normalise: [...figures(), [/(cpu|memory): .*/g, '$1: <figure>'], [/window: .*/g, 'window: <window>']],
    },
    'kubectl get --raw /apis/metrics.k8s.io/v1beta1',
    { run: 'kubectl delete pods --all --wait=true', normalise: randomNames() },
  ],
}

/** Ends of names that kubectl chooses. */
function randomNames(): (readonly [RegExp, string])[] {
  return [[/(node-debugger-\S+-)\w{5}(?=[ "])/g, '$1<random>']]
}

function figures(): (readonly [RegExp, string])[] {
  return [
    [/\b\d+(m|Mi|Ki)\b/g, '<figure>'],
    [/\b\d+%/g, '<figure>'],
  ]
}

/** What a container runtime chooses. */
function runtime(): (readonly [RegExp, string])[] {
  return [
    [/(containerID: |Container ID: +)\S+/g, '$1<id>'],
    [/(imageID: |Image ID: +)\S+/g, '$1<id>'],
  ]
}
