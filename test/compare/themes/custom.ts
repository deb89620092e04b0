import type { Theme } from '../theme.ts'

/** CustomResourceDefinitions and their objects. */
export const custom: Theme = {
  name: 'custom',
  files: {
    'crd.yaml': `apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: { name: ships.$NS.example.org }
spec:
  group: $NS.example.org
  scope: Namespaced
  names: { plural: ships, singular: ship, kind: Ship, shortNames: [sh], categories: [fleet] }
  versions:
  - name: v1
    served: true
    storage: true
    subresources: { status: {}, scale: { specReplicasPath: .spec.sails, statusReplicasPath: .status.sails, labelSelectorPath: .status.selector } }
    selectableFields: [{ jsonPath: .spec.port }]
    additionalPrinterColumns:
    - { name: Port, type: string, jsonPath: .spec.port, description: where it is }
    - { name: Sails, type: integer, jsonPath: .spec.sails }
    - { name: Launched, type: date, jsonPath: .metadata.creationTimestamp }
    - { name: Crew, type: integer, jsonPath: .spec.crew, priority: 1 }
    schema:
      openAPIV3Schema:
        type: object
        description: A ship.
        required: [spec]
        properties:
          spec:
            type: object
            description: What it should be.
            required: [port]
            x-kubernetes-validations:
            - { rule: "self.crew >= self.sails", message: too few hands }
            - { rule: "!has(oldSelf.port) || self.port == oldSelf.port", message: ships do not move }
            properties:
              port: { type: string, minLength: 2, pattern: "^[a-z]+$" }
              sails: { type: integer, default: 3, minimum: 0, maximum: 20 }
              crew: { type: integer, default: 10 }
              cargo: { type: array, maxItems: 3, x-kubernetes-list-type: map, x-kubernetes-list-map-keys: [name], items: { type: object, required: [name], properties: { name: { type: string }, tons: { type: number } } } }
              flag: { type: string, enum: [red, blue], nullable: true }
              free: { type: object, x-kubernetes-preserve-unknown-fields: true }
              weight: { x-kubernetes-int-or-string: true }
              when: { type: string, format: date-time }
          status:
            type: object
            properties: { sails: { type: integer }, selector: { type: string }, conditions: { type: array, items: { type: object, properties: { type: { type: string }, status: { type: string } } } } }
`,
    'bad-crd.yaml': `apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: { name: wrong }
spec:
  group: $NS.example.org
  scope: Somewhere
  names: { plural: Ships, kind: Ship }
  versions:
  - { name: v1, served: true, storage: false, schema: { openAPIV3Schema: { type: object, properties: { a: { properties: { b: { type: fish } } } } } } }
  - { name: v2, served: true, storage: false }
`,
    'ship.yaml':
      'apiVersion: $NS.example.org/v1\nkind: Ship\nmetadata: { name: anna, labels: { a: b } }\nspec: { port: kiel, cargo: [{ name: salt, tons: 1.5 }], free: { any: [1, { x: y }] }, weight: 5 }\n',
    'ship-changed.yaml':
      'apiVersion: $NS.example.org/v1\nkind: Ship\nmetadata: { name: anna }\nspec: { port: kiel, sails: 4, cargo: [{ name: wine }], weight: 50% }\n',
    'pruned.yaml':
      'apiVersion: $NS.example.org/v1\nkind: Ship\nmetadata: { name: bert }\nspec: { port: kiel, ghost: true }\n',
    'invalid.yaml':
      'apiVersion: $NS.example.org/v1\nkind: Ship\nmetadata: { name: bad }\nspec: { port: K, sails: 30, crew: 1, flag: green, cargo: [{ tons: 1 }, { name: a }, { name: a }], when: today, weight: 1.5 }\n',
    'types.yaml':
      'apiVersion: $NS.example.org/v1\nkind: Ship\nmetadata: { name: bad }\nspec: { port: 5, sails: many, cargo: {} }\n',
    'few.yaml':
      'apiVersion: $NS.example.org/v1\nkind: Ship\nmetadata: { name: few }\nspec: { port: kiel, sails: 5, crew: 4 }\n',
    'missing.yaml': 'apiVersion: $NS.example.org/v1\nkind: Ship\nmetadata: { name: none }\n',
    'policy.yaml': `apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicy
metadata: { name: $NS-policy }
spec:
  failurePolicy: Fail
  matchConstraints: { resourceRules: [{ apiGroups: [""], apiVersions: [v1], operations: [CREATE, UPDATE], resources: [configmaps] }] }
  variables: [{ name: size, expression: "size(object.data)" }]
  validations:
  - { expression: "variables.size <= 2", messageExpression: "'has ' + string(variables.size) + ' keys, at most 2'", reason: Invalid }
  - { expression: "!('secret' in object.data)" }
---
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicyBinding
metadata: { name: $NS-policy }
spec: { policyName: $NS-policy, validationActions: [Deny], matchResources: { namespaceSelector: { matchLabels: { kubernetes.io/metadata.name: $NS } } } }
`,
    'bad-policy.yaml': `apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicy
metadata: { name: $NS-bad }
spec:
  matchConstraints: { resourceRules: [{ apiGroups: [""], apiVersions: [v1], operations: [CREATE], resources: [configmaps] }] }
  validations: [{ expression: "object.data ==" }, { expression: "1" }]
`,
  },
  steps: [
    'kubectl create -f bad-crd.yaml',
    'kubectl apply -f crd.yaml',
    'kubectl wait --for=condition=Established crd/ships.$NS.example.org --timeout=20s',
    {
      prepare:
        'for i in $(seq 50); do kubectl get ships && kubectl get --raw /openapi/v3/apis/$NS.example.org/v1 | grep -q Ship && break; sleep 0.2; done',
    },
    { run: 'kubectl get crd ships.$NS.example.org', normalise: [[/\.example\.org +\S+$/gm, '.example.org <time>']] },
    'kubectl get crd ships.$NS.example.org -o yaml --show-managed-fields',
    'kubectl api-resources --api-group=$NS.example.org',
    'kubectl explain ships.spec',
    'kubectl explain ship --recursive',
    'kubectl create -f ship.yaml',
    'kubectl apply -f ship.yaml',
    'kubectl apply -f ship-changed.yaml',
    'kubectl get sh',
    'kubectl get ships -o wide',
    'kubectl get fleet -o name',
    'kubectl get ship anna -o yaml --show-managed-fields',
    'kubectl get ships --field-selector spec.port=kiel -o name',
    'kubectl get ships --field-selector spec.crew=10',
    'kubectl describe ship anna',
    'kubectl apply -f pruned.yaml',
    'kubectl apply -f pruned.yaml --validate=warn',
    'kubectl get ship bert -o jsonpath={.spec}',
    { run: 'kubectl apply -f invalid.yaml', unordered: true },
    { run: 'kubectl create -f invalid.yaml --validate=false', unordered: true },
    { run: 'kubectl create -f types.yaml --validate=false', unordered: true },
    'kubectl create -f few.yaml',
    'kubectl create -f missing.yaml --validate=false',
    `kubectl patch ship anna --type=merge -p '{"spec":{"port":"bremen"}}'`,
    `kubectl patch ship anna --type=json -p '[{"op":"replace","path":"/spec/flag","value":"red"}]'`,
    `kubectl patch ship anna -p '{"spec":{"flag":"blue"}}'`,
    `kubectl patch ship anna --type=merge --subresource=status -p '{"status":{"sails":4,"selector":"a=b","conditions":[{"type":"Ready","status":"True"}]},"spec":{"sails":1}}'`,
    'kubectl scale ship anna --replicas=6',
    'kubectl get ship anna -o yaml --show-managed-fields',
    `kubectl get --raw /apis/$NS.example.org/v1/namespaces/$NS/ships/anna/scale`,
    'kubectl wait --for=condition=Ready ship/anna --timeout=2s',
    'kubectl apply --server-side -f ship-changed.yaml --field-manager=other',
    'kubectl apply --server-side -f ship.yaml --field-manager=other --force-conflicts',
    'kubectl get ship anna -o yaml --show-managed-fields',
    'kubectl label ship anna x=y',
    "KUBE_EDITOR='sed -i s/sails:.*/sails:\\ 2/' kubectl edit ship anna",
    'kubectl diff -f ship-changed.yaml',
    'kubectl delete ship bert',
    'kubectl create -f bad-policy.yaml',
    'kubectl create -f policy.yaml',
    {
      prepare:
        'for i in $(seq 50); do kubectl create configmap probe --from-literal=secret=x --dry-run=server || break; sleep 0.2; done',
    },
    'kubectl create configmap big --from-literal=a=1 --from-literal=b=2 --from-literal=c=3',
    'kubectl create configmap big --from-literal=secret=1',
    'kubectl create configmap small --from-literal=a=1',
    'kubectl get validatingadmissionpolicy $NS-policy',
    'kubectl get validatingadmissionpolicybinding $NS-policy',
    'kubectl delete -f policy.yaml',
    'kubectl delete crd ships.$NS.example.org',
    'kubectl get ships',
  ],
}
