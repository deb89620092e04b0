import type { Image, Process, Program } from '../../containers/contract.ts'
import type { Answer, ServerRequest } from '../../network/http/server.ts'
import { type HttpServer, serve } from '../../network/http/server.ts'
import type { Bases } from '../bases/bases.ts'
import { messageOf } from '../programs/io.ts'

const VERSION = '2.4.65'
const ROOT = '/usr/local/apache2/htdocs'
/** Milliseconds of CPU that a request takes. */
const COST = 0.2
const TYPES: Readonly<Record<string, string>> = {
  html: 'text/html',
  css: 'text/css',
  js: 'text/javascript',
  json: 'application/json',
  txt: 'text/plain',
  png: 'image/png',
  svg: 'image/svg+xml',
}
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']
const DAYS = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat']

/** Apache's server for the files under its document root, at the port that its configuration says. */
export const httpd: Program = async (process) => {
  if (process.argv.includes('-v')) {
    await process.stdout.write(`Server version: Apache/${VERSION} (Unix)\n`)
    return 0
  }
  const { files, clock, signal } = process
  const configuration = '/usr/local/apache2/conf/httpd.conf'
  const text = files.exists(configuration) ? files.readText(configuration) : ''
  const port = Number(/^\s*Listen\s+(?:\S+:)?(\d+)/m.exec(text)?.[1] ?? 80)
  const root = /^\s*DocumentRoot\s+"?([^"\n]+?)"?\s*$/m.exec(text)?.[1] ?? ROOT
  let end = () => {}
  const ended = new Promise<void>((resolve) => {
    end = resolve
  })
  let server: HttpServer
  try {
    server = serve(
      process.network,
      {
        clock,
        port,
        idle: 5000,
        answered: (request, answer, bytes) =>
          void process.stdout.write(accessLine(process, request, answer, bytes)).catch(() => {}),
      },
      async (request) => {
        await process.compute(COST)
        return respond(process, root, request)
      },
    )
  } catch (error) {
    await process.stderr.write(
      `(98)${messageOf(error)}: AH00072: make_sock: could not bind to address 0.0.0.0:${port}\nno listening sockets available, shutting down\nAH00015: Unable to open logs\n`,
    )
    return 1
  }
  const stop = () => server.destroy()
  signal.addEventListener('abort', stop, { once: true })
  for (const name of ['SIGTERM', 'SIGINT'] as const) process.on(name, end)
  await note(process, 'mpm_event', `AH00489: Apache/${VERSION} (Unix) configured -- resuming normal operations`)
  await note(process, 'core', "AH00094: Command line: 'httpd -D FOREGROUND'")
  await ended
  await server.close()
  signal.removeEventListener('abort', stop)
  await note(process, 'mpm_event', 'AH00491: caught SIGTERM, shutting down')
  return 0
}

async function note({ stderr, clock, pid }: Process, module: string, text: string): Promise<void> {
  const date = new Date(clock.now())
  const day = `${DAYS[date.getUTCDay()]} ${MONTHS[date.getUTCMonth()]} ${String(date.getUTCDate()).padStart(2, '0')}`
  const time = `${date.toISOString().slice(11, 23)}000`
  await stderr.write(`[${day} ${time} ${date.getUTCFullYear()}] [${module}:notice] [pid ${pid}:tid ${pid}] ${text}\n`)
}

function accessLine({ clock }: Process, request: ServerRequest, { status }: Answer, bytes: number): string {
  const date = new Date(clock.now())
  const time = `${String(date.getUTCDate()).padStart(2, '0')}/${MONTHS[date.getUTCMonth()]}/${date.getUTCFullYear()}:${date.toISOString().slice(11, 19)} +0000`
  return `${request.socket.remote.address} - - [${time}] "${request.method} ${request.target} HTTP/1.${request.minor}" ${status} ${bytes === 0 ? '-' : bytes}\n`
}

function respond({ files, clock }: Process, root: string, request: ServerRequest): Answer {
  const server: [string, string][] = [
    ['Date', new Date(clock.now()).toUTCString()],
    ['Server', `Apache/${VERSION} (Unix)`],
  ]
  const page = (status: number, title: string, text: string, more: [string, string][] = []): Answer => ({
    status,
    headers: [...server, ...more, ['Content-Type', 'text/html; charset=iso-8859-1']],
    body: `<!DOCTYPE HTML PUBLIC "-//IETF//DTD HTML 2.0//EN">\n<html><head>\n<title>${status} ${title}</title>\n</head><body>\n<h1>${title}</h1>\n<p>${text}</p>\n</body></html>\n`,
  })
  if (request.method !== 'GET' && request.method !== 'HEAD') {
    return page(405, 'Method Not Allowed', `The requested method ${request.method} is not allowed for this URL.`, [
      ['Allow', 'GET,HEAD'],
    ])
  }
  let path: string
  try {
    path = decodeURIComponent(request.path)
  } catch {
    return page(400, 'Bad Request', 'Your browser sent a request that this server could not understand.')
  }
  if (path.split('/').includes('..'))
    return page(400, 'Bad Request', 'Your browser sent a request that this server could not understand.')
  let file = `${root}${path}`
  if (files.exists(file) && files.stat(file).type === 'directory') {
    if (!path.endsWith('/')) {
      const location = `http://${request.headers.get('host') ?? ''}${request.path}/`
      return page(301, 'Moved Permanently', `The document has moved <a href="${location}">here</a>.`, [
        ['Location', location],
      ])
    }
    if (!files.exists(`${file}index.html`)) {
      const items = files.list(file).map((name) => `<li><a href="${encodeURI(name)}"> ${name}</a></li>`)
      return {
        status: 200,
        headers: [...server, ['Content-Type', 'text/html;charset=ISO-8859-1']],
        body: `<!DOCTYPE HTML PUBLIC "-//W3C//DTD HTML 4.01//EN" "http://www.w3.org/TR/html4/strict.dtd">\n<html>\n <head>\n  <title>Index of ${path}</title>\n </head>\n <body>\n<h1>Index of ${path}</h1>\n<ul>${items.join('\n')}\n</ul>\n</body></html>\n`,
      }
    }
    file += 'index.html'
  }
  if (!files.exists(file)) return page(404, 'Not Found', 'The requested URL was not found on this server.')
  const content = files.read(file)
  const { modified } = files.stat(file)
  const type = TYPES[/\.(\w+)$/.exec(file)?.[1] ?? '']
  return {
    status: 200,
    headers: [
      ...server,
      ['Last-Modified', new Date(modified).toUTCString()],
      ['ETag', `"${content.length.toString(16)}-${modified.toString(16)}"`],
      ['Accept-Ranges', 'bytes'],
      ['Content-Length', String(content.length)],
      ...(type === undefined ? [] : [['Content-Type', type] as [string, string]]),
    ],
    body: content,
  }
}

export function httpdImages(bases: Bases): readonly Image[] {
  const account = { name: 'www-data', uid: 33, gid: 33, home: '/var/www' }
  const common = {
    repository: 'httpd',
    command: ['httpd-foreground'],
    env: {
      PATH: '/usr/local/apache2/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
      HTTPD_PREFIX: '/usr/local/apache2',
    },
    workingDir: '/usr/local/apache2',
    ports: [80],
    memory: 7_000_000,
  }
  const files = {
    '/usr/local/apache2/conf/httpd.conf': {
      text: `ServerRoot "/usr/local/apache2"\nListen 80\nDocumentRoot "${ROOT}"\n`,
    },
    [`${ROOT}/index.html`]: { text: '<html><body><h1>It works!</h1></body></html>\n' },
    '/usr/local/apache2/bin/httpd': { program: httpd },
    '/usr/local/bin/httpd-foreground': { program: httpd },
  }
  return [
    {
      ...common,
      tags: ['2.4', '2', VERSION, 'latest'],
      size: 45_400_000,
      files: { ...bases.debian('12.11', 'bookworm', [account]), ...files },
    },
    {
      ...common,
      tags: ['2.4-alpine', '2-alpine', 'alpine'],
      size: 20_600_000,
      files: { ...bases.alpine('3.22.1', [account]), ...files },
    },
  ]
}
