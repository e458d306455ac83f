import { randomUUID } from 'node:crypto'
import { chmod, realpath, rename, rm, stat, writeFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { CliError } from '../cli-error.ts'
import { reasonOf } from '../inputs/file-errors.ts'

/**
 * Writes files so that each is either the old or the new one, whatever happens: all new texts are on disk before the
 * first takes its name. Links are followed; pipes and devices are written to directly.
 * @param files names (relative to `cwd`) with their new text.
 */
export async function writeFiles(cwd: string, files: ReadonlyMap<string, string>): Promise<void> {
  const staged: { temporary: string; target: string; name: string }[] = []
  let current = ''
  try {
    for (const [name, text] of files) {
      current = name
      const target = await realpath(resolve(cwd, name)).catch(() => resolve(cwd, name))
      const info = await stat(target).catch(() => undefined)
      if (info !== undefined && !info.isFile()) {
        await writeFile(target, text)
        continue
      }
      const temporary = `${target}.${randomUUID()}.tmp`
      staged.push({ temporary, target, name })
      await writeFile(temporary, text, info === undefined ? {} : { mode: info.mode })
      // The umask has taken its part of the mode.
      if (info !== undefined) await chmod(temporary, info.mode)
    }
    for (const { temporary, target, name } of staged) {
      current = name
      await rename(temporary, target)
    }
  } catch (error) {
    await Promise.all(staged.map(({ temporary }) => rm(temporary, { force: true })))
    throw new CliError(`cannot write: ${reasonOf(error)}`, { place: { file: current }, cause: error })
  }
}
