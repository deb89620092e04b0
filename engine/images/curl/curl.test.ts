import { describe, expect, it, onTestFinished } from 'vitest'
import type { Image } from '../../containers/contract.ts'
import type { Handler } from '../../network/http/server.ts'
import { serve } from '../../network/http/server.ts'
import { TestMachine, type TestOptions } from '../process.testing.ts'
import { curl } from './curl.ts'

const image: Image = {
  repository: 'curl',
  tags: ['1'],
  size: 1,
  memory: 1,
  files: { '/usr/bin/curl': { program: curl } },
}

const echo: Handler = async (request) => {
  if (request.path === '/moved') return { status: 302, headers: { Location: '/there?x=1' } }
  if (request.path === '/loop') return { status: 302, headers: { Location: '/loop' } }
  if (request.path.startsWith('/status/')) return { status: Number(request.path.slice(8)), body: 'sorry\n' }
  if (request.path === '/slow') await new Promise((resolve) => setTimeout(resolve, 200))
  const fields = [...request.headers].map(([name, value]) => `${name}: ${value}`).join('|')
  return {
    status: 200,
    headers: { 'Content-Type': 'text/plain', Date: 'now' },
    body: `${request.method} ${request.target} [${fields}] ${await request.body.text()}\n`,
  }
}

function machine() {
  const machine = new TestMachine([image])
  const server = serve(machine.network, { clock: machine.clock, port: 80 }, echo)
  onTestFinished(() => server.destroy())
  return { machine, run: (line: string, options?: TestOptions) => machine.run(line.split(' '), options) }
}

const HEAD = 'Host: web|User-Agent: curl/8.14.1|Accept: */*'

describe('curl', () => {
  it('says to the server what curl says, and the body to its output', async () => {
    const { run } = machine()
    expect((await run('curl -s web/a?b=c')).stdout).toBe(`GET /a?b=c [${HEAD}] \n`)
    expect((await run('curl -sd a=1 -d b=2 http://web/')).stdout).toBe(
      `POST / [${HEAD}|Content-Length: 7|Content-Type: application/x-www-form-urlencoded] a=1&b=2\n`,
    )
    expect((await run('curl -s -X PUT -H X-A:1 -H Accept: -u me:you web')).stdout).toBe(
      'PUT / [Host: web|Authorization: Basic bWU6eW91|User-Agent: curl/8.14.1|X-A: 1] \n',
    )
    expect((await run('curl -s -G -d q=1 --data-urlencode w=ä&b web/')).stdout).toContain('GET /?q=1&w=%C3%A4%26b ')
    expect((await run('curl -s --json {} web')).stdout).toMatch(
      /^POST .*Content-Type: application\/json\|Accept: application\/json/,
    )
  })

  it('shows heads with -i and -I, and writes what -w asks', async () => {
    const { run } = machine()
    expect((await run('curl -sI web')).stdout).toMatch(
      /^HTTP\/1\.1 200 OK\r\nContent-Type: text\/plain\r\nDate: now\r\nContent-Length: \d+\r\n\r\n$/,
    )
    expect((await run('curl -si web')).stdout).toMatch(/^HTTP\/1\.1 200 OK\r\n[\s\S]*\r\n\r\nGET \/ /)
    expect((await run('curl -s -o /dev/null -w %{http_code}\\n%{size_download} web/status/503')).stdout).toBe('503\n6')
    expect((await run('curl -s -w %{http_code}/%{exitcode} nobody.invalid')).stdout).toBe('000/6')
  })

  it('follows redirects when asked, and only so often', async () => {
    const { run } = machine()
    expect((await run('curl -s -o /dev/null -w %{http_code}:%{redirect_url} web/moved')).stdout).toBe(
      '302:http://web/there?x=1',
    )
    expect((await run('curl -sL -w %{num_redirects} web/moved')).stdout).toMatch(/^GET \/there\?x=1 .*\n1$/s)
    expect(await run('curl -sSL --max-redirs 3 web/loop')).toMatchObject({
      code: 47,
      stderr: 'curl: (47) Maximum (3) redirects followed\n',
    })
  })

  it('fails with its codes and sentences', async () => {
    const { run } = machine()
    expect(await run('curl -sS web:81')).toEqual({
      code: 7,
      stdout: '',
      stderr: expect.stringMatching(
        /^curl: \(7\) Failed to connect to web port 81 after \d+ ms: Could not connect to server\n$/,
      ),
    })
    expect(await run('curl -sS nobody.invalid')).toMatchObject({
      code: 6,
      stderr: 'curl: (6) Could not resolve host: nobody.invalid\n',
    })
    expect(await run('curl -s nobody.invalid')).toMatchObject({ code: 6, stderr: '' })
    expect(await run('curl -fsS web/status/404')).toEqual({
      code: 22,
      stdout: '',
      stderr: 'curl: (22) The requested URL returned error: 404\n',
    })
    expect(await run('curl -s --fail-with-body web/status/404')).toEqual({ code: 22, stdout: 'sorry\n', stderr: '' })
    expect(await run('curl -sS -m 0.05 web/slow')).toMatchObject({
      code: 28,
      stderr: expect.stringMatching(
        /^curl: \(28\) Operation timed out after \d+ milliseconds with 0 bytes received\n$/,
      ),
    })
    expect(await run('curl -sS ftp://web')).toMatchObject({
      code: 1,
      stderr: 'curl: (1) Protocol "ftp" not supported\n',
    })
    expect(await run('curl --nonsense web')).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('curl: option --nonsense: is unknown\n'),
    })
    expect((await run('curl')).code).toBe(2)
  })

  it('saves to files and sends what is in them', async () => {
    const { run, machine: box } = machine()
    box.files.write('/tmp/in', 'line one\nline two\n')
    await run('curl -s -o /tmp/out -d @/tmp/in web')
    expect(box.files.readText('/tmp/out')).toMatch(/line oneline two\n$/)
    expect((await run('curl -s --data-binary @- web', { input: 'from\nstdin' })).stdout).toMatch(/from\nstdin\n$/)
    await run('curl -sO web/name.txt', { cwd: '/tmp' })
    expect(box.files.readText('/tmp/name.txt')).toContain('GET /name.txt ')
    expect((await run('curl -s web/1 web/2')).stdout).toMatch(/^GET \/1 .*\nGET \/2 .*\n$/)
  })

  it('tries again when told to', async () => {
    const { run } = machine()
    const tried = await run('curl -sS --retry 2 --retry-delay 0 --retry-connrefused web:81')
    expect(tried.code).toBe(7)
    expect((await run('curl --retry 1 --retry-delay 0 -f web/status/503')).stderr).toMatch(
      /Will retry in 0 seconds[\s\S]*curl: \(22\)/,
    )
  })

  it('tells all with -v, and shows its meter where the body is no answer on a terminal', async () => {
    const { run } = machine()
    const told = (await run('curl -sv web')).stderr
    expect(told).toMatch(/\* Connected to web \(10\.244\.1\.2\) port 80\n/)
    expect(told).toMatch(/> GET \/ HTTP\/1\.1\r\n> Host: web\r\n[\s\S]*< HTTP\/1\.1 200 OK\r\n/)
    expect((await run('curl web')).stderr).toContain('% Total    % Received')
  })
})

describe('TLS', () => {
  it('is verified by names and authority', async () => {
    const pem = '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n'
    const { run, machine: box } = machine()
    const { connect } = box.network
    Object.assign(box.network, {
      connect: async (host: string, port: number, options?: { tls?: boolean }) => {
        const socket = await connect(host, port === 443 ? 80 : port)
        return options?.tls ? { ...socket, tls: { names: ['web', '*.example.com'], authority: pem } } : socket
      },
    })
    box.files.write('/tmp/ca.crt', pem)
    expect((await run('curl -sS https://web/')).stderr).toMatch(/^curl: \(60\) SSL certificate problem/)
    expect((await run('curl -s --cacert /tmp/ca.crt https://web/')).code).toBe(0)
    expect((await run('curl -sS --cacert /tmp/ca.crt https://10.0.0.1/')).stderr).toContain(
      "no alternative certificate subject name matches target ipv4 address '10.0.0.1'",
    )
    expect((await run('curl -sk https://10.0.0.1/')).code).toBe(0)
    expect(
      (await run('curl -s --cacert /tmp/ca.crt --resolve a.example.com:443:10.0.0.1 https://a.example.com/')).code,
    ).toBe(0)
    expect((await run('curl -sS --cacert /tmp/none https://web/')).code).toBe(77)
  })
})
