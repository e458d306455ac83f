/** A map that forgets its oldest entries when it is full. */
export interface Memory<Value> {
  get(key: string): Value | undefined
  set(key: string, value: Value): void
}

/** @param characters of all keys together, where these may be long */
export function memoryOf<Value>(entries: number, characters = Number.POSITIVE_INFINITY): Memory<Value> {
  // A Map keeps the order of insertion.
  const known = new Map<string, Value>()
  let held = 0
  const forget = (key: string): void => {
    if (known.delete(key)) held -= key.length
  }
  return {
    get: (key) => known.get(key),
    set(key, value) {
      forget(key)
      known.set(key, value)
      held += key.length
      for (const oldest of known.keys()) {
        if (known.size <= entries && held <= characters) return
        forget(oldest)
      }
    },
  }
}
