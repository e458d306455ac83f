import { styleText } from 'node:util'
import type { Context, OutputStream } from '../context.ts'

export type Format = Parameters<typeof styleText>[0]

/** Paints text, or leaves it as it is where colour is not wanted. */
export type Paint = (format: Format, text: string) => string

/**
 * Whether to write colour: `NO_COLOR` (https://no-color.org) forbids it, `FORCE_COLOR` demands it, otherwise a
 * terminal decides.
 */
export function wantsColour(stream: OutputStream, env: Context['env']): boolean {
  if (env.NO_COLOR !== undefined && env.NO_COLOR !== '') return false
  const force = env.FORCE_COLOR
  if (force !== undefined) return force !== '0' && force !== 'false'
  return stream.isTTY === true && env.TERM !== 'dumb'
}

export function painter(colour: boolean): Paint {
  return colour
    ? (format, text) => (text === '' ? '' : styleText(format, text, { validateStream: false }))
    : (_, text) => text
}

export function painterFor(stream: OutputStream, env: Context['env']): Paint {
  return painter(wantsColour(stream, env))
}
