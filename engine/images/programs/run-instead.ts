import type { Process, Signal } from '../../containers/contract.ts'

const PASSED_ON: readonly Signal[] = ['SIGHUP', 'SIGINT', 'SIGQUIT', 'SIGTERM', 'SIGUSR1', 'SIGUSR2']

/** As a script's `exec`: the program takes over, with the signals that are sent here; its end is this one's. */
export async function runInstead(
  process: Process,
  argv: readonly string[],
  env: ReadonlyMap<string, string> = process.env,
): Promise<number> {
  const child = process.spawn(argv, { env })
  for (const signal of PASSED_ON) process.on(signal, () => child.kill(signal))
  return (await child.ended).code
}
