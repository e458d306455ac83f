/**
 * CEL's string functions as cel-go has them: positions count code points, letters are ASCII letters, and the results
 * of Go's `strings.Split` and `strings.Replace`. The library's own count UTF-16 units.
 */

/** A function of an expression failed, as cel-go would fail. */
export class CelFunctionError extends Error {
  override readonly name = 'CelFunctionError'
}

/**
 * Longest text that a function may make, in UTF-16 units. An object in a request has at most 3 MiB (etcd's limit is
 * 1.5 MiB); without a limit one `replace` could ask for more memory than there is.
 */
const MAX_TEXT = 8 * 1024 * 1024

function outOfRange(index: bigint): CelFunctionError {
  return new CelFunctionError(`index out of range: ${index}`)
}

export function charAt(text: string, index: bigint): string {
  const points = Array.from(text)
  if (index < 0n || index > points.length) throw outOfRange(index)
  return points[Number(index)] ?? ''
}

export function substring(text: string, start: bigint, end?: bigint): string {
  const points = Array.from(text)
  const last = end ?? BigInt(points.length)
  if (start < 0n || start > points.length) throw outOfRange(start)
  if (last < 0n || last > points.length) throw outOfRange(last)
  if (start > last) {
    throw new CelFunctionError(`invalid substring range. start: ${start}, end: ${last}`)
  }
  return points.slice(Number(start), Number(last)).join('')
}

export function indexOf(text: string, part: string, from = 0n): bigint {
  if (part === '') return from
  const points = Array.from(text)
  if (from < 0n) throw outOfRange(from)
  if (from >= points.length) return -1n
  const skipped = points.slice(0, Number(from)).join('').length
  const at = text.indexOf(part, skipped)
  return at < 0 ? -1n : BigInt(Array.from(text.slice(0, at)).length)
}

export function lastIndexOf(text: string, part: string, from?: bigint): bigint {
  const points = Array.from(text)
  if (part === '') return from ?? BigInt(points.length)
  if (from !== undefined && from < 0n) throw outOfRange(from)
  if (from !== undefined && from >= points.length) return -1n
  const latest = from === undefined ? text.length : points.slice(0, Number(from)).join('').length
  const at = text.lastIndexOf(part, latest)
  return at < 0 ? -1n : BigInt(Array.from(text.slice(0, at)).length)
}

export function lowerAscii(text: string): string {
  return text.replace(/[A-Z]+/g, (letters) => letters.toLowerCase())
}

export function upperAscii(text: string): string {
  return text.replace(/[a-z]+/g, (letters) => letters.toUpperCase())
}

// Unicode's White_Space, which is what Go means; JavaScript's own adds U+FEFF and lacks U+0085.
const SPACE = '[\\t-\\r \\u0085\\u00a0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000]+'
const LEADING_SPACE = new RegExp(`^${SPACE}`)
const SPACE_POINT = new RegExp(`^${SPACE}$`)

export function trim(text: string): string {
  let end = text.length
  // A pattern with `$` would be quadratic on long runs of inner space.
  while (end > 0 && SPACE_POINT.test(text.charAt(end - 1))) end--
  return text.slice(0, end).replace(LEADING_SPACE, '')
}

/** `limit` < 0: all parts; 0: none; else the last part holds the rest. */
export function split(text: string, separator: string, limit = -1n): string[] {
  if (limit === 0n) return []
  const parts = separator === '' ? Array.from(text) : text.split(separator)
  if (limit < 0n || parts.length <= limit) return parts
  const kept = Number(limit) - 1
  return [...parts.slice(0, kept), parts.slice(kept).join(separator)]
}

/** `limit` < 0: every occurrence. An empty `old` stands before every code point and at the end. */
export function replace(text: string, old: string, replacement: string, limit = -1n): string {
  const parts = old === '' ? ['', ...Array.from(text), ''] : text.split(old)
  const count = limit < 0n || limit > parts.length - 1 ? parts.length - 1 : Number(limit)
  if (text.length + count * replacement.length > MAX_TEXT) throw new CelFunctionError('the result is too long')
  const head = parts.slice(0, count + 1).join(replacement)
  return count === parts.length - 1 ? head : [head, ...parts.slice(count + 1)].join(old)
}
