/** Bytes that a container's log may take; older lines go first. */
const CAPACITY = 1024 * 1024

export interface LogLine {
  /** Milliseconds since 1970. */
  readonly time: number
  readonly text: string
}

/** The output of one container: the newest part of it, and whoever follows it. */
export interface ContainerLog {
  write(text: string): void
  lines(): readonly LogLine[]
  /** Calls with each new line. Returns what ends it. */
  follow(listener: (line: LogLine) => void, onEnd: () => void): () => void
  /** The container is gone: followers are told so. */
  end(): void
}

export function createContainerLog(now: () => number): ContainerLog {
  let lines: LogLine[] = []
  let size = 0
  let ended = false
  const followers = new Map<(line: LogLine) => void, () => void>()
  return {
    write(text) {
      const line = { time: now(), text }
      lines.push(line)
      size += text.length
      // Half at a time, so that not every line moves the whole list.
      if (size > CAPACITY) {
        lines = lines.slice(Math.ceil(lines.length / 2))
        size = lines.reduce((sum, { text }) => sum + text.length, 0)
      }
      for (const listener of followers.keys()) listener(line)
    },
    lines: () => lines,
    follow(listener, onEnd) {
      if (ended) onEnd()
      else followers.set(listener, onEnd)
      return () => followers.delete(listener)
    },
    end() {
      ended = true
      for (const onEnd of [...followers.values()]) onEnd()
      followers.clear()
    },
  }
}
