import { expect, it } from 'vitest'
import { derivedImageName } from './image.ts'

const base = { name: 'kindest/node:v1.34.0', id: 'sha256:aaa' }
const web = { name: 'nginx:1.26', id: 'sha256:bbb' }
const box = { name: 'busybox:1.36', id: 'sha256:ccc' }

it('gives the same name to the same parts in any order', () => {
  expect(derivedImageName({ base, images: [web, box] })).toBe(derivedImageName({ base, images: [box, web] }))
  expect(derivedImageName({ base, images: [web] })).toMatch(/^quayside\/node:[0-9a-f]{16}$/)
})

it('gives another name when an image was changed behind its tag', () => {
  const before = derivedImageName({ base, images: [web] })
  expect(derivedImageName({ base, images: [{ ...web, id: 'sha256:ddd' }] })).not.toBe(before)
  expect(derivedImageName({ base: { ...base, id: 'sha256:eee' }, images: [web] })).not.toBe(before)
})

it('gives another name with another helm, or none', () => {
  const names = [undefined, 'aaa', 'bbb'].map((helm) => derivedImageName({ base, images: [web], helm }))
  expect(new Set(names).size).toBe(3)
})
