import type { FunctionMap, GoFunction, Value } from '../value.ts'
import { execError, type State } from './state.ts'

/** What is known while one template is compiled. */
export interface Scope {
  readonly functions: (name: string) => GoFunction | undefined
  /** Variables in sight, innermost last; and the same by name. */
  readonly variables: Variable[]
  readonly byName: Map<string, Variable[]>
  /** Number of slots handed out. */
  slots: number
  /** Slot whose flag says whether dot is of interface type, -1 where it never is. */
  dotFlag: number
  /** Above 0 inside operands that `and` and `or` may skip. */
  optional: number
  /** Blocks and parentheses around: what a template call here adds to the depth of the stack. */
  nesting: number
  /** False once a function was seen whose result may differ between calls. */
  pure: boolean
  /** Told of each call of a function, before it. */
  readonly onCall: OnCall | undefined
}

/** @param args as the function gets them */
export type OnCall = (name: string, args: readonly Value[]) => void

export interface Variable {
  readonly name: string
  readonly slot: number
  /** Declared where it may have been skipped at run time; then an outer variable of that name is meant. */
  readonly optional: boolean
}

/** Content of an optional variable's slot while its declaration has not run. */
export const notDeclared: Value = Object.freeze(Object.create(null)) as Value

export function newScope(functions: (name: string) => GoFunction | undefined, onCall?: OnCall): Scope {
  const root = { name: '$', slot: 0, optional: false }
  return {
    functions,
    variables: [root],
    byName: new Map([['$', [root]]]),
    slots: 1,
    dotFlag: -1,
    optional: 0,
    nesting: 0,
    pure: true,
    onCall,
  }
}

/** The functions of a map and, behind them, others. */
export function functionLookup(first: FunctionMap, second: FunctionMap): (name: string) => GoFunction | undefined {
  return (name) => (Object.hasOwn(first, name) ? first[name] : Object.hasOwn(second, name) ? second[name] : undefined)
}

/** A slot that no variable has yet. */
export function newSlot(scope: Scope): number {
  return scope.slots++
}

export function declare(scope: Scope, name: string): Variable {
  const variable = { name, slot: newSlot(scope), optional: scope.optional > 0 }
  scope.variables.push(variable)
  const same = scope.byName.get(name)
  if (same === undefined) scope.byName.set(name, [variable])
  else same.push(variable)
  return variable
}

/** Takes the innermost variables out of sight until so many are left. */
export function forget(scope: Scope, count: number): void {
  while (scope.variables.length > count) {
    const variable = scope.variables.pop() as Variable
    scope.byName.get(variable.name)?.pop()
  }
}

/** Finds the slot of a variable at run time; it fails as Go does if the declaration was never reached. */
export type SlotFinder = (state: State) => number

export function findSlot(scope: Scope, name: string): SlotFinder {
  const candidates: number[] = []
  const same = scope.byName.get(name) ?? []
  for (let i = same.length - 1; i >= 0; i--) {
    const variable = same[i] as Variable
    candidates.push(variable.slot)
    if (variable.optional) continue
    const { slot } = variable
    return candidates.length === 1 ? () => slot : (state) => firstDeclared(state, candidates) ?? slot
  }
  return (state) => {
    const slot = firstDeclared(state, candidates)
    if (slot === undefined) throw execError(state, `undefined variable: ${name}`)
    return slot
  }
}

function firstDeclared(state: State, candidates: readonly number[]): number | undefined {
  return candidates.find((slot) => state.values[slot] !== notDeclared && slot < state.values.length)
}
