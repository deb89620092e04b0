import { readdirSync, readFileSync } from 'node:fs'

/** Numbers of all processes that descend from one, as `/proc` tells. */
export function processesOf(pid: number): number[] {
  const children = new Map<number, number[]>()
  for (const entry of readdirSync('/proc')) {
    if (!/^\d+$/.test(entry)) continue
    const parent = parentOf(Number(entry))
    if (parent !== undefined) children.set(parent, [...(children.get(parent) ?? []), Number(entry)])
  }
  const found: number[] = []
  for (const todo = [...(children.get(pid) ?? [])]; todo.length > 0; ) {
    const next = todo.pop() as number
    found.push(next)
    todo.push(...(children.get(next) ?? []))
  }
  return found
}

function parentOf(pid: number): number | undefined {
  try {
    // After the name, which may hold spaces and parentheses: state, then the parent
    return Number(readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1)?.split(' ')[1])
  } catch {
    return undefined
  }
}

/** Proportional set size: what they share is counted once. In bytes. */
export function memoryOf(pids: readonly number[]): number {
  let kilobytes = 0
  for (const pid of pids) {
    try {
      kilobytes += Number(/^Pss:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8'))?.[1] ?? 0)
    } catch {
      // It has ended meanwhile
    }
  }
  return kilobytes * 1024
}
