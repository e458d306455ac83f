import { type FSWatcher, watch } from 'node:fs'

export interface WatchedDirectories {
  /** Watches again what could not be watched before, or was replaced. */
  renew(): void
  stop(): void
}

/**
 * Tells of changes in directories. Files themselves are not watched: Kubernetes changes a mounted volume by exchanging the
 * link `..data`, and who watches the old file never hears of the new one.
 */
export function watchDirectories(names: ReadonlySet<string>, changed: () => void): WatchedDirectories {
  const watchers = new Map<string, FSWatcher>()
  const drop = (name: string): void => {
    watchers.get(name)?.close()
    watchers.delete(name)
  }
  return {
    renew() {
      for (const name of names) {
        if (watchers.has(name)) continue
        try {
          const watcher = watch(name, { persistent: false }, changed)
          watcher.on('error', () => drop(name))
          watchers.set(name, watcher)
        } catch {
          // Not there yet: reading the files says so, and the next poll comes back here.
        }
      }
    },
    stop() {
      for (const name of names) drop(name)
    },
  }
}
