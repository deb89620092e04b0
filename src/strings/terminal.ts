/** Said by the terminal. */
export const terminal = {
  shell: (number: number) => `Shell ${number}`,
  label: (number: number) => `Terminal input, shell ${number}`,
  connecting: 'Connecting…',
  reconnecting: 'Reconnecting… What you type is kept and sent once.',
  full: 'Reconnecting… No more input is taken until then.',
  uncertain: 'The connection broke while you typed: some of it may not have arrived.',
  renewed: 'This is a new shell. What you typed in between was not sent.',
  refused: 'The lab server refused this shell.',
  lostOutput: 'earlier output is no longer kept',
  exited: (code: number | null) =>
    code === null ? 'The shell has ended.' : `The shell has ended with exit code ${code}.`,
  anotherShell: 'Open another shell',
  copied: 'Copied.',
  nothingSelected: 'Select text in the terminal first.',
  copyFailed: 'The browser did not allow copying.',
  pasteFailed: 'The browser did not allow pasting here. Use Ctrl+V or Cmd+V in the terminal.',
  sent: 'Sent to the terminal.',
  notOpen: 'There is no open shell to run this in.',
  fontSize: (pixels: number) => `Text size ${pixels}.`,
  screenReaderOn: 'Screen reader mode is on.',
  screenReaderOff: 'Screen reader mode is off.',
}
