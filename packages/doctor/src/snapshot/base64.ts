// Of browsers and Node.js alike; the language's own types do not know them.
declare const atob: (base64: string) => string
declare const btoa: (bytes: string) => string

/** The bytes, one per character; undefined for what is no base64. PEM is ASCII, so this is its text. */
export function fromBase64(text: string): string | undefined {
  try {
    return atob(text)
  } catch {
    return undefined
  }
}

/** @param bytes one per character */
export function toBase64(bytes: string): string {
  return btoa(bytes)
}
