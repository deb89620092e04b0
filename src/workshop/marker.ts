/** Whether this browser has a seat, without asking the server: its cookie is not for scripts. Only a hint, that may be out of date. */
const key = 'quayside:seat:v1'

export function hasSeat(): boolean {
  try {
    return localStorage.getItem(key) !== null
  } catch {
    return false
  }
}

export function markSeat(taken: boolean): void {
  try {
    if (taken) localStorage.setItem(key, '1')
    else localStorage.removeItem(key)
  } catch {
    // A browser that refuses to store: the workshop's page has everything that the lab pages would show.
  }
}
