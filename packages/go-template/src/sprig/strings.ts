/** sprig's string functions. */
import { byteLength, byteSlice, joinBytes } from '../format/bytes.ts'
import { goQuote } from '../format/quote.ts'
import { type FunctionMap, goFunction, stringMap, type Value } from '../value.ts'
import { checkCharacters, joinTexts, repeatText } from './bounds.ts'
import { joinWords, toPascalCase } from './casing.ts'
import { isNil } from './kinds.ts'
import { checkBounds } from './panic.ts'
import { toLower, toUpper, trimSpace } from './runes.ts'
import { replaceText, splitText, splitTextN, trimRunes } from './splitting.ts'
import { stringSlice, textOf, textsOf } from './text-value.ts'
import { abbreviate, deleteWhiteSpace, initials, swapCase, titleWords, uncapitalize, wrapLines } from './words.ts'

const onText = (call: (text: string) => Value) => goFunction(['string'], call)
const onTexts = (call: (a: string, b: string) => Value) => goFunction(['string', 'string'], call)
const onCountAndText = (call: (count: bigint, text: string) => Value) => goFunction(['int', 'string'], call)

const trimAll = onTexts((cutset, text) => trimRunes(text, cutset))

export const stringFunctions: FunctionMap = {
  hello: goFunction([], () => 'Hello!'),
  abbrev: onCountAndText(abbreviateEnd),
  abbrevboth: goFunction(['int', 'int', 'string'], abbreviateBoth),
  trunc: onCountAndText(truncate),
  substr: goFunction(['int', 'int', 'string'], substring),
  trim: onText(trimSpace),
  upper: onText(toUpper),
  lower: onText(toLower),
  title: onText(titleWords),
  untitle: onText(uncapitalize),
  repeat: onCountAndText((count, text) => joinBytes(repeatText(text, count))),
  trimall: trimAll,
  trimAll,
  trimSuffix: onTexts((suffix, text) =>
    suffix !== '' && text.endsWith(suffix) ? text.slice(0, -suffix.length) : text,
  ),
  trimPrefix: onTexts((prefix, text) => (text.startsWith(prefix) ? text.slice(prefix.length) : text)),
  nospace: onText(deleteWhiteSpace),
  initials: onText(initials),
  swapcase: onText(swapCase),
  snakecase: onText((text) => joinWords(text, '_')),
  kebabcase: onText((text) => joinWords(text, '-')),
  camelcase: onText(toPascalCase),
  wrap: onCountAndText((width, text) => wrapLines(text, columns(width), '', false)),
  wrapWith: goFunction(['int', 'string', 'string'], (width: bigint, separator: string, text: string) =>
    wrapLines(text, columns(width), separator, true),
  ),
  contains: onTexts((part, text) => text.includes(part)),
  hasPrefix: onTexts((prefix, text) => text.startsWith(prefix)),
  hasSuffix: onTexts((suffix, text) => text.endsWith(suffix)),
  quote: goFunction([], quote, { variadic: 'any' }),
  squote: goFunction([], squote, { variadic: 'any' }),
  cat: goFunction([], cat, { variadic: 'any' }),
  indent: onCountAndText(indent),
  nindent: onCountAndText((spaces, text) => `\n${indent(spaces, text)}`),
  replace: goFunction(['string', 'string', 'string'], replace),
  plural: goFunction(['string', 'string', 'int'], (one: string, many: string, count: bigint) =>
    count === 1n ? one : many,
  ),
  toString: goFunction(['any'], textOf),
  toStrings: goFunction(['any'], (value: Value) => stringSlice(textsOf(value))),
  join: goFunction(['string', 'any'], (separator: string, value: Value) =>
    joinBytes(joinTexts(textsOf(value), separator)),
  ),
  split: onTexts((separator, text) => partMap(splitText(text, separator))),
  splitn: goFunction(['string', 'int', 'string'], (separator: string, limit: bigint, text: string) =>
    partMap(splitTextN(text, separator, limit)),
  ),
  splitList: onTexts((separator, text) => stringSlice(splitText(text, separator))),
}

/** A width too large for a number is as good as none. */
function columns(width: bigint): number {
  return Number(width)
}

function abbreviateEnd(width: bigint, text: string): string {
  return width < 4n ? text : abbreviate(text, 0, Number(width))
}

function abbreviateBoth(left: bigint, right: bigint, text: string): string {
  if (right < 4n || (left > 0n && right < 7n)) return text
  return abbreviate(text, Number(left), Number(right))
}

/** Cuts after `count` bytes, or before the last `-count` ones. */
function truncate(count: bigint, text: string): string {
  const length = byteLength(text)
  const size = Number(count)
  if (size < 0 && length + size > 0) return byteSlice(text, length + size, length)
  if (size >= 0 && length > size) return byteSlice(text, 0, size)
  return text
}

function substring(start: bigint, end: bigint, text: string): string {
  const length = byteLength(text)
  const from = start < 0n ? 0 : Number(start)
  const to = Number(end)
  if (start >= 0n && (to < 0 || to > length)) {
    checkBounds(from, undefined, length)
    return byteSlice(text, from, length)
  }
  checkBounds(from, to, length)
  return byteSlice(text, from, to)
}

function quote(...values: Value[]): string {
  return joinTexts(
    values.filter((value) => !isNil(value)).map((value) => goQuote(textOf(value))),
    ' ',
  )
}

function squote(...values: Value[]): string {
  return joinTexts(
    values.filter((value) => !isNil(value)).map((value) => `'${textOf(value)}'`),
    ' ',
  )
}

function cat(...values: Value[]): string {
  return joinTexts(values.filter((value) => !isNil(value)).map(textOf), ' ')
}

function indent(spaces: bigint, text: string): string {
  const pad = repeatText(' ', spaces)
  const lines = text.split('\n')
  checkCharacters(text.length + pad.length * lines.length)
  return pad + lines.join(`\n${pad}`)
}

function replace(old: string, replacement: string, text: string): string {
  return joinBytes(replaceText(text, old, replacement))
}

/** sprig names the parts `_0`, `_1`, …, so that templates can say `._0`. */
function partMap(parts: readonly string[]): Value {
  return stringMap(Object.fromEntries(parts.map((part, i) => [`_${i}`, part])))
}
