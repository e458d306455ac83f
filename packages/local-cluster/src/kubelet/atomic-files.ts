import { chmod, lstat, mkdir, readdir, readFile, readlink, rename, rm, symlink, writeFile } from 'node:fs/promises'
import { dirname, join, normalize } from 'node:path'
import type { VolumeFiles } from './volumes.ts'

const DATA = '..data'

/**
 * Writes the files of a volume as the kubelet does, so that a reader never sees half of a change: all files go into a new
 * folder, the link `..data` is swapped over to it in one step, and each name at the top is a link through `..data`.
 * Returns whether anything changed.
 */
export async function writeAtomically(directory: string, files: VolumeFiles, stamp: string): Promise<boolean> {
  for (const path of files.keys()) assertInside(path)
  await mkdir(directory, { recursive: true })
  if (await isSame(directory, files)) return false
  const before = await readlink(join(directory, DATA)).catch(() => undefined)
  const folder = `..${stamp}`
  for (const [path, { content, mode }] of files) {
    const file = join(directory, folder, path)
    await mkdir(dirname(file), { recursive: true })
    await writeFile(file, content)
    await chmod(file, mode)
  }
  await mkdir(join(directory, folder), { recursive: true })
  const swap = join(directory, '..data_tmp')
  await rm(swap, { force: true })
  await symlink(folder, swap)
  await rename(swap, join(directory, DATA))
  await linkNames(directory, new Set([...files.keys()].map((path) => path.split('/')[0] ?? '')))
  if (before !== undefined) await rm(join(directory, before), { recursive: true, force: true })
  return true
}

/** The API server refuses such paths too; here they would leave the folder. */
function assertInside(path: string): void {
  if (path === '' || path.startsWith('/') || normalize(path).split('/').includes('..') || path.startsWith('..')) {
    throw new Error(`a volume's file must stay inside the volume: ${JSON.stringify(path)}`)
  }
}

async function linkNames(directory: string, names: ReadonlySet<string>): Promise<void> {
  for (const name of names) {
    const known = await lstat(join(directory, name)).catch(() => undefined)
    if (known === undefined) await symlink(join(DATA, name), join(directory, name))
  }
  for (const name of await readdir(directory)) {
    if (!name.startsWith('..') && !names.has(name)) await rm(join(directory, name), { force: true })
  }
}

async function isSame(directory: string, files: VolumeFiles): Promise<boolean> {
  const current = await listFiles(join(directory, DATA))
  if (current === undefined || current.length !== files.size) return false
  for (const path of current) {
    const wanted = files.get(path)
    if (wanted === undefined || !(await readFile(join(directory, DATA, path))).equals(wanted.content)) return false
  }
  return true
}

async function listFiles(directory: string): Promise<readonly string[] | undefined> {
  const entries = await readdir(directory, { recursive: true, withFileTypes: true }).catch(() => undefined)
  const prefix = `${directory}/`
  return entries
    ?.filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(prefix.length))
}
