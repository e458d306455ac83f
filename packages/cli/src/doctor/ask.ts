import type { Context } from '../context.ts'
import { visible } from '../output/visible.ts'

/** Asks questions on a terminal. */
export interface Asking {
  /** False for everything but a clear yes. */
  confirm(question: string): Promise<boolean>
  /** Lets the process end. */
  close(): Promise<void>
}

/** @param signal ends a question, which then rejects with its reason. */
export function askOn({ stdin, stderr }: Context, signal: AbortSignal): Asking {
  const chunks = stdin[Symbol.asyncIterator]()
  const decoder = new TextDecoder()
  let rest = ''
  const readLine = async (): Promise<string> => {
    while (!rest.includes('\n')) {
      const next = await orAborted(chunks.next(), signal)
      if (next.done === true) break
      rest += typeof next.value === 'string' ? next.value : decoder.decode(next.value, { stream: true })
    }
    const end = rest.includes('\n') ? rest.indexOf('\n') + 1 : rest.length
    const line = rest.slice(0, end)
    rest = rest.slice(end)
    return line
  }
  return {
    async confirm(question) {
      stderr.write(`${visible(question)} [y/N] `)
      return /^\s*(?:y|yes|是)\s*$/i.test(await readLine())
    },
    async close() {
      // A read that is under way would have to end first; whoever was interrupted does not wait for an answer.
      if (!signal.aborted) await chunks.return?.()
    },
  }
}

async function orAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  signal.throwIfAborted()
  const { promise: aborted, reject } = Promise.withResolvers<never>()
  const onAbort = (): void => reject(signal.reason)
  signal.addEventListener('abort', onAbort, { once: true })
  try {
    return await Promise.race([promise, aborted])
  } finally {
    signal.removeEventListener('abort', onAbort)
  }
}
