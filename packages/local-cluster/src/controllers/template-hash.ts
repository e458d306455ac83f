import { isArray, isObject, type Json } from '@proa/kube'

const OFFSET = 0x811c9dc5
const PRIME = 0x01000193
/** Without vowels, so that no hash spells a word (`rand.SafeEncodeString`). */
const ALPHABET = 'bcdfghjklmnpqrstvwxz2456789'

/**
 * `pod-template-hash`: the same shape as Kubernetes', 32-bit FNV-1a written as digits and those in a safe alphabet. The
 * input is JSON with sorted keys, not Go's dump of its structs, so that the values differ from a real cluster's.
 */
export function templateHash(template: Json, collisionCount: number | undefined): string {
  let hash = OFFSET
  const text = canonical(template) + (collisionCount === undefined ? '' : `#${collisionCount}`)
  for (let index = 0; index < text.length; index += 1) hash = Math.imul(hash ^ text.charCodeAt(index), PRIME)
  return [...String(hash >>> 0)].map((digit) => ALPHABET[digit.charCodeAt(0) % ALPHABET.length]).join('')
}

function canonical(value: Json): string {
  if (isArray(value)) return `[${value.map(canonical).join(',')}]`
  if (!isObject(value)) return JSON.stringify(value)
  const fields = Object.keys(value)
    .filter((key) => value[key] !== null)
    .sort()
  return `{${fields.map((key) => `${JSON.stringify(key)}:${canonical(value[key] ?? null)}`).join(',')}}`
}
