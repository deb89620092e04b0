/** A table that is wider than its place is scrolled; the keyboard must reach it for that. Expressive Code does the same for code. */
const wide = new ResizeObserver((entries) => {
  for (const { target } of entries) {
    if (!(target instanceof HTMLElement)) continue
    if (target.scrollWidth > target.clientWidth) target.tabIndex = 0
    else target.removeAttribute('tabindex')
  }
})
for (const table of document.querySelectorAll(
  '.sl-markdown-content > table, .sl-markdown-content [role="tabpanel"] > table',
))
  wide.observe(table)
