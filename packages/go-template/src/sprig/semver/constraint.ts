/**
 * Reading constraints: `>=1.2, <2 || ~3.1 || 4.x || 5 - 6`. Comma or space between means and, `||` means or.
 * The patterns run on re2js because the texts come from templates: they take linear time whatever the text.
 */
import { compilePattern, findMatches, type Match, replaceMatches } from '../patterns.ts'
import { parseVersion, type Version } from './version.ts'

type Operator = '=' | '!=' | '>' | '<' | '>=' | '<=' | '~' | '^'

export interface Constraint {
  readonly operator: Operator
  /** The version with 0 in place of what is missing or `x`. */
  readonly version: Version
  /** What is missing: `1` and `1.x` lack the minor, `1.2` and `1.2.x` the patch, `*` everything. */
  readonly wildcard: 'none' | 'patch' | 'minor' | 'all'
}

/** One of the inner lists must hold completely. */
export type Constraints = readonly (readonly Constraint[])[]

const identifiers = '[0-9A-Za-z-]+(?:\\.[0-9A-Za-z-]+)*'
// The library's class really contains the bar. What only it accepts fails when the version is read.
const segment = '[0-9xX|*]+'
const version = `v?(?:${segment})(?:\\.(?:${segment}))?(?:\\.(?:${segment}))?(?:-${identifiers})?(?:\\+${identifiers})?`
const operator = '(?:!=|>=|=>|<=|=<|~>|=|>|<|~|\\^)?'
const single = `${operator}\\s*${version}`

const hyphenRange = `\\s*(${version})\\s+-\\s+(${version})\\s*`
const wholeList = `^\\s*${single}\\s*(?:(?:\\s+|,\\s*)${single}\\s*)*$`
const parts = `(${operator})\\s*(v?(${segment})(\\.${segment})?(\\.${segment})?(-${identifiers})?(?:\\+${identifiers})?)`

/** Throws `improper constraint: …`. */
export function parseConstraints(text: string): Constraints {
  return rewriteRanges(text).split('||').map(parseList)
}

/** `1 - 2` is `>= 1, <= 2`. */
function rewriteRanges(text: string): string {
  return replaceMatches(compilePattern(hyphenRange), text, ([, low, high]) => {
    return `>= ${text.slice(low?.start, low?.end)}, <= ${text.slice(high?.start, high?.end)} `
  })
}

function parseList(text: string): readonly Constraint[] {
  if (findMatches(compilePattern(wholeList), text, 1n).length === 0) throw new Error(`improper constraint: ${text}`)
  return findMatches(compilePattern(parts), text, -1n).map((match) => parseOne(match, text))
}

function parseOne(match: Match, text: string): Constraint {
  const [, sign = '', whole = '', major = '', minor = '', patch = '', prerelease = ''] = match.map(({ start, end }) =>
    start < 0 ? '' : text.slice(start, end),
  )
  const kind = wildcardOf(major, minor, patch)
  // Metadata is only kept, and only matters for an error text, where nothing is missing.
  const spelled = {
    none: whole,
    patch: `${major}${minor}.0${prerelease}`,
    minor: `${major}.0.0${prerelease}`,
    all: `0.0.0${prerelease}`,
  }
  return { operator: operatorOf(sign), version: readVersion(spelled[kind]), wildcard: kind }
}

function wildcardOf(major: string, minor: string, patch: string): Constraint['wildcard'] {
  if (isX(major)) return 'all'
  if (minor === '' || isX(minor.slice(1))) return 'minor'
  return patch === '' || isX(patch.slice(1)) ? 'patch' : 'none'
}

const isX = (text: string) => text === 'x' || text === 'X' || text === '*'

function readVersion(text: string): Version {
  try {
    return parseVersion(text)
  } catch {
    throw new Error('constraint Parser Error')
  }
}

function operatorOf(sign: string): Operator {
  switch (sign) {
    case '!=':
    case '>':
    case '<':
    case '>=':
    case '<=':
    case '~':
    case '^':
      return sign
    case '=>':
      return '>='
    case '=<':
      return '<='
    case '~>':
      return '~'
    default:
      return '='
  }
}
