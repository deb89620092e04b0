export const glossary = {
  /** Before what comes nearest to a term with Docker. */
  docker: 'With Docker',
  more: 'In the glossary',
  jump: 'Letters',
}
