/** Gives copy buttons what they copy, where lean-block.ts took it out of the page: the lines as they are shown. */
for (const button of document.querySelectorAll<HTMLElement>('.expressive-code .copy button:not([data-code])')) {
  const lines = button.closest('figure')?.querySelectorAll('.ec-line .code') ?? []
  button.dataset.code = [...lines].map((line) => (line.textContent ?? '').replace(/\n$/, '')).join('\n')
}
