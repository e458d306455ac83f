/** The number automaton of `encoding/json`: what may follow, and the error's words when something else does. */
const NUMBER_STEPS = [
  { done: /^-?$/, place: 'in numeric literal' },
  { done: /^-?(?:0|[1-9]\d*)\.$/, place: 'after decimal point in numeric literal' },
  { done: /^-?(?:0|[1-9]\d*)(?:\.\d+)?[eE][+-]?$/, place: 'in exponent of numeric literal' },
] as const
const LITERALS = ['true', 'false', 'null']

/**
 * The error of `encoding/json` for a text that should be one number, boolean or null. The end of the text
 * counts as a space, as there.
 */
export function goSyntaxError(text: string): string {
  const start = text.trimStart()
  if (start === '') return 'unexpected end of JSON input'
  const literal = LITERALS.find((word) => word.charAt(0) === start.charAt(0))
  if (literal !== undefined) return literalError(start, literal)
  if (!/^[-\d]/.test(start)) {
    if (/^["[{]/.test(start)) return 'unexpected end of JSON input'
    return `invalid character ${quoteCharacter(start)} looking for beginning of value`
  }
  const number = /^-?(?:0|[1-9]\d*)?(?:(?<=\d)\.\d*)?(?:(?<=\d)[eE][+-]?\d*)?/.exec(start)?.[0] ?? ''
  const rest = start.slice(number.length)
  const step = NUMBER_STEPS.find(({ done }) => done.test(number))
  if (step !== undefined) return `invalid character ${quoteCharacter(rest)} ${step.place}`
  return `invalid character ${quoteCharacter(rest.trimStart())} after top-level value`
}

function literalError(text: string, literal: string): string {
  let matched = 0
  while (matched < literal.length && text.charAt(matched) === literal.charAt(matched)) matched++
  const rest = text.slice(matched)
  if (matched === literal.length) return `invalid character ${quoteCharacter(rest.trimStart())} after top-level value`
  return `invalid character ${quoteCharacter(rest)} in literal ${literal} (expecting '${literal.charAt(matched)}')`
}

/** The first character of a text as Go quotes it in these errors. */
function quoteCharacter(text: string): string {
  const code = text.codePointAt(0)
  const character = code === undefined ? ' ' : String.fromCodePoint(code)
  if (character === "'") return `'\\''`
  if (character === '"') return `'"'`
  return `'${JSON.stringify(character).slice(1, -1)}'`
}
