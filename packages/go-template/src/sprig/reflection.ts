/** sprig's type tests. */
import { goTypeName } from '../format/type-name.ts'
import { type FunctionMap, goFunction, type Value } from '../value.ts'
import { deepEqual } from './equality.ts'
import { kindOf } from './kinds.ts'

export const reflectionFunctions: FunctionMap = {
  typeOf: goFunction(['any'], goTypeName),
  typeIs: goFunction(['string', 'any'], (type: string, value: Value) => type === goTypeName(value)),
  typeIsLike: goFunction(['string', 'any'], (type: string, value: Value) =>
    [type, `*${type}`].includes(goTypeName(value)),
  ),
  kindOf: goFunction(['any'], kindOf),
  kindIs: goFunction(['string', 'any'], (kind: string, value: Value) => kind === kindOf(value)),
  deepEqual: goFunction(['any', 'any'], (a: Value, b: Value) => deepEqual(a, b)),
}
