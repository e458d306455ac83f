import { TemplateError, type TemplateErrorDetails } from '../errors.ts'
import { byteLength } from '../format/bytes.ts'
import { goQuote } from '../format/quote.ts'
import type { Limits } from '../limits.ts'
import { nodeText } from '../parse/node-text.ts'
import type { ErrorNode } from '../parse/nodes.ts'
import type { Value } from '../value.ts'

/** What a key that a map lacks yields: no value, the zero value, or an error. */
export type MissingKey = 'default' | 'invalid' | 'zero' | 'error'

/** Where a piece of the output came from. */
export interface Origin {
  /** Offset of its first character in the output, in UTF-16 units. */
  readonly offset: number
  /** 1-based line of the template text that wrote it. */
  readonly line: number
  /** The template that was executing: the main one or one of its named ones. */
  readonly template: string
}

/** A compiled text, ready to run. */
export interface Program {
  readonly name: string
  readonly text: string
  readonly missingKey: MissingKey
  readonly limits: Limits
  readonly units: ReadonlyMap<string, Unit>
}

/** A compiled template of a program. */
export interface Unit {
  readonly name: string
  /** Number of variables; slot 0 is `$`. */
  readonly slots: number
  readonly run: Statement
}

/** The state of one execution. */
export interface State {
  readonly program: Program
  out: string
  /** Steps that are left. */
  steps: number
  /** The node that an error would name. Kept as Go keeps it, so that errors point where Go's do. */
  node: ErrorNode | undefined
  /** The template that runs, its variables, and for each variable whether it is of interface type. */
  template: string
  values: Value[]
  boxed: boolean[]
  /** Template calls around, weighted with the stack they take. */
  depth: number
  origins: Origin[] | undefined
}

/** Evaluates an expression; `final` is what a pipeline passes to its next stage. */
export type Evaluate = (state: State, dot: Value, final: Value) => Value

/** Runs a statement and says how to go on. */
export type Statement = (state: State, dot: Value) => Signal

/** 0: go on with the next statement. 1: leave the loop. 2: next round of the loop. */
export type Signal = 0 | 1 | 2

export function newState(program: Program, traced: boolean): State {
  return {
    program,
    out: '',
    steps: program.limits.steps,
    node: undefined,
    template: program.name,
    values: [],
    boxed: [],
    depth: 0,
    origins: traced ? [] : undefined,
  }
}

/** An error at the node being evaluated, in Go's words. */
export function execError(
  state: State,
  message: string,
  details: Partial<Pick<TemplateErrorDetails, 'phase' | 'cause'>> = {},
): TemplateError {
  const { program, node, template } = state
  const phase = details.phase ?? 'exec'
  const cause = 'cause' in details ? { cause: details.cause } : {}
  if (node === undefined) {
    return new TemplateError(`template: ${template}: ${message}`, { phase, templateName: template, ...cause })
  }
  const before = program.text.slice(0, node.at)
  const lineStart = before.lastIndexOf('\n') + 1
  const line = before.split('\n').length
  const column = byteLength(before.slice(lineStart))
  const expression = nodeText(node)
  const text = `template: ${program.name}:${line}:${column}: executing ${goQuote(template)} at <${expression}>: ${message}`
  return new TemplateError(text, { phase, templateName: template, line, column, expression, ...cause })
}

export function limitExceeded(state: State, message: string): TemplateError {
  return execError(state, message, { phase: 'limit' })
}

/** Takes steps off the account. */
export function spend(state: State, steps: number): void {
  state.steps -= steps
  if (state.steps < 0) throw limitExceeded(state, `more than ${state.program.limits.steps} steps`)
}

/** Appends to the output. */
export function emit(state: State, text: string): void {
  state.out += text
  const { outputLength } = state.program.limits
  if (state.out.length > outputLength) throw limitExceeded(state, `output is longer than ${outputLength} characters`)
}

/** Notes where the output that follows comes from; only called while origins are recorded. */
export function recordOrigin(state: State, origins: Origin[], offset: number, line: number): void {
  const last = origins.at(-1)
  if (last?.line === line && last.template === state.template) return
  const origin = { offset, line, template: state.template }
  // Nothing was written since the last one, so it names no output.
  if (last?.offset === offset) origins[origins.length - 1] = origin
  else origins.push(origin)
}
