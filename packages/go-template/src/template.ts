import { builtinFunctions } from './builtins/index.ts'
import { TemplateError } from './errors.ts'
import { functionLookup, newScope } from './exec/scope.ts'
import { execError, type MissingKey, newState, type Origin, type Program, type State, type Unit } from './exec/state.ts'
import { compileList, enterUnit } from './exec/statements.ts'
import { joinBytes } from './format/bytes.ts'
import { goQuote } from './format/quote.ts'
import { defaultLimits, type Limits } from './limits.ts'
import { parse } from './parse/parse.ts'
import type { FunctionMap, Value } from './value.ts'

/** How a text is compiled. All is optional; the defaults are those of Go. */
export interface CompileOptions {
  /** Functions besides Go's own, which they may replace. */
  readonly functions?: FunctionMap
  /** Default `{{` and `}}`. An empty one means the default, as in Go. */
  readonly delimiters?: readonly [string, string]
  /** Go's option `missingkey`. Default `default`: a missing key is no value and prints `<no value>`. */
  readonly missingKey?: MissingKey
  /** What one execution may use at most. Default: {@link defaultLimits}. */
  readonly limits?: Partial<Limits>
  /**
   * Told of each call of a function, before it, with the arguments as the function gets them; not of `and` and `or`, nor of
   * methods of the data. Without it nothing is slower.
   */
  readonly onCall?: (name: string, args: readonly Value[]) => void
}

/** A compiled template. It keeps no state between executions. */
export interface Template {
  readonly name: string
  /** Names of all templates of the text, its own included. */
  readonly definedNames: readonly string[]
  /**
   * True if the text names no function whose result may differ between calls, so that equal data give equal output.
   * Methods of the data are not known here and do not count.
   */
  readonly pure: boolean
  /** Renders the text. Throws a {@link TemplateError} only. */
  execute(data: Value): string
  /** Renders one of the {@link definedNames}. */
  executeNamed(name: string, data: Value): string
  /** As {@link execute}, and tells which line wrote what: origins are sorted by offset and hold up to the next one. */
  executeTraced(data: Value): { readonly text: string; readonly origins: readonly Origin[] }
}

/**
 * Compiles a Go `text/template`. Throws a {@link TemplateError} with Go's text if it does not parse:
 * `template: inject:3: function "x" not defined`.
 */
export function compileTemplate(name: string, text: string, options: CompileOptions = {}): Template {
  let compiled: Compiled
  try {
    compiled = compileProgram(name, text, options)
  } catch (error) {
    if (!(error instanceof RangeError)) throw error
    // Only with a nesting limit far above the default, or when the caller is deep in the stack already.
    const details = { phase: 'limit', templateName: name, cause: error } as const
    throw new TemplateError(`template: ${name}: ${messageOf(error)}`, details)
  }
  const { program, pure } = compiled
  return {
    name,
    definedNames: [...program.units.keys()],
    pure,
    execute: (data) => run(program, name, data, false).out,
    executeNamed: (unit, data) => run(program, unit, data, false).out,
    executeTraced: (data) => {
      const state = run(program, name, data, true)
      return { text: state.out, origins: state.origins ?? [] }
    },
  }
}

interface Compiled {
  readonly program: Program
  readonly pure: boolean
}

function compileProgram(name: string, text: string, options: CompileOptions): Compiled {
  const limits: Limits = { ...defaultLimits, ...options.limits }
  const functions = functionLookup(options.functions ?? {}, builtinFunctions)
  const [left, right] = options.delimiters ?? ['', '']
  const hasFunction = (word: string): boolean => functions(word) !== undefined
  const trees = parse(name, text, { delimiters: [left || '{{', right || '}}'], hasFunction, limits })
  const units = new Map<string, Unit>()
  let pure = true
  for (const tree of trees.values()) {
    const scope = newScope(functions, options.onCall)
    const run = compileList(tree.body, scope, (unit) => units.get(unit))
    units.set(tree.name, { name: tree.name, slots: scope.slots, run })
    pure &&= scope.pure
  }
  return { program: { name, text, missingKey: options.missingKey ?? 'default', limits, units }, pure }
}

function run(program: Program, name: string, data: Value, traced: boolean): State {
  const unit = program.units.get(name)
  if (unit === undefined) {
    const message = `template: no template ${goQuote(name)} associated with template ${goQuote(program.name)}`
    throw new TemplateError(message, { phase: 'exec', templateName: name })
  }
  const state = newState(program, traced)
  // Nil data is no value; inside a list or map it would be a nil interface.
  const root = data ?? undefined
  enterUnit(state, unit, root)
  try {
    unit.run(state, root)
  } catch (error) {
    throw asTemplateError(state, error)
  }
  state.out = joinBytes(state.out)
  return state
}

/** Gives every failure a place and a type. Only limits get here without one. */
function asTemplateError(state: State, error: unknown): TemplateError {
  if (error instanceof TemplateError && error.templateName !== '') return error
  const isLimit = error instanceof RangeError || (error instanceof TemplateError && error.phase === 'limit')
  return execError(state, messageOf(error), { phase: isLimit ? 'limit' : 'exec', cause: error })
}

/** JavaScript's RangeError means that the stack is exhausted, or a text too long for it. */
function messageOf(error: unknown): string {
  if (error instanceof RangeError) return `too deeply nested or too long: ${error.message}`
  return error instanceof Error ? error.message : String(error)
}
