import { expect, it } from 'vitest'
import { normalise } from './normalise.ts'

const here = { namespace: 'reading-new', folder: '/tmp/x' }

it('takes out what no two clusters share', () => {
  const text = `Name:   web    Namespace: reading-new
uid: 0b0e6ad5-2a8f-4c3e-9d35-3b6f2d0a1c11
resourceVersion: "1234"
creationTimestamp: "2026-01-02T03:04:05Z"
file /tmp/x/a`
  expect(normalise(text, here)).toBe(`Name:   web   Namespace: <ns>
uid: <uid>
resourceVersion: "<version>"
creationTimestamp: "<time>"
file <folder>/a`)
})

it('takes out ages and leaves quantities', () => {
  expect(normalise('web  1/1  Running  0  3m2s\nweb  cpu 100m  12s', here)).toBe(
    'web   1/1   Running   0   <age>\nweb   cpu 100m   <age>',
  )
})

it('keeps the indentation of lines', () => {
  expect(normalise('a:\n    b:  c', here)).toBe('a:\n    b:   c')
})

it('puts managers into one order, whichever wrote first', () => {
  const entry = (manager: string) => `  - apiVersion: v1\n    manager: ${manager}\n`
  const yaml = (...managers: string[]) => `metadata:\n  managedFields:\n${managers.map(entry).join('')}  name: a\n`
  expect(normalise(yaml('b', 'a'), here)).toBe(yaml('a', 'b'))
})
