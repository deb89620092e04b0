import { describe, expect, it } from 'vitest'
import { Random } from '../../clock/random.ts'
import { busyboxImage } from '../../images/busybox/image.ts'
import { TestBench } from '../machine.testing.ts'
import { SyntaxFault } from '../shell/ast.ts'
import { Parser } from '../shell/parser.ts'

async function run(script: string) {
  const bench = new TestBench()
  const { container, written } = bench.container(busyboxImage, { command: ['sh', '-c', script] })
  container.start()
  const { code } = await bench.until(container.ended)
  container.remove()
  await bench.clock.step(0)
  expect(bench.clock.pending).toBe(0)
  return `${written.stdout}${written.stderr}${code === 0 ? '' : `(${code})`}`
}

const CASES: readonly (readonly [string, string])[] = [
  ['printf "b 2\\na 10\\nc 1\\n" | sort -k2 -n', 'c 1\nb 2\na 10\n'],
  ['printf "a\\na\\nb\\n" | uniq -c', '      2 a\n      1 b\n'],
  ['seq 5 | head -n 2; seq 5 | tail -n 2; seq 10 | wc -l', '1\n2\n4\n5\n10\n'],
  [
    'printf "one\\ntwo\\nthree\\n" | grep -n t; echo abc | grep -o b; echo x | grep -q y; echo $?',
    '2:two\n3:three\nb\n1\n',
  ],
  ['echo a:b:c | cut -d: -f1,3; echo hello | tr a-y b-z; echo aab | tr -s a', 'a:c\nifmmp\nab\n'],
  [
    'echo hello world | sed "s/o/0/g;s/\\(h\\)ell0/\\1i/"; seq 5 | sed -n "2,3p"; seq 3 | sed 2d',
    'hi w0rld\n2\n3\n1\n3\n',
  ],
  ['cd /tmp; echo x > f; sed -i s/x/y/ f; cat f; echo "a b" | sed -E "s/(a) (b)/\\2 \\1/"', 'y\nb a\n'],
  [
    'mkdir -p /tmp/a/b; touch /tmp/a/b/c.txt /tmp/a/d.log; find /tmp/a -name "*.txt"; find /tmp/a -type d; find /tmp -name d.log -exec echo found {} \\;',
    '/tmp/a/b/c.txt\n/tmp/a\n/tmp/a/b\nfound /tmp/a/d.log\n',
  ],
  [
    'cd /tmp; mkdir s; echo hi > s/f; ln -s f s/l; tar cf - s | (mkdir o; tar xf - -C o); cat o/s/l; tar cf x.tar s; tar tf x.tar',
    'hi\ns/\ns/f\ns/l\n',
  ],
  [
    'cd /tmp; mkdir s; echo hi > s/f; tar czf x.tgz s; rm -r s; tar xzf x.tgz; cat s/f; gzip s/f; zcat s/f.gz',
    'hi\nhi\n',
  ],
  [
    'echo hi | base64; echo aGkK | base64 -d; echo -n abc | md5sum; echo -n abc | sha256sum',
    'aGkK\nhi\n900150983cd24fb0d6963f7d28e17f72  -\nba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad  -\n',
  ],
  ['ls /nope', 'ls: /nope: No such file or directory\n(1)'],
  ['cat /nope', "cat: can't open '/nope': No such file or directory\n(1)"],
  [
    'rm /nope; mkdir /etc; rmdir /etc',
    "rm: can't remove '/nope': No such file or directory\nmkdir: can't create directory '/etc': File exists\nrmdir: '/etc': Directory not empty\n(1)",
  ],
  ['date +%Y-%m-%d; date', '2026-01-01\nThu Jan  1 00:00:00 UTC 2026\n'],
  ['echo a b c | xargs -n 1 echo -; printf "x\\ny\\n" | xargs -I{} echo "<{}>"', '- a\n- b\n- c\n<x>\n<y>\n'],
  [
    'dd if=/dev/zero of=/tmp/z bs=1M count=3 2>/dev/null; wc -c /tmp/z; stat -c "%s %a %F" /tmp/z',
    '3145728 /tmp/z\n3145728 644 regular file\n',
  ],
  [
    'basename /a/b.c .c; dirname /a/b; id; whoami; hostname; pwd',
    'b\n/a\nuid=0(root) gid=0(root) groups=0(root)\nroot\nweb\n/\n',
  ],
  ['timeout 1 sleep 5; echo $?; timeout 5 true; echo $?', '143\n0\n'],
  ['sleep 3 & kill $!; wait $!; echo $?', '143\n'],
  ['env -i A=1 sh -c "echo \\$A"; printenv HOME; A=2 printenv A', '1\n/root\n2\n'],
  ['expr 2 + 3; expr abc : "a\\(.\\)"; [ 1 -lt 2 ] && echo lt', '5\nb\nlt\n'],
  ['for i in 1 2; do date +%s; sleep 1; done', '1767225600\n1767225601\n'],
  ['yes | head -n 2; cat /dev/zero | head -c 3 | od -t x1', 'y\ny\n0000000 00 00 00\n0000003\n'],
  ['cat /proc/sys/kernel/hostname; hostname', 'web\nweb\n'],
  ['cat /etc/hostname /proc/self/cmdline | tr "\\0" " "', 'web\ncat /etc/hostname /proc/self/cmdline '],
  [
    'httpd -p 8080 -h /var/www; echo ok > /var/www/index.html; wget -q -O - http://localhost:8080/; wget -q -O - http://localhost:8080/x',
    'ok\nwget: server returned error: HTTP/1.1 404 Not Found\n(1)',
  ],
  [
    'mkdir -p /var/www/cgi-bin; cd /var/www/cgi-bin; printf \'#!/bin/sh\necho Content-Type: text/plain\necho\necho "$REQUEST_METHOD $QUERY_STRING $FOO $PWD"; cat\n\' > index.cgi; chmod +x index.cgi; FOO=bar httpd -p 8080 -h /var/www; wget -qO- "http://localhost:8080/?a=b"; wget -qO- --post-data=body http://localhost:8080/cgi-bin/index.cgi',
    'GET a=b bar /var/www/cgi-bin\nPOST  bar /var/www/cgi-bin\nbody',
  ],
  [
    "mkdir -p /var/www/cgi-bin; cd /var/www/cgi-bin; printf '#!/bin/sh\nprintf \"Status: 503 Service Unavailable\\r\\nX-Why: db\\r\\n\\r\\n\"\n' > bad; printf '#!/bin/sh\nexit 3\n' > mute; chmod +x bad mute; echo x > plain; httpd -p 8080 -h /var/www; for name in bad plain missing; do wget -q -O - http://localhost:8080/cgi-bin/$name; done; wget -qO- http://localhost:8080/cgi-bin/; wget -qO- http://localhost:8080/cgi-bin/mute",
    'wget: server returned error: HTTP/1.1 503 Service Unavailable\nwget: server returned error: HTTP/1.1 404 Not Found\nwget: server returned error: HTTP/1.1 404 Not Found\nwget: server returned error: HTTP/1.1 403 Forbidden\nwget: error getting response: Connection reset by peer\n(1)',
  ],
  ['wget -T 2 -qO- http://localhost:81/', "wget: can't connect to remote host (10.244.1.2): Connection refused\n(1)"],
  ['wget -q x.invalid', "wget: bad address 'x.invalid'\n(1)"],
  ['nc -l -p 9000 > /tmp/got & sleep 1; echo hi | nc -w 1 localhost 9000; wait; cat /tmp/got', 'hi\n'],
  ['ps', 'PID   USER     TIME  COMMAND\n    1 root       0:00 ps\n'],
  ['echo one > /tmp/l; (sleep 1; echo two >> /tmp/l; sleep 1) & timeout 3 tail -f /tmp/l; echo end', 'one\ntwo\nend\n'],
  [
    'ln -s /etc/passwd /tmp/p; readlink /tmp/p; readlink -f /tmp/p; ls -l /tmp | tail -n 1 | cut -c1-10',
    '/etc/passwd\n/etc/passwd\nlrwxrwxrwx\n',
  ],
  ['chmod 600 /etc/group; stat -c %a /etc/group; chmod u+x,g+r /etc/group; stat -c %A /etc/group', '600\n-rwxr-----\n'],
]

describe('the tools of busybox', () => {
  for (const [script, expected] of CASES) {
    it(`do ${JSON.stringify(script)}`, async () => {
      expect(await run(script)).toBe(expected)
    })
  }
})

it('talks with a person: prompt, editing, history, Ctrl-C, jobs, completion and the end', async () => {
  const bench = new TestBench()
  const { container } = bench.container(busyboxImage, { command: ['sleep', '100000'] })
  container.start()
  const client = bench.exec(container, ['sh'], { tty: true, stdin: true })
  const type = async (text: string) => {
    client.out = ''
    client.type(text)
    await bench.clock.step(500)
    return client.out
  }
  await bench.clock.step(100)
  expect(client.out).toBe('/ # ')
  expect(await type('echo hi\r')).toBe('echo hi\nhi\n/ # '.replaceAll('\n', '\r\n'))
  expect(await type('\x1b[A\r')).toContain('hi\r\n/ # ')
  expect(await type('sleep 100\r')).toBe('sleep 100\r\n')
  expect(await type('\x03')).toBe('^C\r\n/ # ')
  expect(await type('echo $?\r')).toContain('130\r\n')
  expect(await type('sleep 100\r')).toBe('sleep 100\r\n')
  expect(await type('\x1a')).toBe('^Z\r\n[1]+ Stopped                   sleep 100\r\n/ # ')
  expect(await type('bg\r')).toContain('[1] sleep 100\r\n/ # ')
  expect(await type('kill %1\r\r')).toContain('[1]+ Terminated                sleep 100\r\n')
  expect(await type('while true; do :; done\r')).not.toContain('/ # ')
  expect(await type('\x03')).toContain('/ # ')
  expect(await type('cat /etc/host\t')).toContain('cat /etc/host')
  expect(await type('\x15hostn\t\r')).toContain('web\r\n')
  client.out = ''
  client.resize(12, 24)
  await bench.clock.step(10)
  expect(client.out).toBe('\r\x1b[J/ # \r\x1b[4C')
  expect(await type('echo 12345')).toBe('echo 12\r\x1b[J/ # echo 123 \r\r45')
  client.type('\x15exit 3\r')
  expect(await bench.until(client.result)).toEqual({ exitCode: 3 })
  container.remove()
  await bench.clock.step(0)
  expect(bench.clock.pending).toBe(0)
})

it('lets a shell compute for ever without keeping the host from anything', async () => {
  const bench = new TestBench()
  const { container } = bench.container(busyboxImage, {
    command: ['sh', '-c', 'while true; do :; done'],
    cpuLimit: 0.5,
  })
  container.start()
  await bench.clock.step(10_000)
  expect(container.usage().cpu).toBeGreaterThan(4_900)
  expect(container.usage().cpu).toBeLessThan(5_200)
  container.remove()
  await bench.clock.step(0)
  expect(bench.clock.pending).toBe(0)
}, 20_000)

it('reads any text as a script or refuses it with its own error', () => {
  const random = new Random('scripts')
  const pieces = [
    'if',
    'then',
    'fi',
    'for',
    'do',
    'done',
    'case',
    'in',
    'esac',
    '{',
    '}',
    '(',
    ')',
    '$(',
    '`',
    '"',
    "'",
    '${x',
    ':-',
    '}',
    '$((',
    '))',
    '<<E',
    '\nE\n',
    '\n',
    ';',
    ';;',
    '&',
    '&&',
    '||',
    '|',
    '>',
    '<',
    '2>&1',
    'a',
    'b=c',
    '\\',
    '#',
    '!',
    ' ',
    '*',
    '[',
    ']',
    'é',
    'while',
    'f()',
    '=~',
  ]
  for (let round = 0; round < 20_000; round++) {
    const text = Array.from(
      { length: random.below(12) },
      () => random.pick(pieces) + (random.chance(0.5) ? ' ' : ''),
    ).join('')
    const parser = new Parser(text)
    try {
      while (parser.next() !== undefined);
    } catch (error) {
      if (!(error instanceof SyntaxFault)) throw new Error(`${JSON.stringify(text)}: ${error}`)
    }
  }
  expect(() => new Parser('('.repeat(100_000)).next()).toThrow(SyntaxFault)
}, 30_000)

it('dd holds a whole block, and no more', async () => {
  const ended = async (bs: string, count: number) => {
    const bench = new TestBench()
    const command = ['dd', 'if=/dev/zero', 'of=/dev/null', `bs=${bs}`, `count=${count}`]
    const { container } = bench.container(busyboxImage, { command, memoryLimit: 64 * 1024 ** 2 })
    container.start()
    return bench.until(container.ended)
  }
  expect(await ended('100M', 1)).toMatchObject({ code: 137, outOfMemory: true })
  expect(await ended('10M', 10)).toEqual({ code: 0 })
})
