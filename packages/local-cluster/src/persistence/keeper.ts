import type { Store } from '../store/store.ts'
import { type ClusterSecrets, saveState } from './state-file.ts'

export interface StateKeeper {
  /** Writes what is not written yet, and stops. Rejects when the last write failed. */
  stop(): Promise<void>
}

export interface KeeperOptions {
  readonly file: string
  readonly store: Store
  readonly secrets: ClusterSecrets
  /** Milliseconds between a change and its write: many changes are one write. Default 200. */
  readonly delay?: number
  readonly failed: (error: Error) => void
}

/** Writing takes at most this part of the time: a large state is written less often. */
const SHARE = 0.1

/** Keeps a file up to date with the store. One write at a time. */
export function keepState({ file, store, secrets, delay = 200, failed }: KeeperOptions): StateKeeper {
  let written = -1
  let timer: NodeJS.Timeout | undefined
  let writing: Promise<void> | undefined
  let pause = delay
  let stopped = false
  let changed = false
  const write = async (): Promise<void> => {
    const snapshot = store.snapshot()
    if (snapshot.revision === written) return
    const start = performance.now()
    await saveState(file, { store: snapshot, secrets })
    written = snapshot.revision
    pause = Math.max(delay, (performance.now() - start) / SHARE)
  }
  const later = (): void => {
    changed = true
    if (writing !== undefined) return
    timer ??= setTimeout(() => {
      timer = undefined
      changed = false
      writing = write()
        .catch((error: unknown) => failed(error as Error))
        .finally(() => {
          writing = undefined
          if (changed && !stopped) later()
        })
    }, pause)
  }
  const unsubscribe = store.onChange(later)
  later()
  return {
    async stop() {
      stopped = true
      unsubscribe()
      clearTimeout(timer)
      await writing
      await write()
    },
  }
}
