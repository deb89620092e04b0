import { expect, it } from 'vitest'
import { Sprite } from './sprite.ts'

const sun =
  '<svg aria-hidden="true" class="a" width="16" viewBox="0 0 24 24" fill="currentColor" style="--sl-icon-size: 1em;"><path d="M1 1"/><path d="M2 2"></path></svg>'

it('keeps one drawing of each icon and leaves the rest of its tag alone', () => {
  const sprite = new Sprite()
  expect(sprite.take(`<p>${sun}</p>${sun.replace('"a"', '"b"')}`, '/i.svg')).toBe(
    '<p><svg aria-hidden="true" class="a" width="16" viewBox="0 0 24 24" fill="currentColor" style="--sl-icon-size: 1em;"><use href="/i.svg#i0"/></svg></p>' +
      '<svg aria-hidden="true" class="b" width="16" viewBox="0 0 24 24" fill="currentColor" style="--sl-icon-size: 1em;"><use href="/i.svg#i0"/></svg>',
  )
  expect(sprite.toString()).toBe(
    '<svg xmlns="http://www.w3.org/2000/svg"><symbol id="i0" viewBox="0 0 24 24"><path d="M1 1"/><path d="M2 2"></path></symbol></svg>\n',
  )
})

it('takes drawings that say how they are filled', () => {
  const path = '<path fill-rule="evenodd" d="M1 1" clip-rule="evenodd"/>'
  const sprite = new Sprite()
  sprite.take(`<svg viewBox="0 0 24 24" fill="currentColor">${path}</svg>`, '/i.svg')
  expect([...sprite.drawings.values()]).toEqual([{ id: 'i0', viewBox: '0 0 24 24', paths: path }])
})

it('leaves pictures alone, which are more than a drawing in one colour', () => {
  const picture = '<svg viewBox="0 0 300 202" role="img" fill="none"><path d="M1 1"/></svg>'
  expect(new Sprite().take(picture, '/i.svg')).toBe(picture)
})
