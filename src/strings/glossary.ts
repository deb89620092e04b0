export const glossary = {
  /** Before what comes nearest to a term with Docker. */
  docker: 'With Docker',
  /** Before the title of the page that shows it. */
  page: 'Shown in',
  more: 'In the glossary',
  jump: 'Letters',
}
