import { goTypeName, parameterTypeName } from '../format/type-name.ts'
import { fits, nilOf } from '../parameter-types.ts'
import { nodeText } from '../parse/node-text.ts'
import type { BoolNode, NumberNode, StringNode } from '../parse/nodes.ts'
import { goInteger, goKind, isHostObject, type ParameterType, type Value } from '../value.ts'
import { execError, type State } from './state.ts'

/** A parameter's type; `value` is that of the builtins which look at anything, even at no value. */
export type ArgumentType = ParameterType | 'value'

function typeName(type: ArgumentType): string {
  return type === 'value' ? 'reflect.Value' : parameterTypeName(type)
}

/** A parameter of a struct type also takes a pointer to such a struct. */
function isPointerTo(value: Value, type: ParameterType): boolean {
  return isHostObject(value) && value[goKind] === 'struct' && value.pointer && value.typeName === type
}

/** Passes a value to a parameter as Go's reflection would, or fails in its words. */
export function passValue(state: State, value: Value, type: ArgumentType): Value {
  switch (type) {
    case 'value':
      return value
    case 'any':
      return value === undefined ? null : value
    default:
      return fits(value, type) || isPointerTo(value, type) ? value : misfit(state, value, type)
  }
}

/** No value becomes the nil of a type that has one; anything else that does not fit is an error. */
function misfit(state: State, value: Value, type: ParameterType): Value {
  if (value !== undefined) {
    if (isHostObject(value) && value[goKind] === 'nil-pointer' && value.typeName === type) {
      throw execError(state, `dereference of nil pointer of type ${type}`)
    }
    const got = value === null ? 'interface {}' : goTypeName(value)
    throw execError(state, `wrong type for value; expected ${typeName(type)}; got ${got}`)
  }
  const nil = nilOf(type)
  if (nil === undefined) throw execError(state, `invalid value; expected ${typeName(type)}`)
  return nil
}

/** The literal `nil` as an argument. */
export function passNil(state: State, type: ArgumentType): Value {
  if (type === 'value') return undefined
  const nil = nilOf(type)
  if (nil === undefined) throw execError(state, `cannot assign nil to ${typeName(type)}`)
  return nil
}

/** A literal takes the type of the parameter, if it can. */
export function passLiteral(state: State, node: BoolNode | NumberNode | StringNode, type: ArgumentType): Value {
  switch (type) {
    case 'any':
    case 'value':
      return literalValue(state, node)
    case 'string':
      if (node.kind === 'string') return node.text
      throw execError(state, `expected string; found ${nodeText(node)}`)
    case 'bool':
      if (node.kind === 'bool') return node.value
      throw execError(state, `expected bool; found ${nodeText(node)}`)
    case 'int':
    case 'int64':
      if (node.kind !== 'number' || node.int === undefined) {
        throw execError(state, `expected integer; found ${nodeText(node)}`)
      }
      return type === 'int' ? node.int : goInteger('int64', node.int)
    case 'float64':
      if (node.kind === 'number' && node.float !== undefined) return node.float
      throw execError(state, `expected float; found ${nodeText(node)}`)
    default:
      throw execError(state, `can't handle ${nodeText(node)} for arg of type ${typeName(type)}`)
  }
}

/** The value of a literal where nothing asks for a type: integers are int, with a point or exponent float64. */
export function literalValue(state: State, node: BoolNode | NumberNode | StringNode): Value {
  if (node.kind === 'bool') return node.value
  if (node.kind === 'string') return node.text
  if (node.float !== undefined && isFloatLiteral(node.text)) return node.float
  if (node.int === undefined) throw execError(state, `${node.text} overflows int`)
  return node.int
}

function isFloatLiteral(text: string): boolean {
  if (text.startsWith("'")) return false
  // An e in 0x1e is a digit.
  return /^0[xX]/.test(text) && !/[pP]/.test(text) ? false : /[.eEpP]/.test(text)
}
