/** A signal that is aborted when one of several is, or after a time; `unlink` leaves nothing behind at the lasting ones. */
export interface LinkedSignal {
  readonly signal: AbortSignal
  readonly timedOut: boolean
  /** From now on only the other signals count. */
  clearTimeout(): void
  unlink(): void
}

/** `AbortSignal.any` and `AbortSignal.timeout` would stay with a signal that lives as long as the process. */
export function linkedSignal(signals: readonly AbortSignal[], milliseconds: number): LinkedSignal {
  const controller = new AbortController()
  let timedOut = false
  const abort = (): void => controller.abort()
  const timer = setTimeout(() => {
    timedOut = true
    abort()
  }, milliseconds)
  for (const signal of signals) {
    if (signal.aborted) abort()
    else signal.addEventListener('abort', abort, { once: true })
  }
  const clear = (): void => clearTimeout(timer)
  return {
    signal: controller.signal,
    get timedOut() {
      return timedOut
    },
    clearTimeout: clear,
    unlink() {
      clear()
      for (const signal of signals) signal.removeEventListener('abort', abort)
    },
  }
}
