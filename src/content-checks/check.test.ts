import { describe, expect, it } from 'vitest'
import { contentProblems, type Sources, statementsOf } from './check.ts'
import { readPage } from './page.ts'
import { sentence } from './problem.ts'
import { composeSchema, kinds } from './schemas.ts'

const statements = statementsOf("export const statements = {\n  'what-is': 'It …',\n  pod: 'The unit.',\n} as const\n")
const covering = readPage('content/why/all.mdx', '---\ntitle: All\ncovers: [what-is, pod]\n---\n')

/** What is said of one page, when nothing else is wrong. */
function said(text: string, file = 'content/concepts/x.mdx', rest: Partial<Sources> = {}): string[] {
  const sources = { pages: [covering, readPage(file, text)], statements, labs: ['scaling'], tried: new Set<string>() }
  return contentProblems({ ...sources, ...rest }, { kinds, compose: composeSchema }).map(sentence)
}
const block = (fence: string, code: string) => `---\ntitle: X\n---\n\n\`\`\`${fence}\n${code}\n\`\`\`\n`

describe('statements', () => {
  it('are found with the lines on which they stand', () => {
    expect([...statements.lines]).toEqual([
      ['what-is', 2],
      ['pod', 3],
    ])
  })

  it('must each have a page', () => {
    const pages = [readPage('content/why/a.mdx', '---\ntitle: A\ncovers: [pod]\n---\n')]
    expect(said('', 'content/why/b.mdx', { pages })).toEqual([
      'src/statements.ts:2: found the statement "what-is" on no page; expected a page whose frontmatter has covers: [what-is]',
    ])
  })

  it('count only where they are taught in English', () => {
    const pages = [readPage('content/de/why/a.mdx', '---\ntitle: A\ncovers: [pod, what-is]\n---\n')]
    expect(said('', '', { pages })).toHaveLength(2)
  })

  it('must be known', () => {
    expect(said('---\ntitle: X\ncovers:\n  - pod\n  - pods\n---\n')).toEqual([
      'content/concepts/x.mdx:5: found covers: the unknown statement "pods"; expected ids of src/statements.ts: what-is, pod',
    ])
  })
})

it('says which lab a page names that there is not', () => {
  expect(said('---\ntitle: X\nlab: scalling\n---\n')).toEqual([
    'content/concepts/x.mdx:3: found lab: "scalling"; expected the name of a folder in labs/: scaling',
  ])
})

describe('a shell block', () => {
  it('of a concept page runs in a lab, or says why not', () => {
    expect(said(block('bash', '# look\nkubectl get pods'))).toEqual([
      'content/concepts/x.mdx:7: found "kubectl get pods"; expected a command of some lab’s solution or page, or norun="why no test runs it" in the fence',
    ])
    expect(said(block('bash', 'kubectl get pods'), undefined, { tried: new Set(['kubectl get pods']) })).toEqual([])
    expect(said(block('bash norun="needs Docker"', 'docker ps'))).toEqual([])
    expect(said(block('bash', 'docker ps'), 'content/why/x.mdx')).toEqual([])
    expect(said(block('bash', 'docker ps'), 'content/de/concepts/x.mdx')).toHaveLength(1)
  })

  it('needs a reason where it is not run', () => {
    expect(said(block('bash norun', 'docker ps'))).toEqual([
      'content/concepts/x.mdx:5: found norun without a reason; expected norun="why no test runs it"',
    ])
  })

  it('is one command where lines go on', () => {
    const tried = new Set(['kubectl run web --image=nginx'])
    expect(said(block('bash', 'kubectl run web \\\n  --image=nginx'), undefined, { tried })).toEqual([])
  })

  it('has no prompt', () => {
    expect(said(block('bash', 'ls\n$ ls'), 'content/why/x.mdx')).toEqual([
      'content/why/x.mdx:7: found the prompt of "$ ls"; expected commands as they are typed, and output in a block apart',
    ])
  })
})

const deployment = (replicas: string, rest = '') => `apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
spec:
  replicas: ${replicas}
  selector: { matchLabels: { app: web } }
  template:
    metadata: { labels: { app: web } }
    spec:
      containers:
        - name: web
          image: nginx:1.29${rest}`

describe('a Kubernetes object', () => {
  it('passes if the API server would take it', () => {
    expect(said(block('yaml title="web.yaml"', deployment('3')))).toEqual([])
    expect(said(block('yaml', `${deployment('3')}\n---\n${deployment('2')}`))).toEqual([])
  })

  it.each([
    [
      'a misspelt field',
      deployment('3').replace('replicas', 'replica'),
      11,
      'the unknown field "replica"',
      'a known field; did you mean "replicas"?',
    ],
    ['a wrong type', deployment('three'), 11, 'spec.replicas: "three"', 'a whole number'],
    [
      'a missing field',
      deployment('3').replace(/ {2}selector.*\n/, ''),
      10,
      'spec: no field "selector"',
      'one in spec',
    ],
    [
      'an unknown kind',
      'apiVersion: apps/v1\nkind: Deploiment',
      7,
      'kind: "Deploiment" of "apps/v1"',
      'a kind of Kubernetes or of a CustomResourceDefinition on this page; else mark it unchecked="why"',
    ],
    [
      'an old apiVersion',
      'apiVersion: extensions/v1beta1\nkind: Ingress',
      6,
      'apiVersion: "Ingress" of "extensions/v1beta1"',
      'networking.k8s.io/v1',
    ],
    [
      'a selector of other Pods',
      deployment('3').replace('{ app: web } }\n  template', '{ app: shop } }\n  template'),
      12,
      'spec.selector.matchLabels.app: app: shop',
      'a label that the Pods of spec.template.metadata.labels have',
    ],
    [
      'an amount that is none',
      deployment('3', '\n          resources: { requests: { memory: 64MB } }'),
      19,
      'spec.template.spec.containers[0].resources.requests.memory: "64MB"',
      'an amount, like "250m" or "128Mi"',
    ],
    [
      'a name that is none',
      deployment('3').replace('name: web', 'name: Web'),
      9,
      'metadata.name: "Web"',
      'lower-case letters, digits, dashes and dots',
    ],
    [
      'a value that is not one of the known',
      deployment('3', '\n          imagePullPolicy: Sometimes'),
      19,
      'spec.template.spec.containers[0].imagePullPolicy: "Sometimes"',
      'one of "Always", "IfNotPresent", "Never"',
    ],
    ['what is no YAML', 'a: [1', 6, 'unexpected end of the stream within a flow collection', 'YAML'],
  ])('with %s is named by its line', (_, code, line, found, expected) => {
    expect(said(block('yaml', code))).toEqual([`content/concepts/x.mdx:${line}: found ${found}; expected ${expected}`])
  })

  it('may be one of the Gateway API', () => {
    const gateway = 'apiVersion: gateway.networking.k8s.io/v1\nkind: Gateway\nmetadata: { name: web }\nspec:\n'
    const listener = '  listeners:\n    - { name: http, protocol: HTTP, port: 80 }'
    expect(said(block('yaml', `${gateway}  gatewayClassName: any\n${listener}`))).toEqual([])
    expect(said(block('yaml', gateway + listener))).toEqual([
      'content/concepts/x.mdx:9: found spec: no field "gatewayClassName"; expected one in spec',
    ])
  })

  it('may be one that the page itself defines', () => {
    const definition = `apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: { name: backups.example.org }
spec:
  group: example.org
  scope: Namespaced
  names: { kind: Backup, plural: backups }
  versions:
    - name: v1
      served: true
      storage: true
      schema:
        openAPIV3Schema:
          type: object
          properties:
            spec: { type: object, properties: { every: { type: string } } }`
    const backup = (field: string) =>
      `apiVersion: example.org/v1\nkind: Backup\nmetadata: { name: nightly }\nspec: { ${field}: 24h }`
    expect(said(block('yaml', definition) + block('yaml', backup('every')))).toEqual([])
    expect(said(block('yaml', definition) + block('yaml', backup('ever')))).toEqual([
      'content/concepts/x.mdx:31: found the unknown field "ever"; expected a known field; did you mean "every"?',
    ])
  })
})

describe('a piece of an object', () => {
  const piece = (mark: string, code: string) => block(`yaml title="web.yaml (part of it)" ${mark}`, code)

  it('is compared from the top, or from the place that it says', () => {
    expect(said(piece('partial="Deployment"', 'spec:\n  replicas: 3'))).toEqual([])
    expect(
      said(piece('partial="Pod spec.containers"', '- name: web\n  livenessProbe: { httpGet: { port: 80 } }')),
    ).toEqual([])
    expect(said(piece('partial="Pod spec.containers[]"', 'livenesProbe: {}'))).toEqual([
      'content/concepts/x.mdx:6: found the unknown field "livenesProbe"; expected a known field; did you mean "livenessProbe"?',
    ])
    expect(said(piece('partial="Compose services.web"', 'image: nginx\nrestart: always'))).toEqual([])
  })

  it('says of which kind it is, and tells its reader', () => {
    expect(said(piece('', 'spec:\n  replicas: 3'))).toEqual([
      'content/concepts/x.mdx:5: found "web.yaml (part of it)" without a mark; expected partial="Kind path", like partial="Deployment spec.template.spec"',
    ])
    expect(said(block('yaml title="web.yaml" partial="Deployment"', 'spec: {}'))).toEqual([
      'content/concepts/x.mdx:5: found title="web.yaml" of a piece; expected a title that ends in "(part of it)"',
    ])
    expect(said(piece('partial="Deployment spec.tmplate"', 'spec: {}'))).toEqual([
      'content/concepts/x.mdx:5: found partial="Deployment spec.tmplate"; expected a path that there is; Deployment has no tmplate in spec.tmplate',
    ])
    expect(said(piece('partial="HorizontalPodAutoscaler spec"', 'minReplicas: 1'))).toEqual([
      'content/concepts/x.mdx:5: found partial="HorizontalPodAutoscaler spec"; expected an apiVersion too: partial="autoscaling/v2 HorizontalPodAutoscaler spec" or partial="autoscaling/v1 HorizontalPodAutoscaler spec"',
    ])
  })
})

describe('a Compose file', () => {
  it('passes if Compose would take it', () => {
    const file =
      'services:\n  web:\n    image: nginx\n    depends_on: [db]\n    volumes: ["data:/data", "./conf:/conf"]\n  db:\n    image: postgres\nvolumes:\n  data:'
    expect(said(block('yaml title="compose.yaml"', file))).toEqual([])
  })

  it.each([
    [
      'a misspelt key',
      'services:\n  web:\n    imgae: nginx',
      8,
      'the unknown field "imgae"',
      'a known field; did you mean "image"?',
    ],
    [
      'a service that is not there',
      'services:\n  web:\n    image: nginx\n    depends_on: [db]',
      9,
      'services.web.depends_on: "db"',
      "one of the file's services: web",
    ],
    [
      'a volume that is not there',
      'services:\n  web:\n    image: nginx\n    volumes: ["data:/data"]',
      9,
      'services.web.volumes: "data"',
      "one of the file's volumes: there are none",
    ],
  ])('with %s is named by its line', (_, code, line, found, expected) => {
    expect(said(block('yaml', code))).toEqual([`content/concepts/x.mdx:${line}: found ${found}; expected ${expected}`])
  })
})

it('asks what other YAML is', () => {
  expect(said(block('yaml', 'replicaCount: 3'))).toEqual([
    'content/concepts/x.mdx:5: found neither apiVersion and kind nor services; expected a whole object or Compose file; else the mark partial="Kind path" or unchecked="what it is"',
  ])
  expect(said(block('yaml unchecked="Helm values"', 'replicaCount: 3'))).toEqual([])
  expect(said(block('yaml unchecked', 'replicaCount: 3'))).toEqual([
    'content/concepts/x.mdx:5: found unchecked without a reason; expected unchecked="what it is"',
  ])
})

it('finds blocks that are indented or in longer fences', () => {
  const text = '<Tab>\n  ````yaml\n  apiVersion: v1\n  kind: Pot\n  ````\n</Tab>\n'
  expect(said(text)).toHaveLength(1)
  expect(said(text)[0]).toMatch(/^content\/concepts\/x\.mdx:4: /)
})
