import { stopSignals } from '../stop-signals.ts'

/**
 * Runs something that SIGINT and SIGTERM end by its signal. When it has cleaned up, the process ends by that signal, as if
 * nobody had caught it, so that a shell's loop ends too.
 */
export async function interruptible<T>(run: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const signals = stopSignals()
  const controller = new AbortController()
  let caught: NodeJS.Signals | undefined
  void signals.next().then((signal) => {
    caught = signal
    controller.abort(new Error(`interrupted by ${signal}`))
  })
  try {
    return await run(controller.signal)
  } finally {
    signals.release()
    if (caught !== undefined) process.kill(process.pid, caught)
  }
}
