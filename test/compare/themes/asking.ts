import type { Theme } from '../theme.ts'

/** Other themes have kinds of their own for a while. */
const builtIn: readonly (readonly [RegExp, string])[] = [[/^.*example\.org.*\n/gm, '']]

/** Ages of what the cluster began with. */
const minutes: readonly (readonly [RegExp, string])[] = [[/\b\d+m(?:\d+s)?(?= |$)/gm, '2s']]

/** What the API is and what one may do in it. */
export const asking: Theme = {
  name: 'asking',
  files: {
    'review.yaml':
      'apiVersion: authorization.k8s.io/v1\nkind: SubjectAccessReview\nspec: { user: ann, groups: [staff], resourceAttributes: { namespace: $NS, verb: get, resource: pods } }\n',
    'local-review.yaml':
      'apiVersion: authorization.k8s.io/v1\nkind: LocalSubjectAccessReview\nmetadata: { namespace: $NS }\nspec: { user: ann, resourceAttributes: { namespace: $NS, verb: delete, resource: pods } }\n',
    'rbac.yaml': `apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata: { name: some }
rules: [{ apiGroups: [""], resources: [pods], verbs: [get, list] }, { apiGroups: [apps], resources: [deployments/scale], verbs: [update] }, { apiGroups: [""], resources: [configmaps], resourceNames: [one], verbs: [get] }]
---
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata: { name: some }
roleRef: { apiGroup: rbac.authorization.k8s.io, kind: Role, name: some }
subjects: [{ kind: User, name: ann, apiGroup: rbac.authorization.k8s.io }]
`,
    'role-more.yaml':
      'apiVersion: rbac.authorization.k8s.io/v1\nkind: Role\nmetadata: { name: more, namespace: $NS }\nrules: [{ apiGroups: [""], resources: [secrets], verbs: [get] }]\n',
  },
  steps: [
    'kubectl version',
    'kubectl version -o json',
    'kubectl cluster-info',
    { run: 'kubectl api-versions', normalise: builtIn },
    { run: 'kubectl api-resources', normalise: builtIn },
    { run: 'kubectl api-resources -o wide', normalise: builtIn },
    { run: 'kubectl api-resources --namespaced=false -o name', normalise: builtIn },
    'kubectl api-resources --api-group=apps --verbs=list,get --sort-by=name',
    'kubectl get --raw /healthz',
    'kubectl get --raw /readyz',
    'kubectl get --raw /livez',
    'kubectl get --raw /api',
    'kubectl get --raw /apis/apps',
    'kubectl get --raw /apis/policy/v1',
    'kubectl get --raw /api/v1/namespaces/$NS',
    'kubectl get --raw /api/v1/nothing',
    'kubectl get --raw /nothing',
    'kubectl explain pods',
    'kubectl explain pods.spec.containers.resources',
    'kubectl explain deployment.spec.strategy --recursive',
    'kubectl explain deployment.spec.colour',
    'kubectl explain unicorns',
    'kubectl explain hpa --api-version=autoscaling/v1',
    'kubectl explain cronjob.spec --recursive',
    'kubectl explain svc.spec.type',
    'kubectl explain ingress.spec.rules.http.paths --recursive',
    'kubectl explain configmap.immutable --output=plaintext-openapiv2',
    'kubectl auth whoami',
    'kubectl auth whoami -o yaml',
    'kubectl auth whoami --as=ann --as-group=staff --as-uid=7',
    'kubectl auth can-i get pods',
    'kubectl auth can-i "*" "*" --all-namespaces',
    'kubectl auth can-i get /healthz --as=ann',
    'kubectl auth can-i get pods --as=ann',
    { prepare: 'kubectl create -f rbac.yaml' },
    'kubectl auth can-i get pods --as=ann',
    'kubectl auth can-i get pods --as=ann -n default',
    'kubectl auth can-i get pods --subresource=log --as=ann',
    'kubectl auth can-i update deployments.apps --subresource=scale --as=ann',
    'kubectl auth can-i get configmaps/one --as=ann',
    'kubectl auth can-i get configmaps/two --as=ann -q',
    'kubectl auth can-i get unicorns',
    { run: 'kubectl auth can-i --list', unordered: true },
    { run: 'kubectl auth can-i --list --as=ann', unordered: true },
    { run: 'kubectl auth can-i --list --as=system:serviceaccount:$NS:default', unordered: true },
    'kubectl create -f review.yaml -o yaml',
    'kubectl create -f local-review.yaml -o yaml',
    // kubectl 1.35 falls over itself here; where, is in its first line
    'kubectl auth reconcile -f rbac.yaml 2>&1 | head -n 1',
    'kubectl auth reconcile -f role-more.yaml',
    'kubectl get pods --as=ann',
    'kubectl get secrets --as=ann',
    'kubectl get pods --as=ann -A',
    'kubectl get nodes --as=ann',
    'kubectl delete pod x --as=ann',
    'kubectl create -f role-more.yaml --as=ann',
    'kubectl create rolebinding up --clusterrole=admin --user=ann --as=ann',
    'kubectl get configmap kube-root-ca.crt --as=system:serviceaccount:$NS:default',
    'kubectl get pods --as=system:serviceaccount:$NS:default',
    {
      prepare:
        'for user in wrong anonymous robot; do kubectl config view --raw --minify > $user.yaml; done; export KUBECONFIG; KUBECONFIG=wrong.yaml; kubectl config set-credentials it --token=wrong; kubectl config set-context --current --user=it; KUBECONFIG=anonymous.yaml; kubectl config set-credentials it --username=; kubectl config set-context --current --user=it',
    },
    'kubectl --kubeconfig wrong.yaml get pods',
    'kubectl --kubeconfig anonymous.yaml get --raw /version >/dev/null',
    'kubectl --kubeconfig anonymous.yaml get --raw /api/v1/namespaces/$NS/pods',
    {
      prepare:
        'token=$(kubectl create token default); export KUBECONFIG=robot.yaml; kubectl config set-credentials it --token="$token"; kubectl config set-context --current --user=it',
    },
    'kubectl --kubeconfig robot.yaml auth whoami',
    'kubectl --kubeconfig robot.yaml get pods',
    'kubectl get pods --as-group=staff',
    'kubectl get pods --as=bob --as-group=system:masters',
    'kubectl get pods --as=ann --as-user-extra=scopes=x',
    'kubectl get clusterroles view edit admin cluster-admin -o name',
    'kubectl get clusterrole view -o yaml',
    'kubectl describe clusterrole edit',
    'kubectl describe clusterrolebinding cluster-admin',
    'kubectl get clusterrole system:basic-user system:discovery system:public-info-viewer -o yaml',
    'kubectl get clusterrolebinding cluster-admin system:basic-user system:discovery -o yaml',
    { run: 'kubectl get namespaces default kube-system kube-public kube-node-lease', normalise: minutes },
    { run: 'kubectl get priorityclass system-cluster-critical system-node-critical', normalise: minutes },
    'kubectl get priorityclass system-node-critical -o yaml',
    'kubectl get service kubernetes -n default -o yaml',
    { run: 'kubectl get apiservices -o wide', normalise: [[/^v1beta1\.metrics.*\n/gm, ''], ...minutes, ...builtIn] },
    'kubectl get apiservice v1.apps -o yaml',
    'kubectl get componentstatuses --no-headers | wc -l',
    { run: 'kubectl get flowschemas,prioritylevelconfigurations', normalise: minutes },
    'kubectl certificate approve missing',
    'kubectl config view --minify -o jsonpath={.contexts[0].context.namespace}',
  ],
}
