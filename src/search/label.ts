/**
 * The search button shows its shortcut, but is called "Search" alone. Who speaks to the page says what they see: what is shown
 * becomes part of the name. On narrow screens nothing is shown, and the name stays.
 */
const button = document.querySelector<HTMLElement>('site-search [data-open-modal]')
if (button?.innerText) button.setAttribute('aria-label', button.innerText.replace(/\s+/g, ' ').trim())
