import { describe, expect, it, onTestFinished } from 'vitest'
import type { Image } from '../../containers/contract.ts'
import { request } from '../../network/http/client.ts'
import { serve } from '../../network/http/server.ts'
import { TestMachine } from '../process.testing.ts'
import { nginxFiles } from './files.ts'
import { entrypoint, nginx } from './nginx.ts'

const image: Image = {
  repository: 'nginx',
  tags: ['1'],
  size: 1,
  memory: 1,
  files: {
    ...nginxFiles,
    '/usr/sbin/nginx': { program: nginx('1.26.3') },
    '/docker-entrypoint.sh': { program: entrypoint },
  },
}

async function started(configuration?: string, prepare: (machine: TestMachine) => void = () => {}) {
  const machine = new TestMachine([image])
  if (configuration !== undefined) machine.files.write('/etc/nginx/conf.d/default.conf', configuration)
  prepare(machine)
  const process = machine.start(['nginx', '-g', 'daemon off;'])
  onTestFinished(() => process.deliver('SIGKILL'))
  await process.says(/start worker processes|emerg/, 'err')
  const ask = async (path: string, options: Parameters<typeof request>[1] = {}) => {
    const answer = await request(machine.network, { host: 'web', path, headers: { Host: 'web' }, ...options })
    return { status: answer.status, headers: answer.headers, body: await answer.body.text() }
  }
  return { machine, process, ask }
}

describe('as it was installed', () => {
  it('shows its page, with the fields in their order, and logs it', async () => {
    const { ask, process } = await started()
    const { status, headers, body } = await ask('/')
    expect(status).toBe(200)
    expect(body).toContain('<title>Welcome to nginx!</title>')
    expect(Array.from(headers, ([name]) => name)).toEqual([
      'Server',
      'Date',
      'Content-Type',
      'Content-Length',
      'Last-Modified',
      'ETag',
      'Accept-Ranges',
      'Connection',
    ])
    expect(headers.get('server')).toBe('nginx/1.26.3')
    await process.says(
      /^10\.244\.1\.2 - - \[\d\d\/\w{3}\/\d{4}:\d\d:\d\d:\d\d \+0000\] "GET \/ HTTP\/1\.1" 200 \d+ "-" "-" "-"\n$/,
    )
    expect((await ask('/none')).body).toContain(
      '<center><h1>404 Not Found</h1></center>\r\n<hr><center>nginx/1.26.3</center>',
    )
    await process.says(
      /\[error\] .* open\(\) "\/usr\/share\/nginx\/html\/none" failed \(2: No such file or directory\), client: 10\.244\.1\.2/,
      'err',
    )
    expect((await ask('/', { method: 'POST' })).status).toBe(405)
    expect((await ask('/', { headers: { Host: 'web', 'If-None-Match': headers.get('etag') ?? '' } })).status).toBe(304)
    expect((await ask('/', { headers: { Host: 'web', Range: 'bytes=0-8' } })).body).toBe('<!DOCTYPE')
  })

  it('tells its version, tests its configuration and says what is wrong with it', async () => {
    const machine = new TestMachine([image])
    expect(await machine.run(['nginx', '-v'])).toEqual({ code: 0, stdout: '', stderr: 'nginx version: nginx/1.26.3\n' })
    expect((await machine.run(['nginx', '-t'])).stderr).toBe(
      'nginx: the configuration file /etc/nginx/nginx.conf syntax is ok\nnginx: configuration file /etc/nginx/nginx.conf test is successful\n',
    )
    machine.files.write('/etc/nginx/conf.d/bad.conf', 'server {\n  lisen 80;\n}\n')
    expect(await machine.run(['nginx', '-t'])).toEqual({
      code: 1,
      stdout: '',
      stderr:
        'nginx: [emerg] unknown directive "lisen" in /etc/nginx/conf.d/bad.conf:2\nnginx: configuration file /etc/nginx/nginx.conf test failed\n',
    })
  })
})

const faults: readonly (readonly [string, string])[] = [
  ['server { listen 80 }', 'unexpected "}" in /etc/nginx/conf.d/default.conf:1'],
  ['server { listen 80;', 'unexpected end of file, expecting "}" in /etc/nginx/conf.d/default.conf:1'],
  ['server { listen 99999; }', 'invalid port in "99999" of the "listen" directive'],
  ['listen 80;', '"listen" directive is not allowed here'],
  ['server { return; }', 'invalid number of arguments in "return" directive'],
  ['server { location / { proxy_pass http://nobody.invalid; } }', 'host not found in upstream "nobody.invalid" in'],
  ['server { include missing.conf; }', 'open() "/etc/nginx/missing.conf" failed (2: No such file or directory) in'],
  ['upstream a { } server { }', 'no servers are inside upstream in'],
  ['server { access_log /dev/stdout odd; }', 'unknown log format "odd"'],
]

it.each(faults)('refuses %j', async (configuration, fault) => {
  const machine = new TestMachine([image])
  Object.assign(machine.network, {
    lookup: async (name: string) => {
      if (name.endsWith('.invalid')) throw new Error('not known')
      return ['10.0.0.1']
    },
  })
  machine.files.write('/etc/nginx/conf.d/default.conf', configuration)
  const { code, stderr } = await machine.run(['nginx'])
  expect({ code, stderr }).toEqual({ code: 1, stderr: expect.stringContaining(`nginx: [emerg] ${fault}`) })
})

const SITE = `
upstream api { server one:81; server two:82; }
upstream half { server one:99; server one:81; }
map $http_x_kind $kind { default plain; fancy gold; }
server {
  listen 80 default_server;
  server_name web;
  root /srv;
  index index.html;
  error_page 404 /missing.html;
  error_page 502 =200 @sorry;
  add_header X-Kind $kind always;
  location = /exact { return 200 "exact\\n"; }
  location /pre { return 200 "prefix $uri $args\\n"; }
  location ^~ /strong { return 200 "strong"; }
  location ~ \\.php$ { return 403; }
  location ~* ^/user/(?<name>\\w+)$ { default_type text/plain; return 200 "user $name $1"; }
  location /old { return 301 /new; }
  location /away { return https://example.com$request_uri; }
  location /list/ { autoindex on; }
  location /app/ { try_files $uri $uri/ /app/index.html; }
  location /try { try_files /no.txt =410; }
  location /api/ { proxy_pass http://api/v1/; proxy_set_header Host $host; proxy_set_header X-Real-IP $remote_addr; }
  location /raw/ { proxy_pass http://one:81; }
  location /dead { proxy_pass http://one:99; }
  location /half { proxy_pass http://half; }
  location /half/once { proxy_pass http://half; proxy_next_upstream off; }
  location @sorry { return 200 "sorry"; }
  location /status { stub_status; }
  location /closed { deny all; }
  location /moved/ { rewrite ^/moved/(.*)$ /pre/$1 last; }
  location /if { if ($arg_x = 1) { return 418 "tea"; } return 200 "none"; }
  location /alias/ { alias /other/; }
  location /big { client_max_body_size 10; return 200 ok; }
}
server { listen 80; server_name *.example.com; return 200 "wild $host"; }
server { listen 8080; return 204; }
`

describe('a configuration', () => {
  const site = () =>
    started(SITE, ({ files, network, clock }) => {
      for (const [path, text] of Object.entries({
        '/srv/index.html': 'home',
        '/srv/missing.html': 'not here',
        '/srv/app/index.html': 'app',
        '/srv/app/a.txt': 'a',
        '/srv/list/b.txt': 'bb',
        '/other/c.json': '{}',
      })) {
        files.makeDirectory(path.replace(/\/[^/]*$/, ''), { parents: true })
        files.write(path, text)
      }
      for (const port of [81, 82]) {
        const server = serve(network, { clock, port }, async (asked) => ({
          status: 200,
          body: `${port} ${asked.method} ${asked.target} ${asked.headers.get('host')} ${asked.headers.get('x-real-ip')} ${await asked.body.text()}`,
        }))
        onTestFinished(() => server.destroy())
      }
    })

  it.each([
    ['/', 200, 'home'],
    ['/exact', 200, 'exact\n'],
    ['/exact/more', 404, 'not here'],
    ['/prefix?a=b', 200, 'prefix /prefix a=b\n'],
    ['/strong.php', 200, 'strong'],
    ['/pre.php', 403, /403 Forbidden/],
    ['/USER/ada', 200, 'user ada ada'],
    ['/old', 301, /301 Moved Permanently/],
    ['/none', 404, 'not here'],
    ['/app/a.txt', 200, 'a'],
    ['/app/deep/link', 200, 'app'],
    ['/app', 301, /301/],
    ['/try', 410, /410 Gone/],
    ['/raw/x?y=1', 200, '81 GET /raw/x?y=1 one:81 undefined '],
    ['/dead', 200, 'sorry'],
    ['/status', 200, /^Active connections: 1 \nserver accepts handled requests\n/],
    ['/closed', 403, /403/],
    ['/moved/a?b=1', 200, 'prefix /pre/a b=1\n'],
    ['/if?x=1', 418, 'tea'],
    ['/if', 200, 'none'],
    ['/alias/c.json', 200, '{}'],
    ['/list/', 200, /<a href="b\.txt">b\.txt<\/a> {46}\d\d-\w{3}-\d{4} \d\d:\d\d {19}2\r\n/],
    ['/app/../exact', 200, 'exact\n'],
    ['/%65xact', 200, 'exact\n'],
  ] as const)('answers %s with %i', async (path, status, body) => {
    const { ask } = await site()
    expect(await ask(path)).toMatchObject({
      status,
      body: typeof body === 'string' ? body : expect.stringMatching(body),
    })
  })

  it('shares an upstream out, with its path and fields in place', async () => {
    const { ask } = await site()
    const bodies = [await ask('/api/x?q=1'), await ask('/api/x', { method: 'POST', body: 'hi' })].map(
      ({ body }) => body,
    )
    expect(bodies).toEqual(['81 GET /v1/x?q=1 web 10.244.1.2 ', '82 POST /v1/x web 10.244.1.2 hi'])
  })

  it('tries the next of an upstream, unless told not to', async () => {
    const { ask } = await site()
    const twice = async (path: string) => [(await ask(path)).body, (await ask(path)).body]
    expect(await twice('/half')).toEqual([expect.stringMatching(/^81/), expect.stringMatching(/^81/)])
    expect(await twice('/half/once')).toEqual(['sorry', expect.stringMatching(/^81/)])
  })

  it('has servers by name and port, redirects, types, fields and limits', async () => {
    const { ask } = await site()
    expect((await ask('/', { headers: { Host: 'shop.example.com' } })).body).toBe('wild shop.example.com')
    expect((await ask('/', { headers: { Host: 'other' } })).body).toBe('home')
    expect((await ask('/', { port: 8080 })).status).toBe(204)
    expect((await ask('/old')).headers.get('location')).toBe('http://web/new')
    expect((await ask('/away?a')).headers.get('location')).toBe('https://example.com/away?a')
    expect((await ask('/alias/c.json')).headers.get('content-type')).toBe('application/json')
    expect((await ask('/none', { headers: { Host: 'web', 'X-Kind': 'fancy' } })).headers.get('x-kind')).toBe('gold')
    expect((await ask('/big', { method: 'POST', body: 'x'.repeat(2_000_000) })).status).toBe(413)
  })
})

describe('signals', () => {
  it('reload the configuration, and keep the old one when the new is wrong', async () => {
    const { ask, machine, process } = await started('server { listen 80; return 200 one; }')
    expect((await ask('/')).body).toBe('one')
    machine.files.write(
      '/etc/nginx/conf.d/default.conf',
      'server { listen 80; return 200 two; } server { listen 81; return 204; }',
    )
    process.deliver('SIGHUP')
    await process.says(/reconfiguring\n[\s\S]*reconfiguring\n[\s\S]*start worker/, 'err')
    expect((await ask('/')).body).toBe('two')
    expect((await ask('/', { port: 81 })).status).toBe(204)
    machine.files.write('/etc/nginx/conf.d/default.conf', 'server { nonsense; }')
    process.deliver('SIGHUP')
    await process.says(/\[emerg\] 1#1: unknown directive "nonsense"/, 'err')
    expect((await ask('/')).body).toBe('two')
  })

  it('end it: SIGQUIT after what is under way, SIGTERM at once', async () => {
    const first = await started()
    first.process.deliver('SIGQUIT')
    expect(await first.process.ended).toEqual({ code: 0 })
    const second = await started()
    second.process.deliver('SIGTERM')
    expect(await second.process.ended).toEqual({ code: 0 })
    await expect(second.ask('/')).rejects.toThrow('refused')
  })
})

it('fills templates from the environment before it starts', async () => {
  const machine = new TestMachine([image])
  machine.files.makeDirectory('/etc/nginx/templates')
  machine.files.write(
    '/etc/nginx/templates/default.conf.template',
    ['server { listen 80; return 200 "$uri $', '{GREETING}"; }'].join(''),
  )
  const process = machine.start(['docker-entrypoint.sh', 'nginx', '-g', 'daemon off;'], { env: { GREETING: 'hello' } })
  onTestFinished(() => process.deliver('SIGKILL'))
  await process.says(/Configuration complete; ready for start up/)
  await process.says(/start worker/, 'err')
  const answer = await request(machine.network, { host: 'web', path: '/a' })
  expect(await answer.body.text()).toBe('/a hello')
  process.deliver('SIGTERM')
  expect((await process.ended).code).toBe(0)
})
