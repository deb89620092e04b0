/** busybox's web server: the files of a directory, and the programs in its `cgi-bin`. */
import { type Answer, type ServerRequest, serve } from '../../network/http/server.ts'
import { decode } from '../../objects/bytes.ts'
import type { Process } from '../contract.ts'
import { errnoOf } from '../files/errors.ts'
import { type Applet, optionsOf } from './applet.ts'

const TYPES: Readonly<Record<string, string>> = {
  html: 'text/html',
  htm: 'text/html',
  txt: 'text/plain',
  css: 'text/css',
  js: 'application/javascript',
  json: 'application/json',
  png: 'image/png',
  svg: 'image/svg+xml',
}

/** Milliseconds of CPU that a request takes. */
const COST = 0.3
/** Answers where a folder has no index.html. */
const INDEX_PROGRAM = '/cgi-bin/index.cgi'

/** `httpd` */
export const httpd: Applet = async (io) => {
  const { has, value } = optionsOf(io, 'fp:h:vu:c:ir:')
  const port = Number((value('p') ?? '80').replace(/^.*:/, ''))
  const base = io.path(value('h') ?? '.').replace(/\/$/, '')
  const { process } = io
  const server = async (own: Process): Promise<number> => {
    // A program that says nothing that is an answer: the connection just ends, as the real one's.
    serve(own.network, { clock: own.clock, port, failure: () => undefined }, async (request) => {
      await own.compute(COST)
      return respond(own, base, request)
    })
    await own.wait(new Promise(() => {}))
    return 0
  }
  try {
    if (has('f')) return await server(process)
    process.fork(server, { background: true })
    return 0
  } catch (error) {
    if (!(error instanceof Error) || !('code' in error)) throw error
    return io.fail(`bind: ${error.message}`)
  }
}

async function respond(process: Process, base: string, request: ServerRequest): Promise<Answer> {
  const { files } = process
  const { method } = request
  const path = decodeURIComponent(request.path)
  if (path.split('/').includes('..')) return page(404, 'Not Found', 'The requested URL was not found')
  if (path === '/cgi-bin/') return page(403, 'Forbidden', '')
  const [, script, rest = ''] = /^(\/cgi-bin\/[^/]+)(\/.*)?$/.exec(path) ?? []
  if (script !== undefined) return runProgram(process, base, request, script, rest)
  const folder = path.endsWith('/') && !files.exists(`${base}${path}index.html`)
  if (folder && files.exists(base + INDEX_PROGRAM)) return runProgram(process, base, request, INDEX_PROGRAM, '')
  if (method !== 'GET' && method !== 'HEAD')
    return page(501, 'Not Implemented', 'The requested method is not recognized')
  const wanted = base + path
  const isFolder = files.exists(wanted) && files.stat(wanted).type === 'directory'
  const found = isFolder ? `${wanted.replace(/\/$/, '')}/index.html` : wanted
  if (!files.exists(found)) return page(404, 'Not Found', 'The requested URL was not found')
  const type = TYPES[/\.(\w+)$/.exec(found)?.[1] ?? ''] ?? 'application/octet-stream'
  return {
    status: 200,
    headers: { 'Content-type': type },
    body: method === 'HEAD' ? '' : files.read(found),
    close: true,
  }
}

/** Runs it in its own folder with the request in its variables and its stdin; what it writes is the answer. */
async function runProgram(
  process: Process,
  base: string,
  request: ServerRequest,
  script: string,
  rest: string,
): Promise<Answer> {
  const { method, target, headers, socket } = request
  const length = headers.get('content-length')
  const type = headers.get('content-type')
  const name = script.slice(script.lastIndexOf('/') + 1)
  const env = new Map([
    ...process.env,
    ...Array.from(headers, ([field, value]): [string, string] => [
      `HTTP_${field.toUpperCase().replaceAll('-', '_')}`,
      value,
    ]),
    ['GATEWAY_INTERFACE', 'CGI/1.1'],
    ['SERVER_SOFTWARE', 'busybox httpd/1.36.1'],
    ['SERVER_PROTOCOL', `HTTP/1.${request.minor}`],
    ['REQUEST_METHOD', method],
    ['REQUEST_URI', target],
    ['QUERY_STRING', target.includes('?') ? target.slice(target.indexOf('?') + 1) : ''],
    ['SCRIPT_NAME', script],
    ['SCRIPT_FILENAME', base + script],
    ['PATH_INFO', rest],
    ['REMOTE_ADDR', `[::ffff:${socket.remote.address}]`],
    ['REMOTE_PORT', String(socket.remote.port)],
    ...(length === undefined ? [] : [['CONTENT_LENGTH', length] as const]),
    ...(type === undefined ? [] : [['CONTENT_TYPE', type] as const]),
  ] as [string, string][])
  const input = length === undefined ? new Uint8Array() : await request.body.bytes()
  let given = input.length === 0
  const written: Uint8Array[] = []
  try {
    const child = process.spawn([`./${name}`], {
      env,
      cwd: `${base}/cgi-bin`,
      stdin: {
        async read() {
          if (given) return null
          given = true
          return input
        },
        close() {},
      },
      stdout: {
        async write(bytes) {
          written.push(typeof bytes === 'string' ? new TextEncoder().encode(bytes) : bytes.slice())
        },
        close() {},
      },
    })
    await process.wait(child.ended)
  } catch (error) {
    if (errnoOf(error) === undefined) throw error
    return page(404, 'Not Found', 'The requested URL was not found')
  }
  return answerOf(await new Blob(written as Uint8Array<ArrayBuffer>[]).bytes())
}

/** Header lines, an empty line, and the body. A first line `Status: 503 …` says another status than 200. */
function answerOf(output: Uint8Array): Answer {
  const text = decode(output)
  const [head] = /^[\s\S]*?\r?\n\r?\n/.exec(text) ?? []
  if (head === undefined) throw new Error('The program has written no header lines.')
  const [, status = '200', reason] = /^Status: (\d{3})(?: (.*?))?\r?\n/.exec(head) ?? []
  const headers = head
    .split(/\r?\n/)
    .map((line) => /^([^\s:]+):\s*(.*)$/.exec(line))
    .flatMap((line): [string, string][] =>
      line === null || line[1] === 'Status' ? [] : [[line[1] ?? '', line[2] ?? '']],
    )
  return {
    status: Number(status),
    ...(reason === undefined ? {} : { reason }),
    headers,
    body: output.subarray(new TextEncoder().encode(head).length),
    close: true,
  }
}

const page = (status: number, title: string, text: string): Answer => ({
  status,
  headers: { 'Content-type': 'text/html' },
  body: `<HTML><HEAD><TITLE>${status} ${title}</TITLE></HEAD>\n<BODY><H1>${status} ${title}</H1>\n${text}\n</BODY></HTML>\n`,
  close: true,
})
