import { h, select, selectAll } from '@astrojs/starlight/expressive-code/hast'
import { expect, it } from 'vitest'
import { lightenBlock } from './lean-block.ts'

const block = (copied: string) =>
  h('figure', [
    h('pre', [
      h('div.ec-line', [
        h('div.code', [h('span', { style: '--0:#fff' }, 'docker'), h('span', { style: '--0:#eee' }, ' '), 'ps']),
      ]),
      h('div.ec-line', [h('div.code', ['\n'])]),
      h('div.ec-line', [h('div.code', [h('span.indent', '  '), 'ls'])]),
    ]),
    h('div.copy', [h('button', { 'data-code': copied }, [])]),
  ])

it('takes out what the lines say as well', () => {
  const figure = block('docker ps\u007f\u007f  ls')
  lightenBlock(figure)
  expect(select('button', figure)?.properties).toEqual({})
})

it('leaves what is copied otherwise than it is shown', () => {
  const figure = block('docker ps')
  lightenBlock(figure)
  expect(Object.values(select('button', figure)?.properties ?? {})).toEqual(['docker ps'])
})

it('gives spaces no colour, and indents their class', () => {
  const figure = block('')
  lightenBlock(figure)
  expect(selectAll('.code', figure).map(({ children }) => children.map((child) => child.type))).toEqual([
    ['element', 'text', 'text'],
    ['text'],
    ['element', 'text'],
  ])
})

it('gives no colour to what has that of its line anyway', () => {
  const figure = block('')
  lightenBlock(figure, '--0:#FFF')
  expect(selectAll('.code', figure)[0]?.children.map((child) => child.type)).toEqual(['text', 'text', 'text'])
})
