import type { Clock } from '../controllers/clock.ts'
import { type Store, type StoreKey, keyOf as textOf } from '../store/store.ts'

/** The API server's `--event-ttl`. */
const LIFETIME = 3600 * 1000
const EVENTS = 'events'

/** Drops Events an hour after they were last written, as the API server does. Returns what ends it. */
export function forgetOldEvents(store: Store, clock: Clock): () => void {
  // In the order of their writes, so the first is the next to go.
  const written = new Map<string, { readonly key: StoreKey; readonly at: number }>()
  let cancel: (() => void) | undefined
  const note = (key: StoreKey): void => {
    const text = `${key.namespace}/${key.name}`
    written.delete(text)
    written.set(text, { key, at: clock.now().getTime() })
    wait()
  }
  const wait = (): void => {
    const [next] = written.values()
    if (cancel !== undefined || next === undefined) return
    cancel = clock.after(next.at + LIFETIME - clock.now().getTime(), drop)
  }
  const drop = (): void => {
    cancel = undefined
    const now = clock.now().getTime()
    for (const [text, { key, at }] of written) {
      if (at + LIFETIME > now) break
      written.delete(text)
      store.remove(key)
    }
    wait()
  }
  for (const event of store.list(EVENTS)) {
    const [namespace = '', name = ''] = textOf(event).split('/')
    note({ bucket: EVENTS, namespace, name })
  }
  const unsubscribe = store.onChange(({ key, type }) => {
    if (key.bucket !== EVENTS) return
    if (type === 'DELETED') written.delete(`${key.namespace}/${key.name}`)
    else note(key)
  })
  return () => {
    unsubscribe()
    cancel?.()
  }
}
