import { goQuote } from '../format/quote.ts'
import { formatValue } from '../format/sprint.ts'
import { goTypeName } from '../format/type-name.ts'
import { nodeText } from '../parse/node-text.ts'
import type { ActionNode, ConditionNode, StatementNode, TemplateNode, TextNode } from '../parse/nodes.ts'
import { goKind, type Value } from '../value.ts'
import { compilePipe } from './expressions.ts'
import { compileRange } from './range.ts'
import { forget, type Scope } from './scope.ts'
import { emit, execError, limitExceeded, recordOrigin, type State, type Statement, spend, type Unit } from './state.ts'
import { isTrue, work } from './work.ts'

/** Finds a template of the same text, at run time: it may be defined further down. */
export type UnitFinder = (name: string) => Unit | undefined

export function compileList(nodes: readonly StatementNode[], scope: Scope, find: UnitFinder): Statement {
  const statements = nodes.map((node) => compileStatement(node, scope, find))
  const count = statements.length
  if (count === 0) return () => 0
  return (state, dot) => {
    spend(state, count)
    for (let i = 0; i < count; i++) {
      const signal = (statements[i] as Statement)(state, dot)
      if (signal !== 0) return signal
    }
    return 0
  }
}

function compileStatement(node: StatementNode, scope: Scope, find: UnitFinder): Statement {
  switch (node.kind) {
    case 'text':
      return compileText(node)
    case 'action':
      return compileAction(node, scope)
    case 'if':
    case 'with':
      return compileCondition(node, scope, find)
    case 'range':
      return compileRange(node, scope, (nodes, inner) => compileList(nodes, inner, find))
    case 'template':
      return compileTemplateCall(node, scope, find)
    case 'break':
      return () => 1
    case 'continue':
      return () => 2
  }
}

function compileText(node: TextNode): Statement {
  const { text, line } = node
  return (state) => {
    if (state.origins !== undefined) recordLines(state, text, line)
    emit(state, text)
    return 0
  }
}

function recordLines(state: State, text: string, firstLine: number): void {
  const { origins } = state
  if (origins === undefined) return
  let line = firstLine
  recordOrigin(state, origins, state.out.length, line)
  for (let i = text.indexOf('\n'); i >= 0 && i < text.length - 1; i = text.indexOf('\n', i + 1)) {
    recordOrigin(state, origins, state.out.length + i + 1, ++line)
  }
}

function compileAction(node: ActionNode, scope: Scope): Statement {
  const evaluate = compilePipe(node.pipe, scope)
  if (node.pipe.variables.length > 0) {
    return (state, dot) => {
      evaluate(state, dot, undefined)
      return 0
    }
  }
  return (state, dot) => {
    const value = evaluate(state, dot, undefined)
    if (state.origins !== undefined) recordOrigin(state, state.origins, state.out.length, node.line)
    state.node = node
    emit(state, typeof value === 'string' ? value : printed(state, value, node))
    return 0
  }
}

function printed(state: State, value: Value, node: ActionNode): string {
  if (typeof value === 'object' && value !== null && goKind in value && value[goKind] === 'function') {
    throw execError(state, `can't print ${nodeText(node)} of type ${goTypeName(value)}`)
  }
  const text = formatValue(value)
  spend(state, work(text))
  return text
}

/** `if` and `with` with all their branches; `with` makes the value dot. */
function compileCondition(node: ConditionNode, scope: Scope, find: UnitFinder): Statement {
  const { variables, dotFlag } = scope
  const visible = variables.length
  scope.nesting++
  const branches = node.branches.map(({ pipe, body }) => {
    const test = compilePipe(pipe, scope)
    if (node.kind === 'with') scope.dotFlag = -1
    const outer = variables.length
    const run = compileList(body, scope, find)
    forget(scope, outer)
    scope.dotFlag = dotFlag
    return { test, run }
  })
  const otherwise = compileList(node.otherwise, scope, find)
  scope.nesting--
  forget(scope, visible)
  const isWith = node.kind === 'with'
  return (state, dot) => {
    for (const { test, run } of branches) {
      const value = test(state, dot, undefined)
      if (isTrue(state, value)) return run(state, isWith ? value : dot)
    }
    return otherwise(state, dot)
  }
}

function compileTemplateCall(node: TemplateNode, scope: Scope, find: UnitFinder): Statement {
  const { name } = node
  const argument = node.pipe === undefined ? undefined : compilePipe(node.pipe, scope)
  const weight = scope.nesting + 1
  return (state, dot) => {
    state.node = node
    const unit = find(name)
    if (unit === undefined) throw execError(state, `template ${goQuote(name)} not defined`)
    const { callDepth } = state.program.limits
    if (state.depth + weight > callDepth) {
      throw limitExceeded(state, `exceeded maximum template depth (${callDepth})`)
    }
    const value = argument === undefined ? undefined : argument(state, dot, undefined)
    const { template, values, boxed } = state
    spend(state, unit.slots)
    enterUnit(state, unit, value)
    state.depth += weight
    unit.run(state, value)
    state.depth -= weight
    state.template = template
    state.values = values
    state.boxed = boxed
    return 0
  }
}

/** Gives a template its own variables, of which `$` is what it was called with. */
export function enterUnit(state: State, unit: Unit, value: Value): void {
  state.template = unit.name
  state.values = new Array<Value>(unit.slots)
  state.boxed = []
  state.values[0] = value
}
