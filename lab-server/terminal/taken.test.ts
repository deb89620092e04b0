import { describe, expect, it } from 'vitest'
import { TakenInput } from './taken.ts'

describe('the count of input', () => {
  it('goes on over the connections of a page', () => {
    const taken = new TakenInput<string>()
    expect(taken.connect('page', 'first')).toEqual({})
    taken.add('first', 10)
    taken.leave('first')
    expect(taken.connect('page', 'second')).toMatchObject({ bytes: 10 })
    taken.add('second', 5)
    expect(taken.connect('page', 'third')).toEqual({ bytes: 15, older: 'second' })
  })

  it('takes nothing more of a connection that another has followed', () => {
    const taken = new TakenInput<string>()
    taken.connect('page', 'first')
    taken.connect('page', 'second')
    taken.add('first', 10)
    expect(taken.connect('page', 'third')).toMatchObject({ bytes: 0 })
  })

  it('keeps pages apart', () => {
    const taken = new TakenInput<string>()
    taken.connect('one', 'first')
    taken.connect('other', 'second')
    taken.add('first', 10)
    expect(taken.connect('other', 'third')).toMatchObject({ bytes: 0 })
  })

  it('forgets the pages that came longest ago, and says so', () => {
    const taken = new TakenInput<string>()
    for (let n = 0; n < 1_000; n++) taken.connect(`page ${n}`, `connection ${n}`)
    expect(taken.connect('page 0', 'again')).toEqual({})
    expect(taken.connect('page 999', 'again too')).toMatchObject({ bytes: 0 })
  })
})
