import { type FSWatcher, statSync, watch } from 'node:fs'

export interface WatchedDirectories {
  /** Watches again what could not be watched before, or was replaced. */
  renew(): void
  stop(): void
}

interface Watched {
  readonly watcher: FSWatcher
  /** Which directory it is, whatever its name. */
  readonly inode: bigint
}

/**
 * Tells of changes in directories. Files themselves are not watched: Kubernetes changes a mounted volume by exchanging the
 * link `..data`, and who watches the old file never hears of the new one.
 */
export function watchDirectories(names: ReadonlySet<string>, changed: () => void): WatchedDirectories {
  const watched = new Map<string, Watched>()
  const drop = (name: string): void => {
    watched.get(name)?.watcher.close()
    watched.delete(name)
  }
  return {
    renew() {
      for (const name of names) {
        // A directory that was deleted and made again has the same name and another inode; the old one tells nothing more.
        const inode = inodeOf(name)
        if (watched.get(name)?.inode === inode) continue
        drop(name)
        // Not there (yet): reading the files says so, and the next poll comes back here.
        if (inode === undefined) continue
        const watcher = open(name, changed)
        watcher?.on('error', () => drop(name))
        if (watcher !== undefined) watched.set(name, { watcher, inode })
      }
    },
    stop() {
      for (const name of names) drop(name)
    },
  }
}

function inodeOf(name: string): bigint | undefined {
  try {
    return statSync(name, { bigint: true }).ino
  } catch {
    return undefined
  }
}

function open(name: string, changed: () => void): FSWatcher | undefined {
  try {
    return watch(name, { persistent: false }, changed)
  } catch {
    // Gone in this moment, or no more watches are to be had: the poll does without.
    return undefined
  }
}
