import { code as strings } from '../strings/code.ts'

/**
 * Expressive Code makes a block that can be scrolled a region that the keyboard reaches, but gives it no name; several regions
 * without names cannot be told apart in a screen reader's list. Names each by its title and its place on the page.
 */
function nameRegions(): void {
  document.querySelectorAll('.expressive-code pre').forEach((block, at) => {
    if (block.getAttribute('role') !== 'region') {
      block.removeAttribute('aria-label')
      return
    }
    const title = block.closest('figure')?.querySelector('figcaption')?.textContent?.trim() || strings.block
    block.setAttribute('aria-label', `${title} ${at + 1}`)
  })
}

new MutationObserver(nameRegions).observe(document.body, { attributeFilter: ['role'], subtree: true })
nameRegions()
