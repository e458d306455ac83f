import { builtinFunctions, isReflective } from '../builtins/index.ts'
import { nodeText } from '../parse/node-text.ts'
import type {
  ChainNode,
  CommandNode,
  ErrorNode,
  ExpressionNode,
  FieldNode,
  IdentifierNode,
  PipeNode,
  VariableNode,
} from '../parse/nodes.ts'
import { goKind, type PlainMap, type Value } from '../value.ts'
import { type Argument, argumentTypes, arityProblem, type CallSite, collect, invoke } from './calls.ts'
import { type FieldStep, readField } from './fields.ts'
import { literalValue, passLiteral, passNil, passValue } from './parameters.ts'
import { declare, findSlot, type Scope } from './scope.ts'
import { compileCall, compileShortCircuit } from './special-calls.ts'
import { type Evaluate, execError, type State } from './state.ts'

/** A pipeline; its value, never nil but no value instead, is also stored in the variables it declares or assigns. */
export function compilePipe(pipe: PipeNode, scope: Scope): Evaluate {
  const stages = pipe.commands.map((command, i) => compileCommand(command, i > 0, scope))
  const first = stages[0] as Evaluate
  const value: Evaluate =
    stages.length === 1
      ? (state, dot) => {
          state.node = pipe
          return first(state, dot, undefined) ?? undefined
        }
      : (state, dot) => {
          state.node = pipe
          let result: Value
          for (const stage of stages) result = stage(state, dot, result) ?? undefined
          return result
        }
  return pipe.variables.length === 0 ? value : storing(pipe, value, scope)
}

function storing(pipe: PipeNode, value: Evaluate, scope: Scope): Evaluate {
  const finders = pipe.variables.map((node) => {
    const name = node.names[0] as string
    if (pipe.isAssignment) return findSlot(scope, name)
    const { slot } = declare(scope, name)
    return () => slot
  })
  return (state, dot) => {
    const result = value(state, dot, undefined)
    for (const find of finders) {
      const slot = find(state)
      state.values[slot] = result
      state.boxed[slot] = false
    }
    return result
  }
}

function compileCommand(command: CommandNode, hasFinal: boolean, scope: Scope): Evaluate {
  const [word, ...rest] = command.args as [ExpressionNode, ...ExpressionNode[]]
  const hasArguments = hasFinal || rest.length > 0
  switch (word.kind) {
    case 'field':
      return compileField(word, { node: word, args: compileArguments(rest, scope), hasFinal }, scope)
    case 'chain':
      return compileChain(word, { node: word, args: compileArguments(rest, scope), hasFinal }, scope)
    case 'identifier':
      return compileFunction(word, { node: command, args: [], hasFinal }, rest, scope)
    case 'variable':
      if (word.names.length > 1 || !hasArguments) {
        return compileVariable(word, { node: word, args: compileArguments(rest, scope), hasFinal }, scope)
      }
      break
    case 'pipe':
      if (!hasArguments) return compileParentheses(word, scope)
      break
  }
  if (hasArguments) return notAFunction(word)
  return compileConstant(word)
}

/** Go finds this out only when the command runs. */
function notAFunction(word: ExpressionNode): Evaluate {
  return (state) => {
    // A parenthesis is not yet entered, so that the error names the pipeline around it.
    if (word.kind !== 'pipe') state.node = word
    throw execError(state, `can't give argument to non-function ${nodeText(word)}`)
  }
}

function compileConstant(word: ExpressionNode): Evaluate {
  switch (word.kind) {
    case 'dot':
      return (state, dot) => {
        state.node = word
        return dot
      }
    case 'nil':
      return (state) => {
        state.node = word
        throw execError(state, 'nil is not a command')
      }
    case 'bool':
    case 'number':
    case 'string':
      return (state) => {
        state.node = word
        return literalValue(state, word)
      }
    default:
      throw new Error(`no constant: ${word.kind}`)
  }
}

/** Parentheses nest, which takes stack, so template calls inside are charged for it. */
function compileParentheses(pipe: PipeNode, scope: Scope): Evaluate {
  scope.nesting += 3
  const inner = compilePipe(pipe, scope)
  scope.nesting -= 3
  return inner
}

const bareArguments: readonly Argument[] = []

function bareSite(node: ErrorNode): CallSite {
  return { node, args: bareArguments, hasFinal: false }
}

function compileField(node: FieldNode, site: CallSite, scope: Scope): Evaluate {
  const { dotFlag } = scope
  const steps = compileSteps(node, node.names, site, (state) => dotFlag >= 0 && state.boxed[dotFlag] === true)
  return (state, dot, final) => {
    state.node = node
    return steps(state, dot, dot, final)
  }
}

function compileVariable(node: VariableNode, site: CallSite, scope: Scope): Evaluate {
  const find = findSlot(scope, node.names[0] as string)
  if (node.names.length === 1) {
    return (state) => {
      state.node = node
      return state.values[find(state)]
    }
  }
  const steps = compileSteps(node, node.names.slice(1), site, (state) => state.boxed[find(state)] === true)
  return (state, dot, final) => {
    state.node = node
    return steps(state, dot, state.values[find(state)], final)
  }
}

function compileChain(node: ChainNode, site: CallSite, scope: Scope): Evaluate {
  const receiver = compileArgument(node.node, scope)
  const steps = compileSteps(node, node.fields, site, () => false)
  return (state, dot, final) => {
    state.node = node
    return steps(state, dot, receiver(state, dot, 'value'), final)
  }
}

type Steps = (state: State, dot: Value, receiver: Value, final: Value) => Value

/** Field by field; only the last one may be a method with arguments. */
function compileSteps(
  node: ErrorNode,
  names: readonly string[],
  site: CallSite,
  isReceiverBoxed: (state: State) => boolean,
): Steps {
  const bare = bareSite(node)
  const last = names.length - 1
  const isCall = site.hasFinal || site.args.length > 0
  const steps: readonly FieldStep[] = names.map((name, i) => ({
    name,
    site: i === last ? site : bare,
    isBoxed: i === 0 ? isReceiverBoxed : undefined,
  }))
  // All but the last step of a call are plain reads.
  const plainSteps = isCall ? last : last + 1
  return (state, dot, receiver, final) => {
    let value = receiver
    let container: Value
    for (let i = 0; i < plainSteps; i++) {
      const step = steps[i] as FieldStep
      const from = value
      value = isOwnKey(from, step.name)
        ? (from as PlainMap)[step.name]
        : readField(state, step, from, container, dot, undefined)
      container = from
    }
    return isCall ? readField(state, steps[last] as FieldStep, value, container, dot, final) : value
  }
}

/** The common case, kept short: a plain map that has the key. */
function isOwnKey(value: Value, name: string): boolean {
  return (
    typeof value === 'object' &&
    value !== null &&
    Object.hasOwn(value, name) &&
    (value as { [goKind]?: unknown })[goKind] === undefined &&
    !Array.isArray(value)
  )
}

function compileFunction(
  word: IdentifierNode,
  site: CallSite,
  operands: readonly ExpressionNode[],
  scope: Scope,
): Evaluate {
  const { name } = word
  const fn = scope.functions(name)
  if (fn === undefined) {
    return (state) => {
      state.node = word
      throw execError(state, `"${name}" is not a defined function`)
    }
  }
  if (!fn.pure) scope.pure = false
  if (fn === builtinFunctions.and || fn === builtinFunctions.or) {
    return compileShortCircuit(
      word,
      fn,
      site,
      scope,
      (i) => compileArgument(operands[i] as ExpressionNode, scope),
      operands.length,
    )
  }
  const full: CallSite = { ...site, args: compileArguments(operands, scope) }
  const problem = arityProblem(fn, name, full)
  if (problem !== undefined) {
    return (state) => {
      state.node = word
      throw execError(state, problem)
    }
  }
  const types = argumentTypes(fn, full.args.length + (full.hasFinal ? 1 : 0), isReflective(fn))
  const { onCall } = scope
  if (onCall !== undefined) {
    return (state, dot, final) => {
      state.node = word
      const args = collect(state, dot, full, types, final)
      onCall(name, args)
      return invoke(state, fn, name, full.node, args)
    }
  }
  if (fn === builtinFunctions.call) return compileCall(word, fn, full, operands[0])
  return (state, dot, final) => {
    state.node = word
    return invoke(state, fn, name, full.node, collect(state, dot, full, types, final))
  }
}

function compileArguments(nodes: readonly ExpressionNode[], scope: Scope): readonly Argument[] {
  return nodes.map((node) => compileArgument(node, scope))
}

/** An operand in argument position: it is not called with anything, and takes the type of the parameter. */
function compileArgument(node: ExpressionNode, scope: Scope): Argument {
  switch (node.kind) {
    case 'nil':
      return (state, _dot, type) => {
        state.node = node
        return passNil(state, type)
      }
    case 'bool':
    case 'number':
    case 'string':
      return (state, _dot, type) => {
        state.node = node
        return passLiteral(state, node, type)
      }
    case 'dot':
      return (state, dot, type) => {
        state.node = node
        return passValue(state, dot, type)
      }
    default: {
      const evaluate = compileOperand(node, scope)
      return (state, dot, type) => passValue(state, evaluate(state, dot, undefined), type)
    }
  }
}

function compileOperand(
  node: FieldNode | VariableNode | PipeNode | IdentifierNode | ChainNode,
  scope: Scope,
): Evaluate {
  switch (node.kind) {
    case 'field':
      return compileField(node, bareSite(node), scope)
    case 'variable':
      return compileVariable(node, bareSite(node), scope)
    case 'chain':
      return compileChain(node, bareSite(node), scope)
    case 'identifier':
      return compileFunction(node, bareSite(node), [], scope)
    case 'pipe':
      return compileParentheses(node, scope)
  }
}
