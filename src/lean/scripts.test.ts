import { expect, it } from 'vitest'
import { Shortener } from './scripts.ts'

it('shortens inline scripts, keeps the names that they share, and leaves others alone', () => {
  const html = `<script aria-hidden="true">
    // Before the first paint.
    var shared = (() => { const long = outside(); return long + long })()
  </script><script type="module" src="/a.js"></script><script type="application/json">{ "a": 1 }</script>`
  expect(new Shortener().take(html)).toBe(
    '<script aria-hidden="true">var shared=(()=>{const r=outside();return r+r})();</script><script type="module" src="/a.js"></script><script type="application/json">{ "a": 1 }</script>',
  )
})
