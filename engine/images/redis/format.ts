import { doubleText, isList, type Reply } from './resp.ts'

/** As redis-cli shows it on a terminal. */
export function formatted(reply: Reply, prefix = ''): string {
  if (reply === null) return '(nil)'
  if (typeof reply === 'number') return `(integer) ${reply}`
  if (typeof reply === 'string') return quoted(reply)
  if (isList(reply)) return items(reply, prefix, ')', '(empty array)')
  if ('simple' in reply) return reply.simple
  if ('error' in reply) return `(error) ${reply.error}`
  if ('double' in reply) return `(double) ${doubleText(reply.double)}`
  if ('nothing' in reply) return '(nil)'
  if ('set' in reply) return items(reply.set, prefix, '~', '(empty set)')
  if ('push' in reply) return items(reply.push, prefix, ')', '(empty push)')
  if (reply.map.length === 0) return '(empty hash)'
  const width = String(reply.map.length).length
  return reply.map
    .map(([key, value], index) => {
      const head = `${String(index + 1).padStart(width)}# `
      const inner = prefix + ' '.repeat(head.length)
      return `${index === 0 ? '' : prefix}${head}${formatted(key, inner)} => ${formatted(value, inner)}`
    })
    .join('\n')
}

function items(list: readonly Reply[], prefix: string, mark: string, empty: string): string {
  if (list.length === 0) return empty
  const width = String(list.length).length
  return list
    .map((item, index) => {
      const head = `${String(index + 1).padStart(width)}${mark} `
      return `${index === 0 ? '' : prefix}${head}${formatted(item, prefix + ' '.repeat(head.length))}`
    })
    .join('\n')
}

const ESCAPES: Readonly<Record<string, string>> = {
  '"': '\\"',
  '\\': '\\\\',
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
  '\u0007': '\\a',
  '\b': '\\b',
}

const quoted = (value: string): string =>
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is shown by escapes.
  `"${value.replace(/["\\\u0000-\u001f\u007f-\u00ff]/g, (char) => ESCAPES[char] ?? `\\x${char.charCodeAt(0).toString(16).padStart(2, '0')}`)}"`

/** As redis-cli writes it into a pipe. */
export function raw(reply: Reply): string {
  if (reply === null) return ''
  if (typeof reply === 'number') return String(reply)
  if (typeof reply === 'string') return reply
  if (isList(reply)) return reply.map(raw).join('\n')
  if ('simple' in reply) return reply.simple
  if ('error' in reply) return `${reply.error}\n`
  if ('double' in reply) return doubleText(reply.double)
  if ('nothing' in reply) return ''
  if ('set' in reply) return reply.set.map(raw).join('\n')
  if ('push' in reply) return reply.push.map(raw).join('\n')
  return reply.map.map(([key, value]) => `${raw(key)}\n${raw(value)}`).join('\n')
}
