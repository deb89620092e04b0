import { expect, it } from 'vitest'
import { partSearch } from './search-style.ts'

it('moves rules that are for the search alone, with the groups in which they stand', () => {
  const css =
    '@layer a,b;:root{--x:1}@layer b{a{color:red}.pagefind-ui__form{color:blue}@media (width>=50rem){#s .pagefind-ui{top:0}p{top:1px}}}a,.pagefind-ui{left:0}'
  expect(partSearch(css)).toEqual({
    kept: '@layer a,b;:root{--x:1}@layer b{a{color:red}@media (width>=50rem){p{top:1px}}}a,.pagefind-ui{left:0}',
    moved: '@layer b{.pagefind-ui__form{color:blue}@media (width>=50rem){#s .pagefind-ui{top:0}}}',
  })
})

it('is not led astray by texts, nested rules and rules that are no selectors', () => {
  const css =
    '.a{content:"}"}.pagefind-ui{content:"a\\"{";&:hover{top:0}}@font-face{font-family:pagefind-ui}@import url("x;y");b{top:0}'
  expect(partSearch(css)).toEqual({
    kept: '.a{content:"}"}@font-face{font-family:pagefind-ui}@import url("x;y");b{top:0}',
    moved: '.pagefind-ui{content:"a\\"{";&:hover{top:0}}',
  })
})

it('leaves a sheet without search as it is', () => {
  expect(partSearch('a{top:0}')).toEqual({ kept: 'a{top:0}', moved: '' })
})
