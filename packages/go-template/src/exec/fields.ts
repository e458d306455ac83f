import { goQuote } from '../format/quote.ts'
import { goTypeName } from '../format/type-name.ts'
import { type GoMap, type GoStruct, goKind, isHostObject, type PlainMap, sliceTypeOf, type Value } from '../value.ts'
import { type CallSite, callMethod } from './calls.ts'
import { execError, type State } from './state.ts'

/** A step of `.a.b`, with what it needs for errors and for methods. */
export interface FieldStep {
  readonly name: string
  /** Whether Go would see the receiver as an interface; its own type is hidden from error texts then. */
  readonly boxed: boolean
  readonly site: CallSite
  readonly final: Value
}

/** An ordinary map's own value. Only call it for plain maps. */
export function ownValue(map: PlainMap, key: string): Value {
  return Object.hasOwn(map, key) ? map[key] : undefined
}

/** Whether elements of a container are of interface type. */
export function hasBoxedElements(container: Value): boolean {
  if (Array.isArray(container)) return sliceTypeOf(container).element === 'interface {}'
  if (!isHostObject(container)) return typeof container === 'object' && container !== null
  return container[goKind] === 'map' && (container.zero === null || container.zero === undefined)
}

/** The field or method `step.name` of any value. */
export function readField(state: State, dot: Value, receiver: Value, step: FieldStep): Value {
  if (receiver === undefined) {
    if (state.program.missingKey !== 'error') return undefined
    throw execError(state, `nil data; no entry for key ${goQuote(step.name)}`)
  }
  if (receiver === null) throw execError(state, `nil pointer evaluating interface {}.${step.name}`)
  if (typeof receiver !== 'object' || Array.isArray(receiver)) throw noField(state, receiver, step)
  if (!(goKind in receiver)) {
    refuseArguments(state, step, 'is not a method but has arguments')
    const map = receiver as PlainMap
    return Object.hasOwn(map, step.name) ? map[step.name] : missingKey(state, step.name, null)
  }
  switch (receiver[goKind]) {
    case 'struct':
      return readStruct(state, dot, receiver as GoStruct, step)
    case 'map':
      refuseArguments(state, step, 'is not a method but has arguments')
      return readTypedMap(state, receiver as GoMap, step.name)
    case 'nil-pointer': {
      const method = receiver.method?.(step.name)
      if (method !== undefined) return callMethod(state, dot, method, step.name, step.site, step.final)
      if (receiver.hasField?.(step.name) === false) throw noField(state, receiver, step)
      throw execError(state, `nil pointer evaluating ${visibleType(receiver, step)}.${step.name}`)
    }
    case 'integer': {
      const method = receiver.method?.(step.name)
      if (method !== undefined) return callMethod(state, dot, method, step.name, step.site, step.final)
      throw noField(state, receiver, step)
    }
    default:
      throw noField(state, receiver, step)
  }
}

function noField(state: State, receiver: Value, step: FieldStep): Error {
  return execError(state, `can't evaluate field ${step.name} in type ${visibleType(receiver, step)}`)
}

function visibleType(receiver: Value, step: FieldStep): string {
  return step.boxed ? 'interface {}' : goTypeName(receiver)
}

function refuseArguments(state: State, step: FieldStep, complaint: string): void {
  if (step.site.args.length > 0 || step.site.hasFinal) throw execError(state, `${step.name} ${complaint}`)
}

function readStruct(state: State, dot: Value, struct: GoStruct, step: FieldStep): Value {
  const method = struct.method?.(step.name)
  if (method !== undefined) return callMethod(state, dot, method, step.name, step.site, step.final)
  if (!struct.hasField(step.name)) throw noField(state, struct, step)
  refuseArguments(state, step, 'has arguments but cannot be invoked as function')
  return struct.field(step.name)
}

function readTypedMap(state: State, map: GoMap, key: string): Value {
  return map.has(key) ? map.get(key) : missingKey(state, key, map.zero)
}

/** What the `missingkey` option makes of a key that is not there. */
export function missingKey(state: State, key: string, zero: Value): Value {
  switch (state.program.missingKey) {
    case 'zero':
      return zero
    case 'error':
      throw execError(state, `map has no entry for key ${goQuote(key)}`)
    default:
      return undefined
  }
}
