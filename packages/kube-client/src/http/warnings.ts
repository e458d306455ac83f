/** Warnings that nobody asks for must not pile up. */
const MOST = 100

/** Collects the `Warning` headers (RFC 9111: `299 - "text"`) of answers, each text once. */
export interface WarningCollection {
  add(header: string | readonly string[] | undefined): void
  take(): readonly string[]
}

export function warningCollection(): WarningCollection {
  let texts = new Set<string>()
  return {
    add(header) {
      for (const one of typeof header === 'string' ? [header] : (header ?? [])) {
        for (const text of parseWarnings(one)) if (texts.size < MOST) texts.add(text)
      }
    },
    take() {
      const taken = [...texts]
      texts = new Set()
      return taken
    },
  }
}

/** Node.js joins several headers of this name with a comma. */
function parseWarnings(header: string): readonly string[] {
  return [...header.matchAll(/\b299 \S+ "((?:[^"\\]|\\.)*)"/g)].map((match) => (match[1] ?? '').replace(/\\(.)/g, '$1'))
}
