import type { Errno, FileError } from '../contract.ts'
import { Traceless } from '../traceless.ts'

/** What strerror says, as musl and glibc agree on it. */
const TEXTS: Readonly<Record<Errno, string>> = {
  E2BIG: 'Argument list too long',
  EACCES: 'Permission denied',
  EAGAIN: 'Resource temporarily unavailable',
  EBADF: 'Bad file descriptor',
  EBUSY: 'Resource busy',
  ECHILD: 'No child processes',
  EEXIST: 'File exists',
  EFBIG: 'File too large',
  EINVAL: 'Invalid argument',
  EISDIR: 'Is a directory',
  ELOOP: 'Symbolic link loop',
  ENAMETOOLONG: 'File name too long',
  ENOENT: 'No such file or directory',
  ENOEXEC: 'Exec format error',
  ENOMEM: 'Out of memory',
  ENOSPC: 'No space left on device',
  ENOTDIR: 'Not a directory',
  ENOTEMPTY: 'Directory not empty',
  ENXIO: 'No such device or address',
  EPERM: 'Operation not permitted',
  EPIPE: 'Broken pipe',
  EROFS: 'Read-only file system',
  ESPIPE: 'Illegal seek',
  ESRCH: 'No such process',
  EXDEV: 'Cross-device link',
}

export class FileFault extends Traceless implements FileError {
  readonly errno: Errno

  constructor(errno: Errno) {
    super(TEXTS[errno])
    this.errno = errno
  }
}

/** The code of what a file call threw; undefined for anything else. */
export const errnoOf = (thrown: unknown): Errno | undefined => (thrown instanceof FileFault ? thrown.errno : undefined)
