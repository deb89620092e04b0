/** The home folder as a list that can be opened folder by folder. */
import type { FileEntry } from '../../protocol/files.ts'
import { create } from '../lab/elements.ts'
import { files as strings } from '../strings/files.ts'

export interface TreeState {
  entries: readonly FileEntry[]
  /** Folders that the reader has closed. */
  closed: ReadonlySet<string>
  open: string | undefined
  unsaved: ReadonlySet<string>
}

const nameOf = (path: string) => path.slice(path.lastIndexOf('/') + 1)
const folderOf = (path: string) => path.slice(0, Math.max(0, path.lastIndexOf('/')))

/** Folders are before what is in them. */
export function drawTree({ entries, closed, open, unsaved }: TreeState): HTMLElement {
  const root = create('ul')
  const lists = new Map([['', root]])
  for (const { path, kind } of entries) {
    const list = lists.get(folderOf(path))
    if (list === undefined) continue
    const item = create('li')
    list.append(item)
    if (kind === 'folder') {
      const folder = create('details', { 'data-folder': path, ...(closed.has(path) ? {} : { open: '' }) })
      const inside = create('ul')
      folder.append(create('summary', {}, nameOf(path)), inside)
      item.append(folder)
      lists.set(path, inside)
      continue
    }
    const button = create('button', { type: 'button', 'data-file': path }, nameOf(path))
    if (path === open) button.setAttribute('aria-current', 'true')
    if (unsaved.has(path)) {
      button.append(
        ' ',
        create('span', { 'aria-hidden': 'true' }, '●'),
        create('span', { class: 'sr-only' }, ` (${strings.unsaved})`),
      )
    }
    item.append(button)
  }
  return root
}
