/** Who a container runs as: a number, or a name of its /etc/passwd, with a group after a colon. */
export interface User {
  readonly uid: number
  readonly gid: number
  readonly home: string
}

interface Entry extends User {
  readonly name: string
}

export function passwdEntries(passwd: string): Entry[] {
  return passwd.split('\n').flatMap((line) => {
    const [name, , uid, gid, , home] = line.split(':')
    return name === undefined || uid === undefined || gid === undefined
      ? []
      : [{ name, uid: Number(uid), gid: Number(gid), home: home || '/' }]
  })
}

/** Undefined for a name that the file does not have. */
export function userOf(user: string, passwd: string, groups: string): User | undefined {
  const [who = '', group] = user.split(':')
  const numeric = /^\d+$/.test(who)
  const entry = passwdEntries(passwd).find(({ name, uid }) => (numeric ? uid === Number(who) : name === who))
  if (entry === undefined && !numeric && who !== '') return undefined
  const { uid, gid, home } = entry ?? { uid: Number(who), gid: 0, home: '/' }
  return { uid, gid: group === undefined ? gid : groupOf(group, groups), home }
}

function groupOf(group: string, groups: string): number {
  if (/^\d+$/.test(group)) return Number(group)
  const line = groups.split('\n').find((text) => text.split(':')[0] === group)
  return Number(line?.split(':')[2] ?? 0)
}
