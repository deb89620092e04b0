/** What `npm run doctor` prints. */
import type { Capacity } from '../../protocol/workshop.ts'

const gibibytes = (bytes: number) => `${(bytes / 1024 ** 3).toFixed(1)} GiB`

export function reportOf({ memoryBytes, cpus, inotify, providers }: Capacity, { node }: { node: string }): string {
  const machine = [
    ['Memory', `${gibibytes(memoryBytes.total)}, ${gibibytes(memoryBytes.available)} of it free`],
    ['Processors', String(cpus)],
    [
      'inotify',
      inotify ? `${inotify.instances} instances, ${inotify.watches} watches for each user` : 'not on this system',
    ],
    ['Node.js', node],
  ]
  const width = Math.max(
    ...[...machine.map(([name = '']) => name), ...providers.map(({ name }) => name)].map((name) => name.length),
  )
  const row = (name: string, text: string) => `  ${name.padEnd(width + 3)}${text}`
  const hosts = providers.flatMap(({ name, title, seats, limit }) => [
    row(name, seats === 0 ? `no seats: ${title}` : `${seats} ${seats === 1 ? 'seat' : 'seats'}: ${title}`),
    row('', limit),
  ])
  return [
    'This machine',
    ...machine.map(([name = '', text = '']) => row(name, text)),
    '',
    'It can host',
    ...hosts,
  ].join('\n')
}
