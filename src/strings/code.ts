export const code = {
  run: 'Run in terminal',
}
