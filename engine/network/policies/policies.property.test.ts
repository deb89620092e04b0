import { expect, it } from 'vitest'
import { Random } from '../../clock/random.ts'
import type { NetworkPolicySpec, PolicyPeer, PolicyPort, PolicyRule } from '../../kinds/networking/policy-validation.ts'
import type { LabelSelectorObject } from '../../objects/label-selector.ts'
import type { ApiObject } from '../../objects/types.ts'
import { type Direction, type Packet, Policy, type Side } from './compiled.ts'
import { type ReferencePod, type ReferencePolicy, referenceAllows } from './reference.testing.ts'

const NAMESPACES = ['shop', 'bank', 'lab']
const PORTS = [79, 80, 81, 443, 8080, 8085, 8090]

const maybe = <T>(random: Random, chance: number, make: () => T): T | undefined =>
  random.chance(chance) ? make() : undefined
const some = <T>(random: Random, most: number, make: () => T): T[] =>
  Array.from({ length: random.below(most + 1) }, make)
const defined = <T extends object>(fields: T) =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as {
    [K in keyof T]: Exclude<T[K], undefined>
  }

const labels = (random: Random) =>
  defined({
    app: maybe(random, 0.7, () => random.pick(['web', 'db'])),
    tier: maybe(random, 0.5, () => random.pick(['front', 'back'])),
  }) as Readonly<Record<string, string>>

function selector(random: Random): LabelSelectorObject {
  return defined({
    matchLabels: maybe(random, 0.4, () => labels(random)),
    matchExpressions: maybe(random, 0.4, () => [
      random.pick([
        { key: 'app', operator: 'In', values: ['web'] },
        { key: 'app', operator: 'NotIn', values: ['db', 'cache'] },
        { key: 'tier', operator: 'Exists' },
        { key: 'tier', operator: 'DoesNotExist' },
      ]),
    ]),
  })
}

function peer(random: Random): PolicyPeer {
  if (random.chance(0.25)) {
    const cidr = random.pick(['10.244.0.0/16', '10.244.1.0/24', '0.0.0.0/0', '10.244.1.4/30'])
    return { ipBlock: random.chance(0.5) ? { cidr } : { cidr, except: ['10.244.1.4/31'] } }
  }
  return random.pick<() => PolicyPeer>([
    () => ({ podSelector: selector(random) }),
    () => ({ namespaceSelector: selector(random) }),
    () => ({ podSelector: selector(random), namespaceSelector: selector(random) }),
  ])()
}

const port = (random: Random): PolicyPort =>
  random.pick<PolicyPort>([
    { protocol: 'TCP', port: 80 },
    { protocol: 'UDP', port: 80 },
    { protocol: 'TCP', port: 8080, endPort: 8085 },
    { protocol: 'TCP', port: 'http' },
    { protocol: 'TCP' },
    { port: 443 },
  ])

const rule = (random: Random, side: 'from' | 'to'): PolicyRule =>
  defined({
    ports: maybe(random, 0.6, () => some(random, 2, () => port(random))),
    [side]: maybe(random, 0.7, () => some(random, 2, () => peer(random))),
  })

const policy = (random: Random): ReferencePolicy => ({
  namespace: random.pick(NAMESPACES),
  spec: defined({
    podSelector: selector(random),
    policyTypes: random.pick([['Ingress'], ['Egress'], ['Ingress', 'Egress']]),
    ingress: maybe(random, 0.7, () => some(random, 2, () => rule(random, 'from'))),
    egress: maybe(random, 0.7, () => some(random, 2, () => rule(random, 'to'))),
  }) as NetworkPolicySpec,
})

const pod = (random: Random, index: number): ReferencePod => {
  const namespace = random.pick(NAMESPACES)
  return {
    address: `10.244.${1 + (index % 2)}.${2 + index}`,
    namespace,
    labels: labels(random),
    namespaceLabels: namespace === 'lab' ? { tier: 'back' } : { app: 'web' },
    ports: random.chance(0.5) ? { http: random.pick(PORTS) } : {},
  }
}

const side = ({ address, ports, ...rest }: ReferencePod): Side => ({
  address,
  pod: { ...rest, port: (name) => ports[name] },
})

function allows(policies: readonly Policy[], packet: Packet): boolean {
  const one = (direction: Direction) => {
    const subject = (direction === 'ingress' ? packet.to : packet.from).pod
    const applying = policies.filter(
      (each) => each.namespace === subject?.namespace && each.concerns(subject.labels, direction),
    )
    return applying.length === 0 || applying.some((each) => each.allows(packet, direction))
  }
  return one('egress') && one('ingress')
}

it('lets through exactly what the plain reading of the policies lets through', () => {
  const random = new Random('policies')
  const verdicts = { true: 0, false: 0 }
  for (let world = 0; world < 400; world++) {
    const plain = some(random, 4, () => policy(random))
    const read = plain.map(
      ({ namespace, spec }, index) =>
        new Policy({
          apiVersion: 'networking.k8s.io/v1',
          kind: 'NetworkPolicy',
          metadata: { name: `p${index}`, namespace },
          spec,
        } as unknown as ApiObject),
    )
    const pods = Array.from({ length: 5 }, (_, index) => pod(random, index))
    for (const from of pods) {
      for (const to of pods) {
        const at = random.pick(PORTS)
        const expected = referenceAllows(plain, from, to, at)
        const packet = { from: side(from), to: side(to), protocol: 'TCP', port: at }
        expect({ plain, from, to, at, allowed: allows(read, packet) }).toEqual({
          plain,
          from,
          to,
          at,
          allowed: expected,
        })
        verdicts[`${expected}`]++
      }
    }
  }
  // Neither answer is rare enough to be missed
  expect(Math.min(verdicts.true, verdicts.false)).toBeGreaterThan(1000)
})
