import type { Json } from '@proa/kube'

/** What an object or a list costs beside what it holds, and a value that is no text. Roughly. */
const CONTAINER_BYTES = 64
const VALUE_BYTES = 16

/** What is stored is shared with every reader. Returns how much of it, roughly in bytes, was not frozen before. */
export function freeze(value: Json): number {
  if (typeof value === 'string') return VALUE_BYTES + value.length
  if (typeof value !== 'object' || value === null) return VALUE_BYTES
  if (Object.isFrozen(value)) return 0
  Object.freeze(value)
  let bytes = CONTAINER_BYTES
  for (const item of Object.values(value)) bytes += freeze(item)
  return bytes
}

/** How large a value is, roughly in bytes. */
export function weigh(value: Json): number {
  if (typeof value === 'string') return VALUE_BYTES + value.length
  if (typeof value !== 'object' || value === null) return VALUE_BYTES
  let bytes = CONTAINER_BYTES
  for (const item of Object.values(value)) bytes += weigh(item)
  return bytes
}
