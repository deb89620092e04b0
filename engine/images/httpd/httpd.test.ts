import { expect, it, onTestFinished } from 'vitest'
import type { Image } from '../../containers/contract.ts'
import { request } from '../../network/http/client.ts'
import { TestMachine } from '../process.testing.ts'
import { httpd } from './httpd.ts'

const image: Image = {
  repository: 'httpd',
  tags: ['2'],
  size: 1,
  memory: 1,
  files: {
    '/usr/local/bin/httpd-foreground': { program: httpd },
    '/usr/local/apache2/htdocs/index.html': { text: 'It works!' },
    '/usr/local/apache2/htdocs/list/a.txt': { text: 'a' },
  },
}

it.each([
  ['/', 200, 'It works!'],
  ['/none', 404, /404 Not Found/],
  ['/list', 301, /Moved Permanently/],
  ['/list/', 200, /<li><a href="a\.txt"> a\.txt<\/a><\/li>/],
  ['/list/a.txt', 200, 'a'],
  ['/%2e%2e/secret', 400, /Bad Request/],
] as const)('answers %s with %i, and logs it', async (path, status, body) => {
  const machine = new TestMachine([image])
  const process = machine.start(['httpd-foreground'])
  onTestFinished(() => process.deliver('SIGKILL'))
  await process.says(/Command line/, 'err')
  const answer = await request(machine.network, { host: 'web', path })
  expect({ status: answer.status, body: await answer.body.text() }).toEqual({
    status,
    body: typeof body === 'string' ? body : expect.stringMatching(body),
  })
  await process.says(new RegExp(`"GET ${path.replace(/[.]/g, '\\.')} HTTP/1\\.1" ${status} \\d+\n$`))
  process.deliver('SIGTERM')
  expect(await process.ended).toEqual({ code: 0 })
})
