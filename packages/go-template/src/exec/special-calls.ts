import { callFunction } from '../builtins/call.ts'
import { goTypeName } from '../format/type-name.ts'
import { nodeText } from '../parse/node-text.ts'
import type { ExpressionNode, IdentifierNode } from '../parse/nodes.ts'
import type { GoFunction, Value } from '../value.ts'
import { type Argument, arityProblem, type CallSite, collect, invoke } from './calls.ts'
import { notDeclared, type Scope } from './scope.ts'
import { type Evaluate, execError, spend } from './state.ts'
import { isTrue } from './work.ts'

/** `and` and `or`: operands behind the deciding one are not evaluated. */
export function compileShortCircuit(
  word: IdentifierNode,
  fn: GoFunction,
  site: CallSite,
  scope: Scope,
  compileOperand: (index: number) => Argument,
  count: number,
): Evaluate {
  const stopAt = word.name === 'or'
  const firstSlot = scope.slots
  const args: Argument[] = []
  for (let i = 0; i < count; i++) {
    if (i > 0) scope.optional++
    args.push(compileOperand(i))
    if (i > 0) scope.optional--
  }
  // Operands in parentheses may declare variables, which skipping leaves undeclared.
  const lastSlot = scope.slots
  const problem = arityProblem(fn, word.name, { ...site, args })
  return (state, dot, final) => {
    state.node = word
    if (problem !== undefined) throw execError(state, problem)
    for (let slot = firstSlot; slot < lastSlot; slot++) state.values[slot] = notDeclared
    spend(state, 1 + lastSlot - firstSlot)
    let value: Value
    for (const arg of args) {
      value = arg(state, dot, 'value')
      if (isTrue(state, value) === stopAt) return value
    }
    return site.hasFinal ? final : value
  }
}

/** A piped callee has no source text; Go falls back to what it holds or what type it has. */
function describe(callee: Value): string {
  if (typeof callee === 'string') return callee
  return `<${callee === undefined ? 'invalid' : goTypeName(callee)} Value>`
}

/** `call fn a b`; errors name the function by its source text. */
export function compileCall(
  word: IdentifierNode,
  fn: GoFunction,
  site: CallSite,
  callee: ExpressionNode | undefined,
): Evaluate {
  const types = Array.from({ length: site.args.length + 1 }, () => 'value' as const)
  return (state, dot, final) => {
    state.node = word
    const args = collect(state, dot, site, types, final)
    const name = callee === undefined ? describe(args[0]) : nodeText(callee)
    const named: GoFunction = { ...fn, call: ([target, ...rest]) => callFunction(name, target, rest) }
    return invoke(state, named, word.name, site.node, args)
  }
}
