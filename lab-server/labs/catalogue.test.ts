import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { LabFileError } from '../../protocol/lab/parse.ts'
import { loadCatalogue } from './catalogue.ts'

let folder: string
let root: string

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'quayside-'))
  root = join(folder, 'labs')
  mkdirSync(root)
})
afterEach(() => rmSync(folder, { recursive: true }))

function write(path: string, content: string): void {
  mkdirSync(dirname(join(root, path)), { recursive: true })
  writeFileSync(join(root, path), content)
}

const labYaml = (more = '', id = 'one') => `id: ${id}
title: One
summary: One.
minutes: 5
steps:
  - id: a
    title: A
    checks:
      - title: So
        resource: { apiVersion: v1, kind: Pod }
        expect: objects.size() == 1
    solution: "true"
${more}`

async function messages(): Promise<string[]> {
  try {
    await loadCatalogue(root)
  } catch (error) {
    expect(error).toBeInstanceOf(LabFileError)
    return (error as LabFileError).message.split('\n')
  }
  throw new Error('the labs were accepted')
}

const service = 'apiVersion: v1\nkind: Service\nmetadata:\n  name: web\n'

it('gives each lab with its objects in order and its files', async () => {
  write('one/lab.yaml', labYaml('setup: [manifests/a.yaml, manifests/b.yaml]\nfiles: [web.yaml, more/notes.txt]\n'))
  write('one/manifests/a.yaml', `# two\n---\n${service}---\n${service.replace('web', 'db')}`)
  write('one/manifests/b.yaml', service.replace('Service', 'ConfigMap'))
  write('one/web.yaml', 'x: 1\n')
  write('one/more/notes.txt', 'ü\n')
  write('two/lab.yaml', labYaml('', 'two'))
  const catalogue = await loadCatalogue(root)
  expect([...catalogue.keys()]).toEqual(['one', 'two'])
  const one = catalogue.get('one')
  expect(one?.setup.map(({ kind, metadata }) => `${kind}/${metadata.name}`)).toEqual([
    'Service/web',
    'Service/db',
    'ConfigMap/web',
  ])
  expect(one?.files).toEqual([
    { path: 'web.yaml', content: 'x: 1\n' },
    { path: 'more/notes.txt', content: 'ü\n' },
  ])
})

it('tells the problems of all labs at once', async () => {
  write('one/lab.yaml', labYaml('files: [gone.yaml]\n', 'uno'))
  write('two/lab.yaml', labYaml('', 'two').replace('minutes: 5', 'minutes: x'))
  mkdirSync(join(root, 'three'))
  expect(await messages()).toEqual([
    'labs/one/lab.yaml:1: id: found "uno"; expected "one", the name of its folder',
    'labs/one/lab.yaml:13: files[0]: found "gone.yaml", which does not exist; expected a file in the lab\'s folder',
    'labs/three/lab.yaml:1: found no such file; expected a lab.yaml in each folder',
    'labs/two/lab.yaml:4: minutes: found "x"; expected a number',
  ])
})

it.each([
  ['../secret', 'which lies outside'],
  ['/etc/passwd', 'which lies outside'],
  ['link', 'a link that leads outside'],
  ['folder/secret', 'a link that leads outside'],
  ['.', 'which lies outside'],
  ['manifests', 'which cannot be read as a file'],
])('does not let %s out of the folder', async (path, found) => {
  write('secret', 'x')
  write('one/manifests/a.yaml', service)
  symlinkSync(join(root, 'secret'), join(root, 'one/link'))
  symlinkSync(root, join(root, 'one/folder'))
  write('one/lab.yaml', labYaml(`setup:\n  - manifests/a.yaml\n  - ${path}\nfiles: [${path}]\n`))
  const texts = await messages()
  expect(texts[0]).toBe(
    `labs/one/lab.yaml:15: setup[1]: found "${path}", ${found}; expected a file in the lab's folder`,
  )
  expect(texts[1]).toMatch(/^labs\/one\/lab.yaml:16: files\[0\]: /)
})

it('keeps away from the files that a shell reads by itself', async () => {
  write('one/.bashrc', 'x')
  write('one/lab.yaml', labYaml('files: [.bashrc]\n'))
  expect(await messages()).toEqual([
    'labs/one/lab.yaml:13: files[0]: found ".bashrc"; expected a path without names that begin with a dot',
  ])
})

it('tells what is wrong with a manifest, by its own lines', async () => {
  write('one/lab.yaml', labYaml('setup: [a.yaml, b.yaml, c.yaml]\n'))
  write('one/a.yaml', `${service}---\napiVersion: v1\nkind: Service\nmetadata:\n  labels: {}\n`)
  write('one/b.yaml', 'a: 1\nb: [\n')
  write('one/c.yaml', '')
  expect(await messages()).toEqual([
    'labs/one/a.yaml:8: metadata.name: found nothing; expected a text, as every Kubernetes object has',
    'labs/one/b.yaml:3: found deficient indentation; expected YAML',
    'labs/one/c.yaml:1: found nothing; expected at least one Kubernetes object',
  ])
})

it('tells of a folder that is not there', async () => {
  rmSync(root, { recursive: true })
  expect(await messages()).toEqual(['labs:1: found no such folder; expected a folder for each lab'])
})

it("finds this repository's own labs in order", async () => {
  const catalogue = await loadCatalogue(join(import.meta.dirname, '../../labs'))
  expect([...catalogue.keys()]).toContain('scaling')
})
