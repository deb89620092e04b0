import { plainText } from './answers.ts'
import type { WholeResponse } from './http.ts'

const ROOTS: readonly string[] = ['healthz', 'livez', 'readyz']
/** What a real server checks besides (1.34), and what there is of it here: one process in which all of it either runs or nothing does. */
const CHECKS = ['ping', 'log', 'etcd']
const LATER = ['poststarthook/start-apiserver-admission-initializer', 'poststarthook/rbac/bootstrap-roles']

/** `/healthz`, `/livez`, `/readyz`, each with its single checks below it; undefined for other paths. */
export function health(parts: readonly string[], query: URLSearchParams): WholeResponse | undefined {
  const [root = '', ...rest] = parts
  if (!ROOTS.includes(root)) return undefined
  const checks = root === 'readyz' ? [...CHECKS, 'informer-sync', ...LATER, 'shutdown'] : [...CHECKS, ...LATER]
  if (rest.length > 0) return checks.includes(rest.join('/')) ? ok('ok') : undefined
  const excluded = new Set(query.getAll('exclude'))
  const lines = checks.map((check) => `[+]${check} ${excluded.has(check) ? 'excluded: ok' : 'ok'}`)
  return query.has('verbose') ? ok(`${lines.join('\n')}\n${root} check passed\n`) : ok('ok')
}

const ok = (text: string): WholeResponse => plainText(200, text)
