import type { Scene, UnitState } from './scene.ts'

/** A wish for a number of copies on a few nodes, and the loop that keeps it true. Small enough to be read at once. */

export interface Copy {
  id: number
  node: string
  state: UnitState
}

export interface Wish {
  wanted: number
  /** Whether each node is there. */
  nodes: Record<string, boolean>
  copies: Copy[]
  /** The number of the next copy: none has the name of one before it. */
  next: number
}

/** What a turn of the loop found to do. */
export type Turn = 'ready' | 'tidied' | 'made' | 'removed' | 'full' | 'nothing'

/** How many copies a node has room for. */
const ROOM = 4
export const MOST = 9

export function makeWish(wanted: number, nodes: string[]): Wish {
  let wish: Wish = { wanted, nodes: Object.fromEntries(nodes.map((node) => [node, true])), copies: [], next: 1 }
  for (let turn: Turn = 'made'; turn !== 'nothing'; ) ({ wish, turn } = turnLoop(wish))
  return wish
}

export const want = (wish: Wish, wanted: number): Wish => ({ ...wish, wanted: Math.max(0, Math.min(MOST, wanted)) })

/** Ends one copy: the named one, or the first that runs. */
export function crash(wish: Wish, id = wish.copies.find(({ state }) => state === 'ok')?.id): Wish {
  return { ...wish, copies: wish.copies.map((copy) => (copy.id === id ? { ...copy, state: 'down' } : copy)) }
}

/** Switches a node off, with all that is on it, or on again, empty. */
export function power(wish: Wish, node: string): Wish {
  const on = wish.nodes[node] !== true
  const copies = wish.copies.map((copy): Copy => (copy.node === node && !on ? { ...copy, state: 'down' } : copy))
  return { ...wish, nodes: { ...wish.nodes, [node]: on }, copies }
}

export const running = (wish: Wish): number => wish.copies.filter(({ state }) => state === 'ok').length

/** Looks, compares, and does one thing. */
export function turnLoop(wish: Wish): { wish: Wish; turn: Turn } {
  const { copies } = wish
  if (copies.some(({ state }) => state === 'down'))
    return { wish: { ...wish, copies: copies.filter(({ state }) => state !== 'down') }, turn: 'tidied' }
  if (copies.length > wish.wanted) return { wish: { ...wish, copies: copies.slice(0, wish.wanted) }, turn: 'removed' }
  if (copies.some(({ state }) => state === 'starting'))
    return { wish: { ...wish, copies: copies.map((copy) => ({ ...copy, state: 'ok' })) }, turn: 'ready' }
  if (copies.length === wish.wanted) return { wish, turn: 'nothing' }

  const load = (node: string) => made.filter((copy) => copy.node === node).length
  const made = [...copies]
  let { next } = wish
  while (made.length < wish.wanted) {
    const [node] = Object.keys(wish.nodes)
      .filter((name) => wish.nodes[name] && load(name) < ROOM)
      .sort((a, b) => load(a) - load(b))
    if (node === undefined) break
    made.push({ id: next++, node, state: 'starting' })
  }
  return { wish: { ...wish, copies: made, next }, turn: made.length === copies.length ? 'full' : 'made' }
}

/** As a picture: a place for each node. */
export function sceneOf(wish: Wish): Scene {
  const places = Object.entries(wish.nodes).map(([node, on]) => {
    const units = wish.copies
      .filter((copy) => copy.node === node)
      .map(({ id, state }) => ({ label: `web-${id}`, state }))
    return [node, { state: on ? 'ok' : 'dark', units }] as const
  })
  return { places: Object.fromEntries(places), gauges: { wanted: wish.wanted, running: running(wish) } }
}
