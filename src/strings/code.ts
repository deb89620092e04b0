export const code = {
  run: 'Run in terminal',
  /** Name of a code block that can be scrolled, if it has no title. */
  block: 'Code',
}
