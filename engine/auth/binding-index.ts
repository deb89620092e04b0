import { goQuote } from '../objects/go-quote.ts'
import type { ApiObject } from '../objects/types.ts'
import type { Collection } from '../storage/collection.ts'
import { follow } from '../storage/follow.ts'
import { keyOfObject } from '../storage/key.ts'
import type { Subject } from './policy-rule.ts'
import type { UserInfo } from './user.ts'

/** A binding with the first of its subjects that is the user or a group of theirs. */
export interface Bound {
  readonly binding: ApiObject
  readonly subject: Subject
}

/** Bindings of one resource by namespace and subject, kept as they are written. */
export class BindingIndex {
  readonly close: () => void
  /** By namespace (empty for the cluster) and subject, then by the binding's key: the place of the subject among the binding's. */
  readonly #bound = new Map<string, Map<string, { readonly binding: ApiObject; readonly place: number }>>()
  readonly #keys = new Map<string, readonly string[]>()

  constructor(collection: Collection, changed: () => void) {
    this.close = follow(
      collection,
      ({ type, object }) => {
        this.#remove(object)
        if (type !== 'DELETED') this.#add(object)
        changed()
      },
      {
        closed: () => {
          this.#bound.clear()
          this.#keys.clear()
          changed()
        },
      },
    )
  }

  /** The bindings in a namespace that apply to a user, in the order of their names. */
  of(user: UserInfo, namespace: string): Bound[] {
    const found = new Map<string, { readonly binding: ApiObject; readonly place: number }>()
    const subjects = [`User/${user.username}`, ...user.groups.map((group) => `Group/${group}`)]
    const account = serviceAccountOf(user.username)
    if (account !== undefined) subjects.push(`ServiceAccount/${account}`)
    for (const subject of subjects) {
      for (const [key, bound] of this.#bound.get(placeOf(namespace, subject)) ?? []) {
        const before = found.get(key)
        if (before === undefined || bound.place < before.place) found.set(key, bound)
      }
    }
    return [...found]
      .sort(([left], [right]) => (left < right ? -1 : 1))
      .map(([, { binding, place }]) => ({ binding, subject: subjectsOf(binding)[place] as Subject }))
  }

  #add(binding: ApiObject): void {
    const { namespace = '' } = binding.metadata
    const key = keyOfObject(binding)
    const keys: string[] = []
    for (const [place, subject] of subjectsOf(binding).entries()) {
      const name = indexed(subject, namespace)
      if (name === undefined) continue
      const at = placeOf(namespace, name)
      keys.push(at)
      const bindings = this.#bound.get(at) ?? new Map()
      this.#bound.set(at, bindings)
      if (!bindings.has(key)) bindings.set(key, { binding, place })
    }
    this.#keys.set(key, keys)
  }

  #remove(binding: ApiObject): void {
    const key = keyOfObject(binding)
    for (const at of this.#keys.get(key) ?? []) {
      const bindings = this.#bound.get(at)
      bindings?.delete(key)
      if (bindings?.size === 0) this.#bound.delete(at)
    }
    this.#keys.delete(key)
  }
}

/** `User "alice"`, `ServiceAccount "bot/team"`. */
export function subjectText(subject: Subject, bindingNamespace: string): string {
  if (subject.kind !== 'ServiceAccount') return `${subject.kind} ${goQuote(subject.name)}`
  return `${subject.kind} ${goQuote(`${subject.name}/${subject.namespace || bindingNamespace}`)}`
}

const ACCOUNT = 'system:serviceaccount:'

/** `namespace/name` of the user name of a ServiceAccount, undefined for others. */
export function serviceAccountOf(username: string): string | undefined {
  if (!username.startsWith(ACCOUNT)) return undefined
  const parts = username.slice(ACCOUNT.length).split(':')
  return parts.length === 2 ? parts.join('/') : undefined
}

const subjectsOf = (binding: ApiObject): readonly Subject[] => (binding.subjects as Subject[] | undefined) ?? []

function indexed({ kind, name, namespace }: Subject, bindingNamespace: string): string | undefined {
  if (kind === 'User' || kind === 'Group') return `${kind}/${name}`
  const home = namespace || bindingNamespace
  return kind === 'ServiceAccount' && home !== '' ? `ServiceAccount/${home}/${name}` : undefined
}

/** Neither namespaces nor kinds of subjects have a blank. */
const placeOf = (namespace: string, subject: string): string => `${namespace} ${subject}`
