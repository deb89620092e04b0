/**
 * The messages about the reader's home folder: the panel Files reads and writes what the shell sees.
 *
 * | request | body or query | answer |
 * |---|---|---|
 * | `GET /api/sessions/:id/files` | | {@link FilesView} |
 * | `GET /api/sessions/:id/files/content` | `?path=` | {@link FileView} |
 * | `PUT /api/sessions/:id/files/content` | {@link SaveFileRequest} | {@link SavedView} |
 * | `DELETE /api/sessions/:id/files/content` | `?path=` | 204; a folder goes with all that is in it |
 * | `POST /api/sessions/:id/files/folders` | {@link PathRequest} | 204 |
 * | `POST /api/sessions/:id/files/rename` | {@link RenameFileRequest} | 204 |
 * | `POST /api/sessions/:id/files/edits/:edit` | {@link EditRequest} | 204 |
 *
 * A refusal has one of these codes beside those of every request, and a sentence for the reader:
 * `no-file` (404), `outside-home` (403), `is-link`, `is-folder`, `file-exists`, `changed` (409), `too-large` (413),
 * `binary` (415), `no-edit` (404: nobody waits for it any more), `file-refused` (409: no right to it, no room for it).
 *
 * The list has no events: while the panel is shown the page asks again, soon after the terminal has written something and from
 * time to time. Its `version` is another if anything in it is.
 */
import { z } from 'zod'

/** Bytes of UTF-8 that a file may have to be shown and saved. */
export const MAX_FILE = 256 * 1024
/** Names of a list; what comes beyond is left out. */
export const MAX_ENTRIES = 1000

/** Below the home, as the shell would name it from there: `shop/web.yaml`. */
const path = z
  .string()
  .min(1)
  .max(500)
  .refine((text) => [...text].every((character) => character >= ' ' && character !== '\x7f'), {
    message: 'expected a path without control characters',
  })
  .refine(
    (text) => text.split('/').every((part) => part !== '' && part !== '.' && part !== '..' && part.length <= 200),
    {
      message: 'expected a path below the home folder, like "shop/web.yaml"',
    },
  )

/** Query of `GET` and `DELETE`, and body of `POST …/folders`. */
export const PathRequest = z.strictObject({ path })
export type PathRequest = z.infer<typeof PathRequest>

/** Body of `PUT …/content`. Folders on the way are made. */
export const SaveFileRequest = z.strictObject({
  path,
  content: z.string().refine((text) => new TextEncoder().encode(text).length <= MAX_FILE, {
    message: `expected at most ${MAX_FILE} bytes`,
  }),
  version: z
    .string()
    .max(64)
    .nullable()
    .optional()
    .describe(
      'As it was read: if the file is another by now, the answer is `changed`. Null: there must be no such file yet. Left out: whatever is there is written over.',
    ),
})
export type SaveFileRequest = z.infer<typeof SaveFileRequest>

/** Body of `POST …/rename`. Folders on the way are made; what is there is not written over. */
export const RenameFileRequest = z.strictObject({ from: path, to: path })
export type RenameFileRequest = z.infer<typeof RenameFileRequest>

/**
 * Body of `POST …/edits/:edit`. A program of the shell waits for a file to be edited (`lab edit`, `kubectl edit`): `open` within
 * {@link EDIT_ANSWER_WITHIN} of its escape sequence, then `done`, or `cancelled`, which the program takes for a failure.
 */
export const EditRequest = z.strictObject({ state: z.enum(['open', 'done', 'cancelled']) })
export type EditRequest = z.infer<typeof EditRequest>

/** Milliseconds after which `lab edit` says that no page is there. */
export const EDIT_ANSWER_WITHIN = 5_000

/** An id of an edit, as the escape sequence has it (see terminal.ts). */
export const EDIT_ID = /^[a-z0-9]{1,32}$/

export interface FileEntry {
  /** Below the home; folders come before what is in them. Names that begin with a dot are left out. */
  path: string
  kind: 'file' | 'folder' | 'link'
  /** Bytes; of files. */
  size: number
}

export interface FilesView {
  version: string
  /** In the order of their paths. */
  entries: FileEntry[]
  /** Whether there is more than the list holds. */
  truncated: boolean
}

export interface FileView {
  path: string
  content: string
  version: string
}

export interface SavedView {
  version: string
}
