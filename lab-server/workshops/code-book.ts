/** Which codes a workshop has: one for the room, or one for each seat that is free. */
import type { Ids } from '../ids.ts'
import type { Codes } from './codes.ts'
import type { WorkshopStore } from './store.ts'
import { balance, type Workshop } from './workshop.ts'

export interface CodeBook {
  /** What the codes of a new workshop are made of. */
  begin(): Pick<Workshop, 'seed' | 'prefix'>
  /** Those that nobody has used. */
  unused(workshop: Workshop): string[]
  /**
   * Makes and takes away codes until there are as many as the workshop needs.
   * @param before the kind that it had until now
   */
  balance(workshop: Workshop, before?: Workshop['codes']): void
}

export function createCodeBook(options: { store: WorkshopStore; codes: Codes; ids: Pick<Ids, 'secret'> }): CodeBook {
  const { store, codes, ids } = options
  const codeOf = ({ seed, prefix, codes: kind }: Workshop, number: number) => codes.code({ seed, prefix, kind, number })
  return {
    begin() {
      for (;;) {
        const seed = ids.secret()
        const prefix = codes.prefix(seed)
        if (!store.hasPrefix(prefix)) return { seed, prefix }
      }
    },
    unused: (workshop) =>
      store
        .codes(workshop.id)
        .filter(({ used }) => !used)
        .map(({ number }) => codeOf(workshop, number)),
    balance(workshop, before = workshop.codes) {
      const all = store.codes(workshop.id)
      const unused = all.filter(({ used }) => !used).map(({ number }) => number)
      const drop = (numbers: readonly number[]) => {
        for (const { used, number, hash } of all) if (!used && numbers.includes(number)) store.removeCode(hash)
      }
      const add = (number: number) =>
        store.addCode({ hash: codes.hash(codeOf(workshop, number)), workshop: workshop.id, number, used: false })
      if (before !== workshop.codes) drop(unused)
      const still = before === workshop.codes ? unused : []
      if (workshop.codes === 'one') {
        if (still.length === 0) add(0)
        return
      }
      const next = Math.max(0, ...all.map(({ number }) => number)) + 1
      const change = balance(still, workshop.seats - store.taken(workshop.id), next)
      drop(change.drop)
      for (const number of change.add) add(number)
    },
  }
}
