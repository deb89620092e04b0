import { describe, expect, it } from 'vitest'
import { APPLETS } from '../applets/all.ts'
import type { Image } from '../contract.ts'
import { TestBench } from '../machine.testing.ts'

const image: Image = {
  repository: 'test',
  tags: ['1'],
  size: 1,
  memory: 1e6,
  entrypoint: ['sleep', '1000000'],
  files: Object.fromEntries(Object.entries(APPLETS).map(([name, program]) => [`/bin/${name}`, { program }])),
}

async function run(script: string) {
  const bench = new TestBench()
  const { container, written } = bench.container(image, { command: ['sh', '-c', script] })
  container.start()
  const { code } = await bench.until(container.ended)
  container.remove()
  await bench.clock.step(0)
  expect(bench.clock.pending).toBe(0)
  return `${written.stdout}${written.stderr}${code === 0 ? '' : `(${code})`}`
}

const CASES: readonly (readonly [string, string])[] = [
  ['echo hi', 'hi\n'],
  ['echo a b   c "d  e"', 'a b c d  e\n'],
  ['x=1; y="$x 2"; echo $y "${y}3" \'$x\'', '1 2 1 23 $x\n'],
  ['for i in 1 2 3; do echo $i; done', '1\n2\n3\n'],
  ['i=0; while [ $i -lt 3 ]; do i=$((i+1)); done; echo $i', '3\n'],
  ['if false; then echo a; elif true; then echo b; else echo c; fi', 'b\n'],
  ['case foo.txt in *.md) echo md;; *.txt|*.log) echo txt;; esac', 'txt\n'],
  ['f() { echo "$1-$#"; return 3; }; f a b; echo $?', 'a-2\n3\n'],
  ['echo $(echo a; echo b) `echo c`', 'a b c\n'],
  ['echo one two | while read a b; do echo $b $a; done', 'two one\n'],
  ['cat <<EOF >/dev/null; while read l; do echo "[$l]"; done <<EOF2\nEOF\nx $((1+1))\nEOF2', '[x 2]\n'],
  ['(exit 3) || echo $?; true && echo yes', '3\nyes\n'],
  ['set -e; false; echo no', '(1)'],
  ['set -u; echo $nope', 'sh: nope: parameter not set\n(2)'],
  ['foo', 'sh: foo: not found\n(127)'],
  ['echo ${x:-d} ${x:=e} ${x} ${x:+f} ${#x}', 'd e e f 1\n'],
  [
    'p=/a/b/c.tar.gz; echo ${p##*/} ${p%.*} ${p%%.*} ${p#*/} ${p//a/X} ${p:1:3}',
    'c.tar.gz /a/b/c.tar /a/b/c a/b/c.tar.gz /X/b/c.tXr.gz a/b\n',
  ],
  ['trap "echo bye" EXIT; echo hi', 'hi\nbye\n'],
  ['trap "echo term; exit 4" TERM; kill -TERM $$; echo no', 'term\n(4)'],
  ['(sleepy() { :; }; sleepy) & wait $!; echo $?', '0\n'],
  [
    'sleep 1 & p=$!; kill -STOP $p; (sleep 2; echo still waiting; kill -CONT $p) & wait $p; echo over $?',
    'still waiting\nover 0\n',
  ],
  [
    'set -- a "b c" d; for x; do echo "<$x>"; done; shift; echo "$#" "$*"; printf "%s|" "$@"',
    '<a>\n<b c>\n<d>\n2 b c d\nb c|d|',
  ],
  ['IFS=:; set -- $(echo a::b:c); echo $#', '4\n'],
  ['echo a > /tmp/x; echo b >> /tmp/x; while read l; do echo "got $l"; done < /tmp/x', 'got a\ngot b\n'],
  ['echo err 1>&2; { echo in; echo e >&2; } 2>&1', 'in\ne\nerr\n'],
  ['fi', 'sh: syntax error: unexpected "fi"\n(2)'],
  ['echo "a', 'sh: syntax error: unterminated quoted string\n(2)'],
  ['if true', 'sh: syntax error: unexpected end of file (expecting "then")\n(2)'],
  ['! true; echo $?; false | true; echo $?; set -o pipefail; false | true; echo $?', '1\n0\n1\n'],
  ['f() { local x=2; echo $x; }; x=1; f; echo $x', '2\n1\n'],
  ['while getopts "ab:" o; do echo "$o $OPTARG"; done', ''],
  ['set -- -a -b v w; while getopts ab: o; do echo "$o $OPTARG"; done; shift $((OPTIND-1)); echo $1', 'a \nb v\nw\n'],
  ['echo $((2**10 + 7 % 4 * -1)) $((1 ? 5 : 6)) $((0x1f | 010))', '1021 5 31\n'],
  ['eval "a=5"; echo $a; A=1 eval \'echo $A\'', '5\n1\n'],
  ['echo {a,b} ~ "$HOME"', '{a,b} / /\n'],
  [
    'mkdir 2>/dev/null; cd /tmp && pwd; cd /nope',
    "/tmp\nsh: cd: line 0: can't cd to /nope: No such file or directory\n(2)",
  ],
  ['for i in 1 2 3; do [ $i = 2 ] && continue; [ $i = 3 ] && break; echo $i; done', '1\n'],
  ['x=$(exit 7); echo $?', '7\n'],
  ['exec 3>/tmp/o; echo hi >&3; exec 3>&-; read l < /tmp/o; echo $l', 'hi\n'],
  ['kill -9 $$; echo alive', 'alive\n'],
  ["(kill -9 $(sh -c 'echo $PPID')); echo $?", '137\nKilled\n'],
  ['set -x; echo "a b" c', "a b c\n+ echo 'a b' c\n"],
  [
    'type cd echo sh nope; command -v sh',
    'cd is a shell builtin\necho is a shell builtin\nsh is /bin/sh\nnope: not found\n/bin/sh\n',
  ],
]

describe('sh', () => {
  for (const [script, expected] of CASES) {
    it(`runs ${JSON.stringify(script)}`, async () => {
      expect(await run(script)).toBe(expected)
    })
  }
})
