const SIGNALS = ['SIGTERM', 'SIGINT'] as const

/** The signals that ask a server to stop, from the moment on that this was made: then they no longer end the process by themselves. */
export interface StopSignals {
  /** The next one that nobody has taken yet. */
  next(): Promise<NodeJS.Signals>
  /** Gives them back to Node.js. */
  release(): void
}

export function stopSignals(): StopSignals {
  const come: NodeJS.Signals[] = []
  const waiting: ((signal: NodeJS.Signals) => void)[] = []
  const onSignal = (signal: NodeJS.Signals): void => {
    const first = waiting.shift()
    if (first === undefined) come.push(signal)
    else first(signal)
  }
  for (const signal of SIGNALS) process.on(signal, onSignal)
  return {
    next() {
      const known = come.shift()
      return known === undefined ? new Promise((resolve) => waiting.push(resolve)) : Promise.resolve(known)
    },
    release() {
      for (const signal of SIGNALS) process.off(signal, onSignal)
    },
  }
}
