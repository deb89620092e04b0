import { expect, it } from 'vitest'
import { inlineHtml } from './inline.ts'

it('marks code, and takes nothing else for HTML', () => {
  expect(inlineHtml('`a <b>` & c')).toBe('<code>a &lt;b&gt;</code> &amp; c')
})

it('marks what is emphasised, with code in it', () => {
  expect(inlineHtml('Nine. *The autoscaler sets `replicas`.*')).toBe(
    'Nine. <em>The autoscaler sets <code>replicas</code>.</em>',
  )
})
