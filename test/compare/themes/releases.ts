import { type Theme, writeStatus } from '../theme.ts'

/** What the Deployment's controller does when `helm --wait` has written a generation of it. */
const rollOut = (name: string, generation: number) =>
  `for i in $(seq 60); do [ "$(kubectl get deployment ${name} -o jsonpath={.metadata.generation})" = ${generation} ] && break; sleep 0.3; done 2>/dev/null; sleep 1; roll-out ${name} >&2`

/** A chart of this repository through its life. Helm 3 writes with patches, Helm 4 with server-side apply. */
export const releases: Theme = {
  name: 'releases',
  steps: [
    'helm list',
    'helm install shop $CHARTS/shop --dry-run=server',
    'helm install shop $CHARTS/shop',
    'helm install shop $CHARTS/shop',
    'kubectl get deployment,service,configmap,pdb,serviceaccount shop -o yaml --show-managed-fields',
    { run: 'helm status shop', unordered: true },
    'helm status shop -o json',
    'helm list -o json',
    'helm list --filter "sh.*"',
    'helm get manifest shop',
    'helm get values shop --all',
    'helm get notes shop',
    'helm get hooks shop',
    { run: 'helm get metadata shop', normalise: [[/modifiedAt=\d+/g, 'modifiedAt=<seconds>']] },
    'helm get all shop',
    'helm upgrade shop $CHARTS/shop --set colour=red,replicas=3 --description second',
    'kubectl get deployment,service,configmap shop -o yaml --show-managed-fields',
    'helm upgrade shop $CHARTS/shop --reuse-values --set ingress.enabled=true',
    'kubectl get ingress,deployment',
    'helm upgrade shop $CHARTS/shop --reuse-values --set ingress.enabled=false',
    'kubectl get ingress',
    'helm upgrade shop $CHARTS/shop --set fail=true',
    'helm upgrade shop $CHARTS/shop --set replicas=many',
    'helm history shop',
    'helm rollback shop 1',
    'helm rollback shop 42',
    'helm history shop --max 2 -o yaml',
    'helm get values shop --revision 2',
    'helm upgrade --install other $CHARTS/shop --set replicas=1 --dry-run=client --hide-notes',
    {
      run: 'helm upgrade --install other $CHARTS/shop --set replicas=1 --wait --timeout 30s',
      meanwhile: rollOut('other', 1),
    },
    {
      run: 'helm upgrade other $CHARTS/shop --set replicas=2 --wait --timeout 30s',
      meanwhile: rollOut('other', 2),
    },
    { run: 'helm upgrade other $CHARTS/shop --set replicas=4 --wait --timeout 3s' },
    'helm upgrade other $CHARTS/shop --set image=busybox:1.37 --reuse-values --history-max 2',
    'helm history other',
    {
      run: 'helm test shop --timeout 30s',
      meanwhile: `sleep 2; until kubectl get pod shop-answers >/dev/null 2>&1; do sleep 0.3; done; ${writeStatus('pod/shop-answers', { phase: 'Succeeded' })}`,
    },
    { run: 'helm status shop --show-resources', unordered: true },
    'helm list -q',
    'kubectl get secrets -l owner=helm -o custom-columns=NAME:.metadata.name,TYPE:.type,STATUS:.metadata.labels.status',
    'helm uninstall other --keep-history',
    'helm list --uninstalled',
    'helm uninstall shop other',
    'helm uninstall missing',
    'helm uninstall shop --ignore-not-found',
    'kubectl get all,configmap,secret',
    'helm template shop $CHARTS/shop --validate',
    'helm lint $CHARTS/shop',
  ],
}
