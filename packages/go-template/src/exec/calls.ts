import { TemplateError } from '../errors.ts'
import type { ErrorNode } from '../parse/nodes.ts'
import type { GoFunction, Value } from '../value.ts'
import { type ArgumentType, passValue } from './parameters.ts'
import { execError, type State, spend } from './state.ts'
import { work } from './work.ts'

/** Evaluates an argument for a parameter of a type. */
export type Argument = (state: State, dot: Value, type: ArgumentType) => Value

/** Where a function or method is called. */
export interface CallSite {
  /** What an error of the function itself names. */
  readonly node: ErrorNode
  readonly args: readonly Argument[]
  /** Whether the previous stage of the pipeline passes its value. */
  readonly hasFinal: boolean
}

/** What is wrong with the number of arguments, if anything. */
export function arityProblem(fn: GoFunction, name: string, site: CallSite): string | undefined {
  const given = site.args.length + (site.hasFinal ? 1 : 0)
  const fixed = fn.parameters.length
  if (fn.variadic === undefined) {
    return given === fixed ? undefined : `wrong number of args for ${name}: want ${fixed} got ${given}`
  }
  // Go counts the piped value here too when it compares, but not in the text.
  return given >= fixed ? undefined : `wrong number of args for ${name}: want at least ${fixed} got ${site.args.length}`
}

/** The types of the arguments at a call site. */
export function argumentTypes(fn: GoFunction, count: number, reflective: boolean): readonly ArgumentType[] {
  const types: ArgumentType[] = []
  for (let i = 0; i < count; i++) {
    const type = fn.parameters[i] ?? fn.variadic ?? 'any'
    types.push(reflective && type === 'any' ? 'value' : type)
  }
  return types
}

/** Calls a method: its parameters are known only now. */
export function callMethod(
  state: State,
  dot: Value,
  fn: GoFunction,
  name: string,
  site: CallSite,
  final: Value,
): Value {
  const problem = arityProblem(fn, name, site)
  if (problem !== undefined) throw execError(state, problem)
  const count = site.args.length + (site.hasFinal ? 1 : 0)
  return invoke(state, fn, name, site.node, collect(state, dot, site, argumentTypes(fn, count, false), final))
}

/** Evaluates the arguments in order, the piped value last. */
export function collect(
  state: State,
  dot: Value,
  site: CallSite,
  types: readonly ArgumentType[],
  final: Value,
): Value[] {
  const { args } = site
  const count = args.length
  if (count === 2 && !site.hasFinal) {
    // By far the most calls; a literal is cheaper than a list that grows.
    return [
      (args[0] as Argument)(state, dot, types[0] as ArgumentType),
      (args[1] as Argument)(state, dot, types[1] as ArgumentType),
    ]
  }
  const out: Value[] = []
  for (let i = 0; i < count; i++) out.push((args[i] as Argument)(state, dot, types[i] as ArgumentType))
  if (site.hasFinal) out.push(passValue(state, final, types[count] as ArgumentType))
  return out
}

/** Runs a function; what it throws becomes `error calling …`. */
export function invoke(state: State, fn: GoFunction, name: string, node: ErrorNode, args: readonly Value[]): Value {
  let result: Value
  try {
    result = fn.call(args)
  } catch (error) {
    throw callError(state, name, node, error)
  }
  spend(state, 1 + work(result) + workOf(args))
  return result
}

function callError(state: State, name: string, node: ErrorNode, error: unknown): TemplateError {
  if (error instanceof TemplateError && error.phase === 'limit') return error
  state.node = node
  const message = error instanceof Error ? error.message : String(error)
  // JavaScript's RangeError says that a text, a list or the stack grew too large.
  const phase = error instanceof RangeError ? 'limit' : 'exec'
  return execError(state, `error calling ${name}: ${message}`, { phase, cause: error })
}

function workOf(args: readonly Value[]): number {
  let sum = 0
  for (let i = 0; i < args.length; i++) sum += work(args[i])
  return sum
}
