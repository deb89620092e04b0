/** Said where the work area changes between its views. */
export const views = {
  loading: 'Loading…',
  failed: 'This could not be loaded. Try again in a moment.',
}
