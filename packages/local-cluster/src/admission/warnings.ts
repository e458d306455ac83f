/** Above so many characters in all, each warning is shortened, and further ones are dropped. */
const TOTAL_CHARACTERS = 4096
const SHORTENED_CHARACTERS = 256

/** Collects the warnings of one request as the API server does: each text once, long ones within bounds. */
export interface WarningRecorder {
  add(text: string): void
  list(): readonly string[]
}

/**
 * As apiserver's endpoints/filters/warning: as long as all fit into 4096 characters they are given whole; from the first one
 * that does not, all are given anew with at most 256 characters each; after 4096 of those further ones are dropped.
 */
export function warningRecorder(): WarningRecorder {
  const seen = new Set<string>()
  let given: string[] = []
  let written = 0
  let truncating = false
  const write = (text: string) => {
    const characters = [...text]
    const kept = truncating ? characters.slice(0, SHORTENED_CHARACTERS) : characters
    given.push(kept.join(''))
    written += kept.length
  }
  return {
    add(text) {
      if (text === '' || (written >= TOTAL_CHARACTERS && truncating) || seen.has(text)) return
      // Such a text cannot stand in a header.
      if (/\p{Cc}/u.test(text)) return
      seen.add(text)
      if (truncating || written + [...text].length <= TOTAL_CHARACTERS) {
        write(text)
        return
      }
      truncating = true
      given = []
      written = 0
      for (const one of seen) write(one)
    },
    list: () => given,
  }
}
