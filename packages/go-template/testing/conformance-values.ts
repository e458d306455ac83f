import {
  type GoFunction,
  type GoInteger,
  type GoStruct,
  goFunction,
  goInteger,
  goKind,
  goSlice,
  goSprint,
  stringMap,
  type Value,
} from '../src/index.ts'

/*
 * The notation of conformance data (testdata/gen/data.go describes it) as values of the engine, with the same types
 * and functions as the Go program has.
 */

type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json }
type JsonMap = { readonly [key: string]: Json }

/** A JSON value with typed notation as the value it stands for. */
export function decodeValue(json: Json, functions: Readonly<Record<string, GoFunction>>): Value {
  if (Array.isArray(json)) return json.map((item) => decodeValue(item, functions))
  if (typeof json !== 'object' || json === null) return json as Value
  const keys = Object.keys(json)
  const [key] = keys
  if (keys.length === 1 && key?.startsWith('$')) return special(key, (json as JsonMap)[key] ?? null, functions)
  const out: Record<string, Value> = {}
  for (const name of keys) {
    const value = decodeValue((json as JsonMap)[name] ?? null, functions)
    Object.defineProperty(out, name, { value, enumerable: true, configurable: true, writable: true })
  }
  return out
}

const floats: Readonly<Record<string, number>> = { NaN: Number.NaN, Inf: Infinity, '-Inf': -Infinity }

function special(key: string, json: Json, functions: Readonly<Record<string, GoFunction>>): Value {
  switch (key) {
    case '$float':
      return floats[json as string] ?? Number(json)
    case '$negativeZero':
      return -0
    case '$stringMap':
      return stringMap(json as Record<string, string> | null)
    case '$strings':
      return goSlice('string', json as readonly string[] | null)
    case '$ints':
      return goSlice('int', (json as readonly string[]).map(BigInt))
    case '$bytes':
      return goSlice(
        'uint8',
        (json as readonly number[]).map((byte) => goInteger('uint8', byte)),
      )
    case '$pod':
      return pod(json as JsonMap, true, functions)
    case '$podValue':
      return pod(json as JsonMap, false, functions)
    case '$nilPod':
      return {
        [goKind]: 'nil-pointer',
        typeName: 'main.Pod',
        method: nilPodMethod,
        hasField: (name) => ['Name', 'Labels', 'Spec', 'Extra', 'Ports'].includes(name),
      }
    case '$level':
      return level((json as { Name: string }).Name)
    case '$mode':
      return mode(json as number)
    case '$func':
      return functions[json as string]
    case '$int':
      return BigInt(json as string)
    default:
      return goInteger(key.slice(1) as GoInteger['type'], BigInt(json as string))
  }
}

function struct(
  typeName: string,
  pointer: boolean,
  fields: Readonly<Record<string, Value>>,
  methods: Readonly<Record<string, GoFunction>> = {},
): GoStruct {
  return {
    [goKind]: 'struct',
    typeName,
    pointer,
    fieldNames: () => Object.keys(fields),
    hasField: (name) => name !== 'hidden' && Object.hasOwn(fields, name),
    field: (name) => fields[name],
    method: (name) => (Object.hasOwn(methods, name) ? methods[name] : undefined),
  }
}

function pod(json: JsonMap, pointer: boolean, functions: Readonly<Record<string, GoFunction>>): GoStruct {
  const name = (json.Name as string | undefined) ?? 'web'
  const labels = stringMap((json.Labels as Record<string, string> | undefined) ?? null)
  const fields: Record<string, Value> = {
    Name: name,
    Labels: labels,
    Spec: json.Replicas === undefined ? nilSpec : spec(json.Replicas as number),
    Extra: decodeValue(json.Extra ?? null, functions),
    Ports: ports((json.Ports as Record<string, number> | undefined) ?? {}),
    hidden: 'x',
  }
  const self = (): GoStruct => pod(json, false, functions)
  const methods: Record<string, GoFunction> = {
    Greet: goFunction(['string'], (greeting: string) => `${greeting} ${name}`),
    Fail: goFunction([], () => {
      throw new Error(`pod ${name} failed`)
    }),
    Hello: goFunction([], () => 'hello'),
    Nothing: goFunction([], () => null),
    Describe: goFunction(['string', 'any'], (prefix: string, value: Value) => `${prefix}=${goSprint([value])}`),
    Self: goFunction([], self),
  }
  if (pointer) {
    methods.Sum = goFunction([], (...numbers: bigint[]) => numbers.reduce((a, b) => a + b, 0n), { variadic: 'int' })
    methods.GetSpec = goFunction([], () => fields.Spec)
  }
  return struct('main.Pod', pointer, fields, methods)
}

function spec(replicas: number): GoStruct {
  const fields = { Replicas: BigInt(replicas), Args: goSlice('string', ['a', 'b']) }
  return struct('main.Spec', true, fields, { GetReplicas: goFunction([], () => BigInt(replicas)) })
}

const nilSpec: Value = {
  [goKind]: 'nil-pointer',
  typeName: 'main.Spec',
  hasField: (name) => name === 'Replicas' || name === 'Args',
  method: (name) => (name === 'GetReplicas' ? goFunction([], () => -1n) : undefined),
}

function nilPodMethod(name: string): GoFunction | undefined {
  return name === 'GetSpec' ? goFunction([], () => nilSpec) : undefined
}

function ports(numbers: Readonly<Record<string, number>>): Value {
  const names = Object.keys(numbers).sort()
  const list = names.map((name) =>
    struct('main.Port', false, { Name: name, Number: goInteger('int32', numbers[name] ?? 0) }),
  )
  return goSlice('main.Port', list.length === 0 ? null : list)
}

function level(name: string): GoStruct {
  return {
    ...struct('main.Level', false, { Name: name }),
    string: () => {
      if (name === 'panic') throw new Error('no level')
      return `level ${name}`
    },
  }
}

function mode(value: number): GoInteger {
  return {
    ...goInteger('int32', value),
    typeName: 'main.Mode',
    string: () => (value === 1 ? 'ONE' : `MODE_${value}`),
    method: (name) => (name === 'Next' ? goFunction([], () => BigInt(value + 1)) : undefined),
  }
}
