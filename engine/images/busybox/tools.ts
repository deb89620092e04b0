import { APPLETS } from '../../containers/applets/all.ts'
import type { ImageFile, Program } from '../../containers/contract.ts'
import { nameOf } from '../../containers/files/paths.ts'

/** One program under many names: the applet that it is called by, or `busybox <applet> …`. */
export const busybox: Program = async (process) => {
  const called = nameOf(process.argv[0] ?? '').replace(/^-/, '')
  if (called !== 'busybox') return (APPLETS[called] ?? missing(called))(process)
  const [, name, ...args] = process.argv
  if (name === undefined || name === '--help' || name === '--list') {
    const names = Object.keys(APPLETS).sort()
    const text =
      name === '--list'
        ? names.join('\n')
        : `BusyBox v1.36.1 (2024-06-10 07:11:47 UTC) multi-call binary.\n\nCurrently defined functions:\n\t${names.join(', ')}`
    await process.stdout.write(`${text}\n`)
    return 0
  }
  if (APPLETS[name] === undefined) return missing(name)(process)
  return process.exec([`/bin/${name}`, ...args])
}

const missing =
  (name: string): Program =>
  async ({ stderr }) => {
    await stderr.write(`${name}: applet not found\n`)
    return 127
  }

/** The tools at their paths: each a link to one program, as busybox installs itself. */
export const tools: { readonly files: Readonly<Record<string, ImageFile>>; readonly shell: Program } = {
  files: {
    '/bin/busybox': { program: busybox },
    ...Object.fromEntries(Object.keys(APPLETS).map((name) => [`/bin/${name}`, { link: '/bin/busybox' }])),
  },
  shell: APPLETS.sh as Program,
}
