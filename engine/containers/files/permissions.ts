import type { Inode, Viewer } from './inode.ts'

/** `bits`: 4 read, 2 write, 1 execute or search, as of one digit of a mode. */
export function mayUse(inode: Inode, { uid, gid, groups }: Viewer, bits: number): boolean {
  if (uid === 0) return bits !== 1 || inode.type === 'directory' || (inode.mode & 0o111) !== 0
  const digit =
    inode.uid === uid ? inode.mode >> 6 : inode.gid === gid || groups.includes(inode.gid) ? inode.mode >> 3 : inode.mode
  return (digit & bits) === bits
}

const STICKY = 0o1000

/** Whether what is in a directory may be removed or renamed: in one like /tmp only by its owner. */
export function mayRemove(directory: Inode, entry: Inode, viewer: Viewer): boolean {
  if (!mayUse(directory, viewer, 3)) return false
  if ((directory.mode & STICKY) === 0 || viewer.uid === 0) return true
  return entry.uid === viewer.uid || directory.uid === viewer.uid
}
