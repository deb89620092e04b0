import { describe, expect, it } from 'vitest'
import { ITEM, placeAt } from './place.ts'

/** The text with a bar where the cursor is. */
function at(text: string) {
  const offset = text.indexOf('|')
  return placeAt(text.replace('|', ''), offset)
}
const path = (text: string) =>
  at(text)
    ?.path.map((step) => (step === ITEM ? '[]' : step))
    .join('.')

const deployment = (rest: string) => `apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
spec:
  replicas: 2
  template:
    spec:
      containers:
        - name: web
          image: nginx
${rest}`

describe('a place in a YAML text', () => {
  it('is found by its indentation', () => {
    expect(path('|')).toBe('')
    expect(path('spec:\n  |')).toBe('spec')
    expect(path('spec:\n  repl|')).toBe('spec')
    expect(path('spec:\n  replicas: 2\n|')).toBe('')
    expect(path(deployment('          |'))).toBe('spec.template.spec.containers.[]')
    expect(path(deployment('          ports:\n            - |'))).toBe('spec.template.spec.containers.[].ports.[]')
    expect(path(deployment('      vol|'))).toBe('spec.template.spec')
    expect(path(deployment('  |'))).toBe('spec')
  })

  it('is found in lists that stand right below their name', () => {
    expect(path('spec:\n  ports:\n  - port: 80\n    |')).toBe('spec.ports.[]')
    expect(path('spec:\n  ports:\n  - |')).toBe('spec.ports.[]')
    expect(path('spec:\n  ports:\n  - port: 80\n  sel|')).toBe('spec')
    expect(path('items:\n- a: 1\n- |')).toBe('items.[]')
  })

  it('knows whether a name or a value is written, and where it begins', () => {
    const name = at('spec:\n  repl|')
    expect(name).toMatchObject({ at: 'name', from: 8, indent: 2 })
    const value = at('spec:\n  type: Clus|')
    expect(value).toMatchObject({ at: 'value', key: 'type', from: 14, path: ['spec'] })
    expect(at('  - image: ngi|')).toMatchObject({ at: 'value', key: 'image' })
  })

  it('is none in comments, texts and what is written in braces', () => {
    for (const text of ['# a|', 'spec: # a|', 'spec: {a|', 'a: "b|', 'args: ["a|'])
      expect(at(text), text).toBe(undefined)
    expect(placeAt('data:\n  run: |\n    echo', 23)).toBe(undefined)
  })

  it('has the kind of its own document, and the names beside it', () => {
    const text = `kind: Service\napiVersion: v1\n---\n${deployment('          |\n          env: []')}\n---\nkind: Pod`
    expect(at(text)).toMatchObject({ apiVersion: 'apps/v1', kind: 'Deployment', siblings: ['image', 'name', 'env'] })
    expect(at('a: 1\n|\nb: 2')?.siblings).toEqual(['a', 'b'])
    expect(at('list:\n  - a: 1\n  - b|\n    c: 2\n  - d: 3')?.siblings).toEqual(['c'])
  })
})
