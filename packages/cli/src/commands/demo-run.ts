import type { Context } from '../context.ts'
import { ExitCode } from '../exit-codes.ts'
import type { DemoOptions } from './demo.ts'

export async function runDemo(_context: Context, _options: DemoOptions): Promise<ExitCode> {
  return ExitCode.Success
}
