import { expect, it } from 'vitest'
import { crash, MOST, makeWish, power, running, sceneOf, type Turn, turnLoop, type Wish, want } from './wish.ts'

/** Turns the loop until there is nothing to do, or nothing that can be done. */
function settle(wish: Wish): { wish: Wish; turns: Turn[] } {
  const turns: Turn[] = []
  let now = wish
  for (let left = 20; left > 0; left--) {
    const { wish: after, turn } = turnLoop(now)
    now = after
    turns.push(turn)
    if (turn === 'nothing' || turn === 'full') break
  }
  return { wish: now, turns }
}

const start = () => makeWish(3, ['a', 'b', 'c'])

it('begins with the wish fulfilled, spread over the nodes', () => {
  expect(running(start())).toBe(3)
  expect(start().copies.map(({ node }) => node)).toEqual(['a', 'b', 'c'])
})

it('replaces a copy that crashed by one with another name', () => {
  const { wish, turns } = settle(crash(start(), 2))
  expect(turns).toEqual(['tidied', 'made', 'ready', 'nothing'])
  expect(wish.copies.map(({ id }) => id)).toEqual([1, 3, 4])
})

it('makes the copies of a lost node anew on others, and leaves the node empty when it comes back', () => {
  const lost = settle(power(start(), 'b')).wish
  expect(running(lost)).toBe(3)
  expect(lost.copies.some(({ node }) => node === 'b')).toBe(false)
  expect(sceneOf(lost).places.b).toEqual({ state: 'dark', units: [] })
  const back = settle(power(lost, 'b')).wish
  expect(back.copies).toEqual(lost.copies)
})

it('follows the wish up and down, within what a reader may wish for', () => {
  expect(running(settle(want(start(), 5)).wish)).toBe(5)
  expect(running(settle(want(start(), 1)).wish)).toBe(1)
  expect(want(start(), 99).wanted).toBe(MOST)
  expect(want(start(), -1).wanted).toBe(0)
})

it('says when there is no room, and goes on when there is', () => {
  const small = power(power(want(start(), 9), 'a'), 'b')
  const { wish, turns } = settle(small)
  expect(turns.at(-1)).toBe('full')
  expect(running(wish)).toBe(4)
  expect(running(settle(power(wish, 'a')).wish)).toBe(8)
})
