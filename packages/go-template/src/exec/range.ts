import { formatValue } from '../format/sprint.ts'
import type { RangeNode, StatementNode } from '../parse/nodes.ts'
import { byCodePoint, type GoInteger, type GoMap, goInteger, goKind, type PlainMap, type Value } from '../value.ts'
import { compilePipe } from './expressions.ts'
import { hasBoxedElements } from './fields.ts'
import { findSlot, forget, newSlot, type Scope, type SlotFinder } from './scope.ts'
import { execError, type State, type Statement, spend } from './state.ts'

/** One round of a loop; false says that the loop is over. */
type Round = (state: State, key: Value, element: Value, boxed: boolean) => boolean

type CompileList = (nodes: readonly StatementNode[], scope: Scope) => Statement

/** `range` over lists, maps in key order, and integers; over nothing at all the `else` part runs. */
export function compileRange(node: RangeNode, scope: Scope, compileList: CompileList): Statement {
  const { variables, dotFlag } = scope
  const visible = variables.length
  // A loop takes about twice the stack of a condition.
  scope.nesting += 2
  const evaluate = compilePipe(node.pipe, scope)
  const targets = node.pipe.variables.map((variable) => findSlot(scope, variable.names[0] as string))
  const inBody = variables.length
  const flag = newSlot(scope)
  scope.dotFlag = flag
  const body = compileList(node.body, scope)
  forget(scope, inBody)
  scope.dotFlag = dotFlag
  const otherwise = compileList(node.otherwise, scope)
  scope.nesting -= 2
  forget(scope, visible)

  const round = compileRound(targets, flag, body)
  return (state, dot) => {
    if (iterate(state, evaluate(state, dot, undefined), targets.length, round)) return 0
    // A break in the else part ends this loop, not the one around it: so does Go.
    const signal = otherwise(state, dot)
    return signal === 1 ? 0 : signal
  }
}

function compileRound(targets: readonly SlotFinder[], flag: number, body: Statement): Round {
  const [first, second] = targets
  return (state, key, element, boxed) => {
    spend(state, 1)
    if (first !== undefined) {
      // One variable takes the element; of two, the first takes the key.
      const slot = (second ?? first)(state)
      state.values[slot] = element
      state.boxed[slot] = boxed
      if (second !== undefined) {
        const keySlot = first(state)
        state.values[keySlot] = key
        state.boxed[keySlot] = false
      }
    }
    state.boxed[flag] = boxed
    return body(state, element) !== 1
  }
}

/** Runs the rounds; false if there were none. */
function iterate(state: State, value: Value, variables: number, round: Round): boolean {
  if (value === undefined || value === null) return false
  if (Array.isArray(value)) return overList(state, value, round)
  if (typeof value === 'bigint') return overInteger(state, value, value, variables, round)
  if (typeof value !== 'object') throw cannotIterate(state, value)
  if (!(goKind in value)) return overMap(state, value as PlainMap, round)
  switch (value[goKind]) {
    case 'map':
      return overTypedMap(state, value as GoMap, round)
    case 'integer':
      return overInteger(state, value as GoInteger, (value as GoInteger).value, variables, round)
    default:
      throw cannotIterate(state, value)
  }
}

function cannotIterate(state: State, value: Value): Error {
  return execError(state, `range can't iterate over ${formatValue(value)}`)
}

function overList(state: State, list: readonly Value[], round: Round): boolean {
  const isAny = hasBoxedElements(list)
  for (let i = 0; i < list.length; i++) {
    const element = list[i] ?? null
    if (!round(state, BigInt(i), element, isAny)) break
  }
  return list.length > 0
}

function overMap(state: State, map: PlainMap, round: Round): boolean {
  const keys = Object.keys(map)
  spend(state, keys.length)
  keys.sort(byCodePoint)
  for (const key of keys) if (!round(state, key, map[key] ?? null, true)) break
  return keys.length > 0
}

function overTypedMap(state: State, map: GoMap, round: Round): boolean {
  const keys = map.keys()
  const isAny = hasBoxedElements(map)
  for (const key of keys) if (!round(state, key, map.get(key), isAny)) break
  return keys.length > 0
}

/** Counts from 0 in the integer's own type. */
function overInteger(state: State, limit: bigint | GoInteger, end: bigint, variables: number, round: Round): boolean {
  if (variables > 1) throw execError(state, `can't use ${formatValue(limit)} to iterate over more than one variable`)
  for (let i = 0n; i < end; i++) {
    const element = typeof limit === 'bigint' ? i : sameType(limit, i)
    if (!round(state, undefined, element, false)) break
  }
  return end > 0n
}

function sameType(like: GoInteger, value: bigint): GoInteger {
  const integer = goInteger(like.type, value)
  return like.typeName === undefined ? integer : { ...integer, typeName: like.typeName }
}
