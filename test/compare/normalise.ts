/** Takes out of outputs what differs between any two clusters, and nothing else. */

export interface Surroundings {
  readonly namespace: string
  /** In which the commands ran. */
  readonly folder: string
}

type Rule = readonly [RegExp, string]

/** What an API server gives each object. */
export const identities: readonly Rule[] = [
  // Also between underscores
  [/(?<![0-9a-z])[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}(?![0-9a-z])/g, '<uid>'],
  [/\b\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)/g, '<time>'],
]

/** In clusters as kind makes them. */
export const addresses: readonly Rule[] = [
  [/\b10\.96\.\d+\.\d+\b/g, '<service-ip>'],
  [/\b10\.244\.\d+\.\d+\b/g, '<pod-ip>'],
  // Docker's own networks, on which kind's nodes are
  [/\b(?:172\.(?:1[6-9]|2\d|3[01])|192\.168)\.\d+\.\d+\b/g, '<node-ip>'],
]

/** In this order: a time must go before an age is looked for in it. */
const rules: readonly Rule[] = [
  // klog's header: severity, date, time, process
  [/^([IWEF])\d{4} \d\d:\d\d:\d\d\.\d+ +\d+ /gm, '$1 '],
  [/^.*client-side throttling.*\n/gm, ''],
  // kubectl asks for a container that its own watch knows of before the kubelet does
  [/^warning: couldn't attach to pod.*\n/gm, ''],
  [/-----BEGIN [A-Z ]+-----[\s\S]*?-----END [A-Z ]+-----(?:\\n)?/g, '<pem>'],
  [/\beyJ[\w-]+\.[\w-]+\.[\w-]+/g, '<jwt>'],
  ...identities,
  // diff's heading of a file
  [/\b\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d+ [+-]\d{4}/g, '<time>'],
  [/\b(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun), \d\d [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d [+-]\d{4}/g, '<time>'],
  [/\b(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun) [A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d \d{4}/g, '<time>'],
  [/\b\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(?:\.\d+)? [+-]\d{4} UTC(?: m=\S+)?/g, '<time>'],
  [/("resourceVersion": ?|resourceVersion: )"\d+"/g, '$1"<version>"'],
  [/(Resource Version: +)\d+/g, '$1<version>'],
  [/("serverAddress": ?")[^"]+/g, '$1<address>'],
  [/(X509SHA256=)[0-9a-f]{64}/g, '$1<hash>'],
  [/https:\/\/(?:127\.0\.0\.1|localhost):\d+/g, '<server>'],
  [/(127\.0\.0\.1|\[::1\]):\d+ ->/g, '$1:<port> ->'],
  [/(Handling connection for )\d+/g, '$1<port>'],
  ...addresses,
  [/\b3[0-2]\d{3}\b/g, '<node-port>'],
  [/\bkubectl-edit-\d+\.yaml/g, 'kubectl-edit-<n>.yaml'],
  [/\bkube-api-access-\w{5}\b/g, 'kube-api-access-<random>'],
  [/\b(LIVE|MERGED)-\d+\b/g, '$1-<n>'],
  // Ages as tables and descriptions show them; single minutes too, as a theme takes less than ten
  [/(?<=[\s("])(?:\d+m)?\d+(?:\.\d+)?s(?=[\s),"]|$)/gm, '<age>'],
  [/(?<=[\s("])[2-9]m(?=[\s),"]|$)/gm, '<age>'],
  // Columns are as wide as their longest cell, an address perhaps; the indentation of lines stays
  [/(?<=\S) {2,}/g, '   '],
  [/ +$/gm, ''],
]

/** An entry of managedFields in YAML begins so, at some depth. */
const managers = /^( *)managedFields:\n((?:\1(?:- | {2}).*\n)+)/gm

/**
 * managedFields are ordered by their times, in seconds: of two writes, a slower machine may put another first. So they are put into
 * the order of their text.
 */
const orderManagers = (yaml: string): string =>
  yaml.replace(managers, (_, indent: string, entries: string) => {
    const list = entries.split(new RegExp(`^(?=${indent}- )`, 'm'))
    return `${indent}managedFields:\n${list.sort().join('')}`
  })

export function normalise(text: string, { namespace, folder }: Surroundings): string {
  let result = text.replaceAll(folder, '<folder>').replaceAll(namespace, '<ns>')
  for (const [pattern, replacement] of rules) result = result.replace(pattern, replacement)
  return orderManagers(result)
}
