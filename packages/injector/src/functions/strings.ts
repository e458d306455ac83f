/** Istio's text functions for templates. Where sprig has one of the same name, Istio's wins. */

import { type FunctionMap, type GoMap, goFunction, goSprint, type Value } from '@proa/go-template'

export const textFunctions: FunctionMap = {
  contains: goFunction(['string', 'string'], (needle: string, haystack: string) => haystack.includes(needle)),
  directory: goFunction(['string'], (path: string) => path.slice(0, path.lastIndexOf('/') + 1)),
  indent: goFunction(['int', 'string'], (spaces: bigint, text: string) => indentFollowingLines(Number(spaces), text)),
  valueOrDefault: goFunction(['any', 'any'], valueOrDefault),
  isset: goFunction(['stringMap', 'string'], (map: GoMap, key: string) => map.has(key)),
  kubevirtInterfaces: goFunction(['string'], (text: string) => text),
  excludeInterfaces: goFunction(['string'], (text: string) => text),
}

/** More than this many spaces is no indentation of anything. */
const MAX_INDENT = 1024

/** Every line but the first gets the spaces, the empty last one too. A negative number counts as a positive one. */
function indentFollowingLines(spaces: number, text: string): string {
  if (Math.abs(spaces) > MAX_INDENT) throw new Error(`indent: ${spaces} is more than ${MAX_INDENT} spaces`)
  return text.split('\n').join(`\n${' '.repeat(Math.abs(spaces))}`)
}

/** Only `""` and nil are replaced: 0 and false are values. */
function valueOrDefault(value: Value, fallback: Value): Value {
  return value === '' || value === null || value === undefined ? fallback : value
}

/** `annotation meta name default`: the annotation if the key is there, even empty, else the default printed. */
export function annotationOrDefault(annotations: GoMap | undefined, name: string, fallback: Value): string {
  if (annotations?.has(name)) return String(annotations.get(name))
  return goSprint([fallback ?? null])
}
