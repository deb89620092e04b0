import type { NewObject } from '../../objects/types.ts'
import { RBAC_GROUP, type RoleRef, type Subject } from './validation.ts'

/** Of bindings: users, groups and roles are of this group if nothing else is said. */
export function defaultBinding(object: NewObject): NewObject {
  const roleRef = object.roleRef as RoleRef
  const subjects = object.subjects as readonly Subject[] | undefined
  return {
    ...object,
    roleRef: roleRef.apiGroup === '' || roleRef.apiGroup === undefined ? { ...roleRef, apiGroup: RBAC_GROUP } : roleRef,
    ...(subjects === undefined ? {} : { subjects: subjects.map(defaultSubject) }),
  }
}

function defaultSubject(subject: Subject): Subject {
  if ((subject.apiGroup ?? '') !== '') return subject
  return subject.kind === 'User' || subject.kind === 'Group' ? { ...subject, apiGroup: RBAC_GROUP } : subject
}
