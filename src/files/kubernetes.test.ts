import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { checkYaml } from './check-yaml.ts'
import { compactKinds } from './compact-kinds.ts'
import { kinds } from './kinds.ts'
import { placeAt } from './place.ts'
import { suggest } from './suggest.ts'

it('has the kinds that the schemas of the pages have: node src/files/record-schemas.ts', () => {
  const file = readFileSync(join(import.meta.dirname, 'schemas.json'), 'utf8')
  expect(JSON.parse(file)).toEqual(compactKinds())
})

function suggested(text: string) {
  const offset = text.indexOf('|')
  const place = placeAt(text.replace('|', ''), offset)
  return place === undefined ? [] : suggest(place, kinds)
}
const labels = (text: string) => suggested(text).map(({ label }) => label)

describe('suggestions', () => {
  it('are the fields of the kind at that place, without those that are there', () => {
    const container = 'apiVersion: v1\nkind: Pod\nspec:\n  containers:\n    - name: a\n      |'
    expect(labels(container)).toEqual(expect.arrayContaining(['image', 'ports', 'readinessProbe', 'resources']))
    expect(labels(container)).not.toContain('name')
    expect(labels('apiVersion: apps/v1\nkind: Deployment\n|')).toEqual(['metadata', 'spec'])
  })

  it('bring what a field begins with', () => {
    const texts = Object.fromEntries(
      suggested('apiVersion: v1\nkind: Service\nspec:\n  |').map(({ label, text }) => [label, text]),
    )
    expect(texts).toMatchObject({ type: 'type: ', ports: 'ports:\n    - ', selector: 'selector:\n    ' })
  })

  it('are the values that a field takes', () => {
    expect(labels('apiVersion: v1\nkind: Service\nspec:\n  type: |')).toEqual(
      expect.arrayContaining(['ClusterIP', 'NodePort', 'LoadBalancer', 'ExternalName']),
    )
    expect(labels('apiVersion: v1\nkind: Pod\nspec:\n  hostNetwork: |')).toEqual(['true', 'false'])
    expect(labels('apiVersion: apps/v1\nkind: |')).toEqual(expect.arrayContaining(['Deployment', 'StatefulSet']))
    expect(labels('kind: HorizontalPodAutoscaler\napiVersion: |')).toEqual(['autoscaling/v2', 'autoscaling/v1'])
  })

  it('begin with what every object has', () => {
    expect(labels('|')).toEqual(['apiVersion', 'kind', 'metadata', 'spec'])
    expect(labels('replicas: |')).toEqual([])
  })
})

const web = `apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
spec:
  selector:
    matchLabels: {app: web}
  template:
    metadata:
      labels: {app: web}
    spec:
      containers:
        - name: web
          image: nginx:1.26
`

describe('errors', () => {
  it('are none in a good manifest, of however many objects', () => {
    expect(
      checkYaml(
        `${web}---\napiVersion: v1\nkind: Service\nmetadata: {name: web}\nspec: {ports: [{port: 80}]}\n`,
        kinds,
      ),
    ).toEqual([])
    expect(checkYaml('', kinds)).toEqual([])
  })

  it('have their line and a sentence', () => {
    expect(checkYaml(web.replace('spec:\n  selector', 'spec:\n  replica: 3\n  selector'), kinds)).toEqual([
      { line: 6, text: 'The unknown field "replica"; expected a known field; did you mean "replicas"?' },
    ])
    expect(checkYaml(web.replace('spec:\n  selector', 'spec:\n  replicas: three\n  selector'), kinds)).toEqual([
      { line: 6, text: 'spec.replicas: "three"; expected a whole number.' },
    ])
    expect(checkYaml(`a: b\n---\n${web.replace('name: web\nspec', 'name: Web\nspec')}`, kinds)).toEqual([
      { line: 6, text: 'metadata.name: "Web"; expected lower-case letters, digits, dashes and dots.' },
    ])
    const [fault] = checkYaml('a: [b\n', kinds)
    expect(fault?.text).toMatch(/^This is not YAML: .*\.$/)
    expect(checkYaml('kind: Deploymnt\napiVersion: apps/v1\n', kinds)).toHaveLength(1)
  })

  it('are not looked for in what is no manifest, nor in kinds that the cluster alone knows', () => {
    for (const text of [
      'replicaCount: 3\nimage: nginx\n',
      'apiVersion: example.org/v1\nkind: Ship\nanything: 1\n',
      'services:\n  web: {image: nginx}\n',
      'kind: Deployment\nmetadata:\n  name: {{ .Release.Name }}\n',
    ])
      expect(checkYaml(text, kinds), text).toEqual([])
  })
})
