import { compareText } from '../../objects/requirement.ts'
import type { Address, Port, Subset } from './types.ts'

const keyOfPort = ({ name = '', port, protocol = '', appProtocol = '' }: Port): string =>
  `${name}/${port}/${protocol}/${appProtocol}`
const keyOfAddress = ({ ip, targetRef }: Address): string => `${ip} ${targetRef?.uid ?? ''}`

interface Place {
  readonly address: Address
  ready: boolean
}

/** The same addresses and ports with each set of addresses once: upstream's `RepackSubsets` (1.34). Not ready is stronger than ready. */
export function repacked(subsets: readonly Subset[]): readonly Subset[] {
  const ports = new Map<string, { readonly port: Port | undefined; readonly places: Map<string, Place> }>()
  const known = new Map<string, Address>()
  for (const { addresses = [], notReadyAddresses = [], ports: own = [] } of subsets) {
    // Addresses without a port are kept, too
    for (const port of own.length === 0 ? [undefined] : own) {
      const key = port === undefined ? '' : keyOfPort(port)
      const group = ports.get(key) ?? { port, places: new Map<string, Place>() }
      ports.set(key, group)
      const place = (address: Address, ready: boolean) => {
        const id = keyOfAddress(address)
        const first = known.get(id) ?? address
        known.set(id, first)
        const before = group.places.get(id)
        if (before === undefined) group.places.set(id, { address: first, ready })
        else before.ready &&= ready
      }
      for (const address of addresses) place(address, true)
      for (const address of notReadyAddresses) place(address, false)
    }
  }
  const packed = new Map<string, { readonly ports: Port[]; readonly places: ReadonlyMap<string, Place> }>()
  for (const { port, places } of ports.values()) {
    const id = [...places]
      .map(([key, { ready }]) => `${key} ${ready}`)
      .toSorted(compareText)
      .join()
    const group = packed.get(id) ?? { ports: [], places }
    packed.set(id, group)
    if (port !== undefined) group.ports.push(port)
  }
  return [...packed]
    .toSorted(([a], [b]) => compareText(a, b))
    .map(([, { ports: own, places }]) => {
      const sorted = [...places].toSorted(([a], [b]) => compareText(a, b)).map(([, place]) => place)
      const ready = sorted.flatMap((place) => (place.ready ? [place.address] : []))
      const notReady = sorted.flatMap((place) => (place.ready ? [] : [place.address]))
      return {
        ...(ready.length === 0 ? {} : { addresses: ready }),
        ...(notReady.length === 0 ? {} : { notReadyAddresses: notReady }),
        ...(own.length === 0 ? {} : { ports: own }),
      }
    })
}

/** Addresses that one object may hold; more are left out, those that are not ready first. */
export const CAPACITY = 1000

export const countOf = (subsets: readonly Subset[]): number =>
  subsets.reduce(
    (sum, { addresses = [], notReadyAddresses = [] }) => sum + addresses.length + notReadyAddresses.length,
    0,
  )

/** As many as there is room for, from each subset according to its share: upstream's `truncateEndpoints`. */
export function truncated(subsets: readonly Subset[]): readonly Subset[] {
  if (countOf(subsets) <= CAPACITY) return subsets
  const ready = subsets.reduce((sum, { addresses = [] }) => sum + addresses.length, 0)
  const tooManyReady = ready > CAPACITY
  const most = tooManyReady ? CAPACITY : CAPACITY - ready
  const total = tooManyReady ? ready : countOf(subsets) - ready
  let room = most
  const share = (list: readonly Address[]) => {
    const kept = list.slice(0, Math.min(room, Math.ceil((list.length / total) * most)))
    room -= kept.length
    return kept
  }
  return subsets.map(({ addresses = [], notReadyAddresses = [], ...rest }) => {
    const own = tooManyReady ? share(addresses) : addresses
    const others = tooManyReady ? [] : share(notReadyAddresses)
    return {
      ...(own.length === 0 ? {} : { addresses: own }),
      ...(others.length === 0 ? {} : { notReadyAddresses: others }),
      ...rest,
    }
  })
}
