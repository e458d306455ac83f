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

/** Keeps a file up to date with the store. One write at a time. */
export function keepState({ file, store, secrets, delay = 200, failed }: KeeperOptions): StateKeeper {
  let written = -1
  let timer: NodeJS.Timeout | undefined
  let writing: Promise<void> = Promise.resolve()
  const write = async (): Promise<void> => {
    const snapshot = store.snapshot()
    if (snapshot.revision === written) return
    await saveState(file, { store: snapshot, secrets })
    written = snapshot.revision
  }
  const later = (): void => {
    timer ??= setTimeout(() => {
      timer = undefined
      writing = writing.then(write).catch((error: unknown) => failed(error as Error))
    }, delay)
  }
  const unsubscribe = store.onChange(later)
  later()
  return {
    async stop() {
      unsubscribe()
      clearTimeout(timer)
      await writing
      await write()
    },
  }
}
