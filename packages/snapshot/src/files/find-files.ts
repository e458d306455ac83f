import { lstat, readdir, realpath, stat } from 'node:fs/promises'
import { basename, join, relative, sep } from 'node:path'
import type { NamedFile } from './content.ts'
import { DEEPEST_FOLDER } from './limits.ts'
import { fileProblem, SnapshotError } from './snapshot-error.ts'

/** The file itself, or the files of the folder and those below, by name. @throws SnapshotError */
export async function* findFiles(path: string): AsyncGenerator<NamedFile> {
  try {
    const found = await stat(path)
    if (found.isDirectory()) yield* below(path, { root: path, real: await realpath(path), depth: 0 })
    else yield { file: path, path: basename(path), explicit: true }
  } catch (error) {
    if (error instanceof SnapshotError) throw error
    throw fileProblem(path, error)
  }
}

interface Place {
  readonly root: string
  /** The root without links. */
  readonly real: string
  readonly depth: number
}

const SKIPPED_FOLDERS: ReadonlySet<string> = new Set(['node_modules'])

async function* below(folder: string, place: Place): AsyncGenerator<NamedFile> {
  if (place.depth > DEEPEST_FOLDER) throw new SnapshotError(folder, `folders are nested deeper than ${DEEPEST_FOLDER}`)
  const names = (await readdir(folder)).toSorted()
  for (const name of names) {
    const file = join(folder, name)
    const found = await lstat(file)
    if (found.isDirectory()) {
      if (name.startsWith('.') || SKIPPED_FOLDERS.has(name)) continue
      yield* below(file, { ...place, depth: place.depth + 1 })
    } else if (found.isFile() || (found.isSymbolicLink() && (await isFileWithin(file, place.real)))) {
      yield { file, path: relative(place.root, file).split(sep).join('/'), explicit: false }
    }
  }
}

/** A link out of the tree may lead to what nobody meant to give. Links to folders are not followed: they may go round in circles. */
async function isFileWithin(link: string, root: string): Promise<boolean> {
  try {
    const target = await realpath(link)
    return target.startsWith(root + sep) && (await stat(target)).isFile()
  } catch {
    return false
  }
}
