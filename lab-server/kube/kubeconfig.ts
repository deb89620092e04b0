import { load } from 'js-yaml'

/** What it takes to speak to an API server: its address, and who it and we are. All PEM. */
export interface Credentials {
  /** Like `https://127.0.0.1:37651`. */
  server: string
  ca: Buffer
  cert: Buffer
  key: Buffer
}

interface Kubeconfig {
  clusters?: { name: string; cluster?: Record<string, string> }[]
  users?: { name: string; user?: Record<string, string> }[]
  contexts?: { name: string; context?: { cluster?: string; user?: string } }[]
  'current-context'?: string
}

/**
 * The credentials of a kubeconfig's current context. Only client certificates, inline: it is what kubeadm writes.
 * @throws {Error} naming the field that is missing, never a value
 */
export function parseKubeconfig(text: string): Credentials {
  const config = (load(text) ?? {}) as Kubeconfig
  const context = config.contexts?.find((entry) => entry.name === config['current-context'])?.context
  const cluster = config.clusters?.find((entry) => entry.name === context?.cluster)?.cluster
  const user = config.users?.find((entry) => entry.name === context?.user)?.user
  return {
    server: field(cluster, 'server'),
    ca: base64(cluster, 'certificate-authority-data'),
    cert: base64(user, 'client-certificate-data'),
    key: base64(user, 'client-key-data'),
  }
}

function field(from: Record<string, string> | undefined, name: string): string {
  const value = from?.[name]
  if (typeof value !== 'string' || value === '') throw new Error(`kubeconfig: ${name} is missing`)
  return value
}

const base64 = (from: Record<string, string> | undefined, name: string) => Buffer.from(field(from, name), 'base64')
