/** Said by the panel that shows a Service's pages. */
export const preview = {
  service: 'Service',
  choose: 'Choose a Service',
  none: 'There is no Service to show yet. Make one, with kubectl expose for example, and look again.',
  looking: 'Looking for Services…',
  option: (name: string, namespace: string, port: string, ready: number) => {
    const where = namespace === 'default' ? name : `${name} in ${namespace}`
    return `${where}, port ${port}: ${ready === 0 ? 'no Pod ready' : ready === 1 ? '1 Pod ready' : `${ready} Pods ready`}`
  },
  port: (port: number, name: string | undefined) => (name === undefined ? String(port) : `${port} (${name})`),
  show: 'Show',
  look: 'Look again',
  path: 'Path',
  reload: 'Reload',
  window: 'Own window',
  windowHint: 'Opens this page in a window of its own',
  frame: (service: string) => `Page of the Service ${service}`,
  shown: (service: string) => `Showing ${service}.`,
  blocked: 'The browser did not let a window be opened.',
  hint: 'Choose a Service and press “Show”: its pages come from the Pods of your cluster, a different Pod in turn.',
}
