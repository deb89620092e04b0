import { errnoOf } from './errors.ts'
import type { Viewer } from './inode.ts'
import type { Namespace, Watched } from './namespace.ts'
import { parentOf } from './paths.ts'

/**
 * Calls when what a path names is another than before, or has changed: the file itself, a link on the way to it, or the place where it
 * will be. Volumes of ConfigMaps change by a link that is turned to a new directory.
 */
export function watchPlace(space: Namespace, path: string, viewer: Viewer, changed: () => void): () => void {
  let ends: (() => void)[] = []
  const begin = () => {
    ends = placesOf(space, path, viewer).map(({ layer, path: at }) => layer.watch(at, told))
  }
  const end = () => {
    for (const call of ends.splice(0)) call()
  }
  const told = () => {
    end()
    begin()
    changed()
  }
  begin()
  return end
}

function placesOf(space: Namespace, path: string, viewer: Viewer): readonly Watched[] {
  try {
    const { path: at, links, inode } = space.find(path, viewer, true)
    return [...links, space.watched(inode === undefined ? parentOf(at) : at)]
  } catch (error) {
    if (errnoOf(error) === undefined) throw error
    return path === '/' ? [] : placesOf(space, parentOf(path), viewer)
  }
}
