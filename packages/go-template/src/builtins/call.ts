import { goTypeName, parameterTypeName } from '../format/type-name.ts'
import { fits, nilOf } from '../parameter-types.ts'
import { type GoFunction, type GoInteger, goInteger, goKind, type ParameterType, type Value } from '../value.ts'

/** The builtin `call`: `name` is how the template spelled the function, for errors. */
export function callFunction(name: string, callee: Value, args: readonly Value[]): Value {
  if (callee === undefined || callee === null) throw new Error('call of nil')
  if (typeof callee !== 'object' || !(goKind in callee) || callee[goKind] !== 'function') {
    throw new Error(`non-function ${name} of type ${goTypeName(callee)}`)
  }
  const fn = callee as GoFunction
  const fixed = fn.parameters.length
  if (fn.variadic !== undefined && args.length < fixed) {
    throw new Error(`wrong number of args for ${name}: got ${args.length} want at least ${fixed}`)
  }
  if (fn.variadic === undefined && args.length !== fixed) {
    throw new Error(`wrong number of args for ${name}: got ${args.length} want ${fixed}`)
  }
  return fn.call(
    args.map((arg, i) => {
      const prepared = prepareArgument(arg, fn.parameters[i] ?? fn.variadic ?? 'any')
      if (typeof prepared === 'object') return prepared.value
      throw new Error(`arg ${i}: ${prepared}`)
    }),
  )
}

/** Converts between integer types, which a direct call would refuse; a text says why it does not fit. */
export function prepareArgument(value: Value, type: ParameterType): { value: Value } | string {
  const expected = parameterTypeName(type)
  if (value === undefined || value === null) {
    const nil = nilOf(type)
    return nil === undefined ? `value is nil; should be of type ${expected}` : { value: nil }
  }
  if (fits(value, type)) return { value }
  const integer = integerOf(value)
  if (integer !== undefined && type === 'int') return { value: BigInt.asIntN(64, integer) }
  if (integer !== undefined && type === 'int64') return { value: goInteger('int64', BigInt.asIntN(64, integer)) }
  return `value has type ${goTypeName(value)}; should be ${expected}`
}

/** The value of an integer of any type. */
export function integerOf(value: Value): bigint | undefined {
  if (typeof value === 'bigint') return value
  if (typeof value !== 'object' || value === null || !(goKind in value) || value[goKind] !== 'integer') return undefined
  return (value as GoInteger).value
}
