import { reasons } from '../../network/http/reasons.ts'
import { localTime } from './variables.ts'

/** nginx's own words for some statuses. */
const TITLES: Readonly<Record<number, string>> = {
  302: 'Found',
  408: 'Request Time-out',
  413: 'Request Entity Too Large',
  414: 'Request-URI Too Large',
  416: 'Requested Range Not Satisfiable',
  431: 'Request Header Or Cookie Too Large',
  503: 'Service Temporarily Unavailable',
  504: 'Gateway Time-out',
}

export function errorPage(status: number, product: string): string {
  const title = `${status} ${TITLES[status] ?? reasons[status] ?? ''}`.trim()
  return [
    '<html>',
    `<head><title>${title}</title></head>`,
    '<body>',
    `<center><h1>${title}</h1></center>`,
    `<hr><center>${product}</center>`,
    '</body>',
    '</html>',
    '',
  ].join('\r\n')
}

export interface Entry {
  readonly name: string
  readonly directory: boolean
  readonly size: number
  readonly modified: number
}

/** What `autoindex on` lists. */
export function indexPage(path: string, entries: readonly Entry[]): string {
  const sorted = [...entries].sort((a, b) => Number(b.directory) - Number(a.directory) || (a.name < b.name ? -1 : 1))
  const lines = sorted.map(({ name, directory, size, modified }) => {
    const shown = directory ? `${name}/` : name
    const [date = ''] = localTime(modified).split(' ')
    const when = date.replace(/^(\d+)\/(\w+)\/(\d+):(\d+:\d+):\d+$/, '$1-$2-$3 $4')
    const text = shown.length > 50 ? `${shown.slice(0, 47)}..&gt;` : shown
    return `<a href="${encodeURI(shown)}">${text}</a>${' '.repeat(Math.max(1, 51 - shown.length))}${when} ${(directory ? '-' : String(size)).padStart(19)}`
  })
  const title = `Index of ${path}`
  return [
    '<html>',
    `<head><title>${title}</title></head>`,
    '<body>',
    `<h1>${title}</h1><hr><pre><a href="../">../</a>`,
    ...lines,
    '</pre><hr></body>',
    '</html>',
    '',
  ].join('\r\n')
}

export const WELCOME = `<!DOCTYPE html>
<html>
<head>
<title>Welcome to nginx!</title>
<style>
html { color-scheme: light dark; }
body { max-width: 40em; margin: 3em auto; font-family: system-ui, sans-serif; }
</style>
</head>
<body>
<h1>Welcome to nginx!</h1>
<p>The web server runs, and this is the page it was installed with. Its files are in
<code>/usr/share/nginx/html</code>, its configuration in <code>/etc/nginx</code>.</p>
<p><em>Thank you for using nginx.</em></p>
</body>
</html>
`

export const FAILURE = `<!DOCTYPE html>
<html>
<head>
<title>Error</title>
</head>
<body>
<h1>An error occurred.</h1>
<p>The page that you look for cannot be shown now. Please try again later.</p>
</body>
</html>
`
