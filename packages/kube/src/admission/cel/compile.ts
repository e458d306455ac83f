import type { Environment, ParseResult } from '@marcbachmann/cel-js'
import { OWN_PREFIX, REPLACED_METHODS } from './environment.ts'
import { messageOf } from './message.ts'

export type Compiled =
  | { readonly kind: 'program'; readonly evaluate: ParseResult }
  /** The API server would not compile it either. */
  | { readonly kind: 'invalid'; readonly message: string }
  /** The API server has it, this program does not. */
  | { readonly kind: 'unsupported'; readonly message: string }

/** What an expression must give. `string` allows dyn too: what comes out is looked at then. */
export type ResultType = 'bool' | 'string' | 'any'

/** Compiles an expression; that of a match condition must be of type bool. Never throws. */
export function compileCondition(environment: Environment, expression: string, type: ResultType = 'bool'): Compiled {
  try {
    const parsed = environment.parse(expression)
    const problem = review(parsed.ast)
    if (problem !== undefined) return problem
    const checked = parsed.check()
    if (!checked.valid) return invalid(messageOf(checked.error))
    // The type dyn is not enough: the API server wants a bool, so `object.spec.hostNetwork` alone does not compile.
    if (type !== 'any' && checked.type !== type && !(type === 'string' && checked.type === 'dyn')) {
      return invalid(`must evaluate to ${type} but got ${checked.type}`)
    }
    return { kind: 'program', evaluate: parsed }
  } catch (error) {
    // Optional elements of literals are the one piece of syntax that the library does not read.
    if (/[[{,]\s*\?/.test(expression)) return unsupported('optional elements of lists and maps ([?a], {?a: b})')
    return invalid(messageOf(error))
  }
}

function invalid(message: string): Compiled {
  return { kind: 'invalid', message: `compilation failed: ${message}` }
}

function unsupported(what: string): Compiled {
  return { kind: 'unsupported', message: `${what} cannot be evaluated here` }
}

/** Names of Kubernetes' environment that need a cluster or are rare enough to be left out. */
const UNSUPPORTED_NAMES = new Set(['authorizer', 'format', 'strings', 'math', 'base64'])
const UNSUPPORTED_CALLS = new Set([
  'cidr',
  'ip',
  'isCIDR',
  'isIP',
  'ip.isCanonical',
  'isImage',
  'image',
  'isQuantity',
  'quantity',
  'isSemver',
  'semver',
  'isURL',
  'url',
  'existsOne',
  'format',
  'ofNonZeroValue',
  'optFlatMap',
  'optMap',
  'transformList',
  'transformMap',
  'transformMapEntry',
])
/** Macros that take two variables since Kubernetes 1.32. */
const TWO_VARIABLE_MACROS = new Set(['all', 'exists'])
/** What the library has beyond Kubernetes' environment. */
const FOREIGN_NAMES = new Set(['cel'])
const FOREIGN_METHODS = new Set(['at', 'base64', 'hex', 'json', 'string'])

interface Node {
  readonly op: string
  readonly args: unknown
}

function isNode(value: unknown): value is Node {
  return typeof value === 'object' && value !== null && 'op' in value && 'args' in value
}

/** Looks at every node, redirects replaced methods, and returns what forbids the expression. */
function review(node: unknown): Compiled | undefined {
  if (Array.isArray(node)) {
    for (const item of node) {
      const problem = review(item)
      if (problem !== undefined) return problem
    }
    return undefined
  }
  if (!isNode(node)) return undefined
  return reviewNode(node) ?? review(node.args)
}

function reviewNode(node: Node): Compiled | undefined {
  switch (node.op) {
    case 'id':
      if (UNSUPPORTED_NAMES.has(String(node.args))) return unsupported(String(node.args))
      return FOREIGN_NAMES.has(String(node.args)) ? undeclared(String(node.args)) : undefined
    case 'call':
    case 'rcall':
      return reviewCall(node.op, node.args as unknown[])
    default:
      return undefined
  }
}

function reviewCall(op: 'call' | 'rcall', args: unknown[]): Compiled | undefined {
  const name = String(args[0])
  const operands = args[op === 'call' ? 1 : 2] as unknown[]
  if (UNSUPPORTED_CALLS.has(name)) return unsupported(`${name}()`)
  if (op === 'rcall' && TWO_VARIABLE_MACROS.has(name) && operands.length === 3) {
    return unsupported(`${name}() with two variables`)
  }
  if (name.startsWith(OWN_PREFIX) || (op === 'rcall' && FOREIGN_METHODS.has(name))) return undeclared(name)
  if (REPLACED_METHODS.has(name) && (op === 'rcall' || name === 'matches')) args[0] = `${OWN_PREFIX}${name}`
  return undefined
}

function undeclared(name: string): Compiled {
  return invalid(`undeclared reference to '${name}'`)
}
