/** A page of ours inside a preview's frame, where the app has none to show. */

/** Why there is nothing to show. The words are the reader's; nothing in them but names of their own objects, escaped. */
export interface Trouble {
  status: number
  title: string
  text: string
}

const escapes: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' }
const escaped = (text: string) => text.replace(/[&<>"']/g, (sign) => escapes[sign] as string)

export const troublePage = ({ title, text }: Trouble) => `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>${escaped(title)}</title>
<style>
:root { color-scheme: light dark; }
body { max-width: 34rem; margin: 12vh auto; padding: 0 1.25rem; font: 1rem/1.6 system-ui, sans-serif; }
h1 { font-size: 1.25rem; line-height: 1.3; }
</style>
<h1>${escaped(title)}</h1>
<p>${escaped(text)}</p>
</html>
`

export const troubleHeaders = {
  'content-type': 'text/html; charset=utf-8',
  'cache-control': 'no-store',
  'content-security-policy': "default-src 'none'; style-src 'unsafe-inline'",
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
}

const called = ({ namespace, service }: { namespace: string; service: string }) =>
  namespace === 'default' ? service : `${service} (namespace ${namespace})`

/** Every trouble there is, by what is known of it. */
export const troubles = {
  unknown: {
    status: 404,
    title: 'This preview is over',
    text: 'Open it again from the page of the lab. An address of a preview works in one browser only, and only while the lab runs.',
  },
  'lab-over': { status: 410, title: 'The lab has ended', text: 'Its cluster is gone, and this Service with it.' },
  'lab-busy': {
    status: 503,
    title: 'The lab is not running at this moment',
    text: 'It is being set up. Load the preview again when it is ready.',
  },
  'too-many': {
    status: 503,
    title: 'Too many connections',
    text: 'The previews of this lab have too many connections open. Close one, and load this one again.',
  },
  'no-upgrade': {
    status: 400,
    title: 'Only WebSocket',
    text: 'A preview carries HTTP and WebSocket, and no other protocol.',
  },
  'foreign-origin': {
    status: 403,
    title: 'Not from this page',
    text: 'A WebSocket of a preview is opened by the preview’s own pages alone.',
  },
} satisfies Record<string, Trouble>

export const troubleOf = {
  'no-service': (target: { namespace: string; service: string }): Trouble => ({
    status: 404,
    title: 'There is no such Service',
    text: `The cluster has no Service ${called(target)}. Look at kubectl get services.`,
  }),
  'no-port': (target: { namespace: string; service: string; port: number }): Trouble => ({
    status: 404,
    title: 'The Service has no such port',
    text: `The Service ${called(target)} has no TCP port ${target.port}. Look at kubectl describe service ${target.service}.`,
  }),
  'no-pods': (target: { namespace: string; service: string }): Trouble => ({
    status: 503,
    title: 'No Pod is ready',
    text: `The Service ${called(target)} has no ready Pods. Look at kubectl get pods, and at the Service’s selector.`,
  }),
  protected: (target: { namespace: string; service: string }): Trouble => ({
    status: 403,
    title: 'A Service of the cluster itself',
    text: `Services of the namespace ${target.namespace} belong to the cluster and are not shown.`,
  }),
  refused: (reason: string): Trouble => ({
    status: 502,
    title: 'The cluster made no connection to the Pod',
    text: reason,
  }),
  silent: (pod: string, port: number): Trouble => ({
    status: 502,
    title: 'The Pod does not answer',
    text: `Nothing in the Pod ${pod} answered HTTP on port ${port}. Look at its containers’ ports and at kubectl logs ${pod}.`,
  }),
  slow: (pod: string): Trouble => ({
    status: 504,
    title: 'The Pod took too long',
    text: `The Pod ${pod} took the request and sent no answer. Look at kubectl logs ${pod}.`,
  }),
}
