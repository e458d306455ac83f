/** Kubernetes' own scalar types as templates see them: they print as text and answer to their Go methods. */

import { type GoFunction, type GoStruct, goFunction, goInteger, goKind, type Value } from '@proa/go-template'

interface ScalarShape {
  readonly typeName: string
  readonly text: string
  readonly json: Value
  readonly fields?: Readonly<Record<string, Value>>
  readonly methods?: Readonly<Record<string, GoFunction>>
}

function scalarView(shape: ScalarShape, pointer: boolean): GoStruct {
  const fields = shape.fields ?? {}
  const methods: Readonly<Record<string, GoFunction>> = { String: goFunction([], () => shape.text), ...shape.methods }
  return {
    [goKind]: 'struct',
    typeName: shape.typeName,
    pointer,
    fieldNames: () => Object.keys(fields),
    hasField: (name) => Object.hasOwn(fields, name),
    field: (name) => (Object.hasOwn(fields, name) ? fields[name] : undefined),
    method: (name) => (Object.hasOwn(methods, name) ? methods[name] : undefined),
    string: () => shape.text,
    json: () => shape.json,
  }
}

/** `resource.Quantity` */
export function quantityView(text: string, pointer: boolean): GoStruct {
  return scalarView({ typeName: 'resource.Quantity', text, json: text }, pointer)
}

/** `intstr.IntOrString`: a port by number or by name. */
export function intOrStringView(value: number | string, pointer: boolean): GoStruct {
  const isNumber = typeof value === 'number'
  const fields = {
    Type: goInteger('int64', isNumber ? 0 : 1),
    IntVal: goInteger('int32', isNumber ? Math.trunc(value) : 0),
    StrVal: isNumber ? '' : value,
  }
  const number = isNumber ? Math.trunc(value) : /^[+-]?\d{1,18}$/.test(value) ? Number(value) : 0
  const methods = { IntValue: goFunction([], () => BigInt(number)) }
  return scalarView({ typeName: 'intstr.IntOrString', text: String(value), json: value, fields, methods }, pointer)
}

/** `v1.Time`, RFC 3339 */
export function timeView(text: string, pointer: boolean): GoStruct {
  const methods = { IsZero: goFunction([], () => text === '') }
  return scalarView({ typeName: 'v1.Time', text, json: text === '' ? null : text, methods }, pointer)
}
