import type { Json } from '@proa/kube'

const ESCAPED = /[<>&\u2028\u2029]/g

/**
 * JSON text as Go's `encoding/json` writes it: no spaces, and characters that could end an HTML script are escaped. Keys
 * stay in their order.
 */
export function goJson(value: Json): string {
  return JSON.stringify(value).replace(
    ESCAPED,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
}
