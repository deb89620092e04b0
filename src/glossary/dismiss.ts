/**
 * A card that is shown because the pointer or the focus is on its term goes away with Escape, and comes back with the next
 * visit. Opened by a press it is a popover, which does so by itself.
 */
document.addEventListener('keydown', ({ key }) => {
  if (key !== 'Escape') return
  for (const term of document.querySelectorAll('.term:is(:hover, :has(:focus-visible))')) {
    term.setAttribute('data-dismissed', '')
    const back = ({ type }: Event) => {
      if (type === 'pointerleave' ? term.matches(':has(:focus-visible)') : term.matches(':hover')) return
      term.removeAttribute('data-dismissed')
      term.removeEventListener('pointerleave', back)
      term.removeEventListener('focusout', back)
    }
    term.addEventListener('pointerleave', back)
    term.addEventListener('focusout', back)
  }
})
