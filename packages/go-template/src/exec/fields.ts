import { goQuote } from '../format/quote.ts'
import { goTypeName } from '../format/type-name.ts'
import { type GoMap, goKind, isHostObject, type PlainMap, sliceTypeOf, type Value } from '../value.ts'
import { type CallSite, callMethod } from './calls.ts'
import { execError, type State } from './state.ts'

type Host = Extract<Value, { readonly [goKind]: string }>

/** One property read tells plain maps from host objects, which is cheaper than asking whether there is one. */
function kindOf(value: Host | PlainMap): Host[typeof goKind] | undefined {
  return (value as Partial<Host>)[goKind]
}

/** A step of `.a.b`. */
export interface FieldStep {
  readonly name: string
  /** Where it is called, if it is a method. */
  readonly site: CallSite
  /** For the first step: whether its receiver is of interface type. Later ones are told by where they come from. */
  readonly isBoxed: ((state: State) => boolean) | undefined
}

/** Whether elements of a container are of interface type. */
export function hasBoxedElements(container: Value): boolean {
  if (Array.isArray(container)) return sliceTypeOf(container).element === 'interface {}'
  if (!isHostObject(container)) return typeof container === 'object' && container !== null
  return container[goKind] === 'map' && (container.zero === null || container.zero === undefined)
}

/** The field or method `step.name` of any value; `container` is what the value was read from by the step before. */
export function readField(
  state: State,
  step: FieldStep,
  value: Value,
  container: Value,
  dot: Value,
  final: Value,
): Value {
  if (value === undefined) {
    if (state.program.missingKey !== 'error') return undefined
    throw execError(state, `nil data; no entry for key ${goQuote(step.name)}`)
  }
  if (value === null) throw execError(state, `nil pointer evaluating interface {}.${step.name}`)
  if (typeof value !== 'object' || Array.isArray(value)) throw noField(state, step, value, container)
  const host = value as Host | PlainMap
  switch (kindOf(host)) {
    case undefined:
      return readPlainMap(state, step, host as PlainMap)
    case 'map':
      return readTypedMap(state, step, host as GoMap)
    default:
      return readMember(state, step, host as Member, container, dot, final)
  }
}

function noField(state: State, step: FieldStep, value: Value, container: Value): Error {
  return execError(state, `can't evaluate field ${step.name} in type ${visibleType(state, step, value, container)}`)
}

/** The type that Go's reflection sees: of what comes out of an untyped map or list, only that it is anything. */
function visibleType(state: State, step: FieldStep, value: Value, container: Value): string {
  const isBoxed = step.isBoxed === undefined ? hasBoxedElements(container) : step.isBoxed(state)
  return isBoxed ? 'interface {}' : goTypeName(value)
}

function refuseArguments(state: State, step: FieldStep, complaint: string): void {
  if (step.site.args.length > 0 || step.site.hasFinal) throw execError(state, `${step.name} ${complaint}`)
}

/** What may have methods. */
type Member = Exclude<Host, GoMap>

function readMember(state: State, step: FieldStep, value: Member, container: Value, dot: Value, final: Value): Value {
  const kind = value[goKind]
  const method = kind === 'function' ? undefined : value.method?.(step.name)
  if (method !== undefined) return callMethod(state, dot, method, step.name, step.site, final)
  if (kind === 'nil-pointer' && value.hasField?.(step.name) !== false) {
    throw execError(state, `nil pointer evaluating ${visibleType(state, step, value, container)}.${step.name}`)
  }
  if (kind !== 'struct' || !value.hasField(step.name)) throw noField(state, step, value, container)
  refuseArguments(state, step, 'has arguments but cannot be invoked as function')
  return value.field(step.name)
}

function readPlainMap(state: State, step: FieldStep, map: PlainMap): Value {
  refuseArguments(state, step, 'is not a method but has arguments')
  return Object.hasOwn(map, step.name) ? map[step.name] : missingKey(state, step.name, null)
}

function readTypedMap(state: State, step: FieldStep, map: GoMap): Value {
  refuseArguments(state, step, 'is not a method but has arguments')
  return map.has(step.name) ? map.get(step.name) : missingKey(state, step.name, map.zero)
}

/** What the `missingkey` option makes of a key that is not there. */
function missingKey(state: State, key: string, zero: Value): Value {
  switch (state.program.missingKey) {
    case 'zero':
      return zero
    case 'error':
      throw execError(state, `map has no entry for key ${goQuote(key)}`)
    default:
      return undefined
  }
}
