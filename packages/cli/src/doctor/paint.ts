import type { ReportPaint } from '@proa/doctor'
import type { Context } from '../context.ts'
import { painterFor, wantsColour } from '../output/style.ts'
import { visible, visiblePainted } from '../output/visible.ts'

export function reportPaint({ stdout, env }: Context): ReportPaint {
  const paint = painterFor(stdout, env)
  return {
    error: (text) => paint('red', text),
    warn: (text) => paint('yellow', text),
    info: (text) => paint('cyan', text),
    good: (text) => paint('green', text),
    strong: (text) => paint('bold', text),
    faint: (text) => paint('dim', text),
  }
}

/** Prints what may hold names that others wrote. */
export function writeText(context: Context, text: string): void {
  context.stdout.write(wantsColour(context.stdout, context.env) ? visiblePainted(text) : visible(text))
}
