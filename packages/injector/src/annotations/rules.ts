import { goQuote } from '@proa/go-template'
import { parseQuantity, utf8Length } from '@proa/kube'
import { parseBool } from '../finish/parse-bool.ts'
import { checkCidr } from './cidr.ts'

/** Rules for the values of single annotations, with Istio's words: undefined, or what is wrong. */
export type Rule = (value: string) => string | undefined

/** Go's strconv.ParseUint in base 10. */
function parseUint(text: string, bits: 16 | 32): string | undefined {
  const quoted = goQuote(text)
  if (!/^\d+$/.test(text)) return `strconv.ParseUint: parsing ${quoted}: invalid syntax`
  return BigInt(text) < 1n << BigInt(bits) ? undefined : `strconv.ParseUint: parsing ${quoted}: value out of range`
}

function portProblem(text: string): string | undefined {
  const problem = parseUint(text.trim(), 16)
  return problem === undefined ? undefined : `failed parsing port '${text}': ${problem}`
}

/** A comma list; blank text is an empty one. */
function portListProblem(text: string): string | undefined {
  const trimmed = text.trim()
  if (trimmed === '') return undefined
  for (const item of trimmed.split(',')) {
    const problem = portProblem(item)
    if (problem !== undefined) return `failed parsing port '${item}': ${problem}`
  }
  return undefined
}

function named(parameter: string, problem: string | undefined): string | undefined {
  return problem === undefined ? undefined : `${parameter} invalid: ${problem}`
}

/** Items are not trimmed; empty text is an empty list. */
function cidrListProblem(text: string, minor: number): string | undefined {
  if (text === '') return undefined
  for (const item of text.split(',')) {
    const problem = checkCidr(item, minor)
    if (problem !== undefined) return `failed parsing cidr '${item}': ${problem}`
  }
  return undefined
}

const MODES: ReadonlySet<string> = new Set(['REDIRECT', 'TPROXY', 'NONE'])

export const interceptionMode: Rule = (value) =>
  MODES.has(value) ? undefined : `interceptionMode invalid, use REDIRECT,TPROXY,NONE: ${value}`

// Istio gives this annotation the name of another in its error; the text is kept as users may search for it.
export const statusPort: Rule = (value) => named('excludeInboundPorts', portProblem(value))

export const uint32: Rule = (value) => parseUint(value, 32)

export const bool: Rule = (value) =>
  parseBool(value) === undefined ? `strconv.ParseBool: parsing ${goQuote(value)}: invalid syntax` : undefined

export function portList(parameter: string, options: { wildcard: boolean }): Rule {
  return (value) => (options.wildcard && value === '*' ? undefined : named(parameter, portListProblem(value)))
}

export function cidrList(parameter: string, options: { wildcard: boolean; minor: number }): Rule {
  return (value) =>
    options.wildcard && value === '*' ? undefined : named(parameter, cidrListProblem(value, options.minor))
}

/** Bytes. */
const LONGEST_INTERFACE = 15

/** Names as Linux takes them, in a comma list. */
export const interfaces: Rule = (value) => {
  if (value === '') return undefined
  for (const name of value.split(',').map((item) => item.trim())) {
    if (name === '') return 'empty interface name'
    const quoted = goQuote(name)
    if (utf8Length(name) > LONGEST_INTERFACE)
      return `interface name ${quoted} too long (max ${LONGEST_INTERFACE} chars)`
    if (!/^[a-zA-Z][a-zA-Z0-9_.-]*$/.test(name)) return `interface name ${quoted} contains invalid characters`
  }
  return undefined
}

export const resourceQuantity: Rule = (value) => {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for
  if (/[\u0000-\u001f\u007f-\u009f]/.test(value)) return 'value contains control characters'
  try {
    parseQuantity(value)
    return undefined
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  }
}
