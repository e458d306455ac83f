/** `env` and `expandenv`. */
import { type FunctionMap, goFunction } from '../value.ts'
import type { SprigEnvironment } from './environment.ts'

export function envFunctions({ env }: SprigEnvironment): FunctionMap {
  if (env === undefined) return {}
  const read = (name: string) => env(name) ?? ''
  return {
    env: goFunction(['string'], read, { pure: false }),
    expandenv: goFunction(['string'], (text: string) => expand(text, read), { pure: false }),
  }
}

// In this order: a special one-character name, alone or in braces; `${}`, which vanishes; a name in braces; an open
// brace that is never closed, which vanishes too; a plain name.
const reference = /\$(?:([*#$@!?\-0-9])|\{([*#$@!?\-0-9])\}|\{(\})|\{([^}]+)\}|(\{)|([A-Za-z0-9_]+))/g

/** `os.Expand`. A `$` that nothing follows stays. */
function expand(text: string, read: (name: string) => string): string {
  return text.replace(reference, (_, special, bracedSpecial, _empty, braced, _open, plain) => {
    const name: unknown = special ?? bracedSpecial ?? braced ?? plain
    return typeof name === 'string' ? read(name) : ''
  })
}
