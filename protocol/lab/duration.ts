/** Milliseconds of a time as lab.yaml writes it: `10s`, `2m`; none if there is none. */
export const milliseconds = (duration: string | undefined): number =>
  duration === undefined ? 0 : Number.parseInt(duration, 10) * (duration.endsWith('m') ? 60_000 : 1_000)
