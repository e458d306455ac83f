/**
 * What a check found, as Go's multierror holds it: some checks return one plain error, others a list, and a
 * list prints with a headline even if it has one entry.
 */
export interface Problems {
  readonly errors: readonly string[]
  readonly list: boolean
}

export const none: Problems = { errors: [], list: false }

export function problem(text: string): Problems {
  return { errors: [text], list: false }
}

export function problemList(errors: readonly string[]): Problems {
  return { errors, list: errors.length > 0 }
}

/** `multierror.Append` of several results. */
export function joined(parts: readonly Problems[]): Problems {
  const found = parts.filter((part) => part.errors.length > 0)
  const [first, second] = found
  if (first === undefined) return none
  return second === undefined ? first : problemList(found.flatMap((part) => part.errors))
}

/** `multierror.Prefix`: every entry gets the text in front. */
export function prefixed(prefix: string, { errors, list }: Problems): Problems {
  return { errors: errors.map((error) => `${prefix} ${error}`), list }
}

/** The error's text, undefined when there is none. */
export function problemText({ errors, list }: Problems): string | undefined {
  if (errors.length === 0) return undefined
  if (!list) return errors.join('')
  const headline = errors.length === 1 ? '1 error occurred:' : `${errors.length} errors occurred:`
  return `${headline}\n\t${errors.map((error) => `* ${error}`).join('\n\t')}\n\n`
}
