import { type CliError, describeError, describePlace, type ErrorPlace } from '../cli-error.ts'
import type { Context } from '../context.ts'
import { painterFor } from './style.ts'
import { visible } from './visible.ts'

/** Prints an error that ends the command. */
export function reportError(context: Context, error: CliError): void {
  context.stderr.write(`${painterFor(context.stderr, context.env)('red', 'error:')} ${visible(describeError(error))}\n`)
}

/** Prints something that the user should know although the command goes on. */
export function warn(context: Context, place: ErrorPlace, message: string): void {
  const where = describePlace(place)
  const label = painterFor(context.stderr, context.env)('yellow', 'warning:')
  context.stderr.write(`${label} ${visible(where === '' ? message : `${where}: ${message}`)}\n`)
}
