import type { ProgressStep } from '@proa/snapshot'
import type { Context } from '../context.ts'
import { visible } from '../output/visible.ts'

/** One line on a terminal that says how far it is; nothing where nobody watches. */
export interface ProgressLine {
  show(step: ProgressStep): void
  clear(): void
}

const ERASE_LINE = '\r\x1b[2K'
const DEFAULT_COLUMNS = 80

export function progressLine({ stderr, env }: Context): ProgressLine {
  if (stderr.isTTY !== true || env.TERM === 'dumb') return { show: () => undefined, clear: () => undefined }
  let shown = false
  return {
    show({ done, all, text }) {
      const line = visible(`${done}/${all} ${text}`).replaceAll('\n', ' ')
      // A line that wraps could not be erased.
      stderr.write(ERASE_LINE + line.slice(0, (stderr.columns ?? DEFAULT_COLUMNS) - 1))
      shown = true
    },
    clear() {
      if (shown) stderr.write(ERASE_LINE)
      shown = false
    },
  }
}
