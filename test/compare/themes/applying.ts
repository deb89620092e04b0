import type { Theme } from '../theme.ts'
import { deployment } from './manifests.ts'

const cm = (name: string, data: Record<string, string>) => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name },
  data,
})

/** apply in both ways, diff, replace, delete, kustomize. */
export const applying: Theme = {
  name: 'applying',
  files: {
    'one.json': cm('one', { a: '1', b: '2' }),
    'one-less.json': cm('one', { a: '1' }),
    'one-more.json': cm('one', { a: '9', c: '3' }),
    'web.json': deployment('web'),
    'web-scaled.json': deployment('web', 5),
    'unknown.yaml': 'apiVersion: v1\nkind: ConfigMap\nmetadata: { name: odd }\ncolour: red\ndata: { a: b }\n',
    'duplicate.yaml': 'apiVersion: v1\nkind: ConfigMap\nmetadata: { name: odd }\ndata: { a: b }\ndata: { a: c }\n',
    'wrong-type.yaml': 'apiVersion: v1\nkind: ConfigMap\nmetadata: { name: odd }\ndata: { a: 1 }\n',
    'wrong-kind.yaml': 'apiVersion: v1\nkind: Unicorn\nmetadata: { name: odd }\n',
    'wrong-name.yaml': 'apiVersion: v1\nkind: ConfigMap\nmetadata: { name: Odd_One }\n',
    'no-image.yaml':
      'apiVersion: apps/v1\nkind: Deployment\nmetadata: { name: bad }\nspec: { selector: { matchLabels: { a: b } }, template: { metadata: { labels: { a: c } }, spec: { containers: [{ name: X }] } } }\n',
    'generated.yaml': 'apiVersion: v1\nkind: ConfigMap\nmetadata: { generateName: made- }\ndata: { a: b }\n',
    'set/a.json': { ...cm('set-a', { a: '1' }), metadata: { name: 'set-a', labels: { set: 'mine' } } },
    'set/b.json': { ...cm('set-b', { a: '1' }), metadata: { name: 'set-b', labels: { set: 'mine' } } },
    'kustom/kustomization.yaml': `namePrefix: k-
commonAnnotations: { made: by-kustomize }
resources: [base.yaml]
configMapGenerator: [{ name: settings, literals: [a=1] }]
images: [{ name: busybox, newTag: "1.37" }]
replicas: [{ name: web, count: 4 }]
`,
    'kustom/base.yaml': JSON.stringify(deployment('web')),
    'ssa.yaml': `apiVersion: apps/v1
kind: Deployment
metadata: { name: ssa, labels: { team: red } }
spec:
  replicas: 3
  selector: { matchLabels: { app: ssa } }
  template:
    metadata: { labels: { app: ssa } }
    spec: { containers: [{ name: web, image: "busybox:1.36", env: [{ name: A, value: "1" }], ports: [{ containerPort: 80 }] }] }
`,
    'ssa-image.yaml': `apiVersion: apps/v1
kind: Deployment
metadata: { name: ssa }
spec: { template: { spec: { containers: [{ name: web, image: "busybox:1.37" }] } } }
`,
    'ssa-less.yaml': `apiVersion: apps/v1
kind: Deployment
metadata: { name: ssa }
spec:
  selector: { matchLabels: { app: ssa } }
  template:
    metadata: { labels: { app: ssa } }
    spec: { containers: [{ name: web, image: "busybox:1.36", ports: [{ containerPort: 80 }] }] }
`,
  },
  steps: [
    'kubectl apply -f one.json',
    'kubectl apply -f one.json',
    'kubectl get configmap one -o yaml --show-managed-fields',
    'kubectl diff -f one-more.json',
    'kubectl diff -f one.json',
    'kubectl diff --server-side -f one-more.json',
    'kubectl apply -f one-more.json --dry-run=client -o yaml',
    'kubectl apply -f one-more.json --dry-run=server -o yaml',
    'kubectl apply -f one-more.json',
    'kubectl apply -f one-less.json -o yaml --show-managed-fields',
    'kubectl apply view-last-applied configmap/one',
    "KUBE_EDITOR='sed -i s/a:.*/a:\\ eight/' kubectl apply edit-last-applied configmap/one",
    'kubectl apply set-last-applied -f one.json',
    'kubectl apply view-last-applied configmap/one -o json',
    'kubectl apply -f web.json',
    'kubectl apply -f web-scaled.json',
    'kubectl get deployment web -o yaml --show-managed-fields',
    'kubectl apply -f web.json --server-side',
    'kubectl apply -f web.json --server-side --force-conflicts',
    'kubectl get deployment web -o yaml --show-managed-fields',
    'kubectl apply -f unknown.yaml',
    'kubectl apply -f unknown.yaml --validate=warn',
    'kubectl apply -f unknown.yaml --validate=ignore',
    'kubectl create -f unknown.yaml',
    'kubectl apply -f duplicate.yaml',
    'kubectl apply -f wrong-type.yaml',
    'kubectl apply -f wrong-type.yaml --validate=false',
    'kubectl apply -f wrong-kind.yaml',
    'kubectl apply -f wrong-name.yaml',
    'kubectl apply -f no-image.yaml',
    'kubectl apply -f no-image.yaml --server-side',
    { run: 'kubectl create -f generated.yaml', normalise: [[/made-\w{5}/g, 'made-<random>']] },
    'kubectl apply -f generated.yaml',
    'kubectl apply -f missing.yaml',
    'kubectl apply -f set/ --prune -l set=mine',
    'kubectl apply -f set/a.json --prune -l set=mine --prune-allowlist=core/v1/ConfigMap',
    'kubectl apply --server-side -f ssa.yaml',
    'kubectl apply --server-side -f ssa.yaml --field-manager=other',
    'kubectl apply --server-side -f ssa-image.yaml --field-manager=other',
    'kubectl apply --server-side -f ssa-image.yaml --field-manager=other --force-conflicts',
    'kubectl apply --server-side -f ssa-less.yaml',
    'kubectl apply --server-side -f ssa-less.yaml --force-conflicts',
    'kubectl get deployment ssa -o yaml --show-managed-fields',
    'kubectl scale deployment ssa --replicas=7',
    'kubectl apply --server-side -f ssa.yaml',
    'kubectl apply --server-side -f ssa.yaml --dry-run=server --force-conflicts -o yaml',
    'kubectl apply --server-side -f one.json --field-manager=third',
    'kubectl kustomize kustom',
    'kubectl apply -k kustom',
    'kubectl diff -k kustom',
    'kubectl delete -k kustom',
    'kubectl replace -f one-more.json',
    'kubectl replace -f set/b.json',
    'kubectl replace -f set/a.json --force',
    'kubectl get configmap one -o yaml | sed \'s/resourceVersion: .*/resourceVersion: "1"/\' | kubectl replace -f -',
    'kubectl get configmap one -o json | sed \'s/"uid": .*/"uid": "11111111-1111-4111-8111-111111111111"/\' | kubectl replace -f -',
    'kubectl create -f one.json',
    'kubectl create -f one.json --save-config --dry-run=client -o yaml',
    'kubectl create -f web.json --dry-run=server -o name',
    'kubectl create -f set/b.json --edit --dry-run=client -o name <<< "" ',
    'kubectl delete -f set/a.json',
    'kubectl delete -f set/a.json',
    'kubectl delete -f set/a.json --ignore-not-found',
    'kubectl delete configmap missing',
    'kubectl delete deployment web --cascade=foreground --wait=false --dry-run=server',
    'kubectl delete configmaps -l set=mine',
    'kubectl delete configmap one -o name --now',
    'kubectl delete configmaps --all --field-selector metadata.name=nothing',
  ],
}
