/** A map that forgets its oldest entry when it is full. */
export interface Memory<Value> {
  get(key: string): Value | undefined
  set(key: string, value: Value): void
}

export function memoryOf<Value>(entries: number): Memory<Value> {
  // A Map keeps the order of insertion.
  const known = new Map<string, Value>()
  return {
    get: (key) => known.get(key),
    set(key, value) {
      const oldest = known.size >= entries ? known.keys().next().value : undefined
      if (oldest !== undefined) known.delete(oldest)
      known.set(key, value)
    },
  }
}
