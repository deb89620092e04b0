/** Which file a program of a session's shell waits for: kept in the browser's tab, so that a reload of the page does not lose it. */
export interface Waiting {
  id: string
  path: string
}

const keyOf = (session: string) => `quayside:edit:${session}`

export function remember(session: string, waiting: Waiting): void {
  try {
    sessionStorage.setItem(keyOf(session), JSON.stringify(waiting))
  } catch {
    // A browser that refuses to store: a reload then leaves the program waiting.
  }
}

export function remembered(session: string): Waiting | undefined {
  try {
    return (JSON.parse(sessionStorage.getItem(keyOf(session)) ?? 'null') as Waiting | null) ?? undefined
  } catch {
    return undefined
  }
}

export function forget(session: string, id: string): void {
  if (remembered(session)?.id === id) sessionStorage.removeItem(keyOf(session))
}
