/**
 * The search button shows its shortcut, but is called "Search" alone. Who speaks to the page says what they see: what is shown
 * becomes part of the name, its words kept apart. On narrow screens nothing is shown, and the name stays.
 */
const button = document.querySelector('site-search [data-open-modal]')
if (button?.querySelector('span')?.checkVisibility()) {
  for (const word of button.querySelectorAll('span, kbd')) word.before(' ')
  button.setAttribute('aria-label', (button.textContent ?? '').replace(/\s+/g, ' ').trim())
}
