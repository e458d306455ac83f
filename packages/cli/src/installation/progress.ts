import type { Context } from '../context.ts'
import { painterFor } from '../output/style.ts'
import { visible } from '../output/visible.ts'

/** Lines that say what happens, while it happens. */
export interface Progress {
  /** Something is done. */
  done(text: string): void
  /** Nothing had to be done, or it is left as it is. */
  kept(text: string): void
  /** Something that the user should look at. */
  notice(text: string): void
  /** What is waited for. */
  waiting(text: string): void
}

export function progressOn(context: Context): Progress {
  const paint = painterFor(context.stdout, context.env)
  const line = (sign: string, text: string): void => {
    context.stdout.write(`${sign} ${visible(text)}\n`)
  }
  return {
    done: (text) => line(paint('green', '✓'), text),
    kept: (text) => line(paint('dim', '·'), text),
    notice: (text) => line(paint('yellow', '!'), text),
    waiting: (text) => line(paint('dim', '…'), text),
  }
}
