import {
  type FunctionMap,
  type GoInteger,
  type GoMap,
  type GoStruct,
  goFunction,
  goSprint,
  goTypeName,
  type PlainMap,
  type Value,
} from '../src/index.ts'

/** The function map of testdata/gen/functions.go. */
export const conformanceFunctions: FunctionMap = {
  upper: goFunction(['string'], (text: string) => text.toUpperCase()),
  add: goFunction(['int', 'int'], (a: bigint, b: bigint) => a + b),
  sub: goFunction(['int', 'int'], (a: bigint, b: bigint) => a - b),
  twice: goFunction(['float64'], (value: number) => 2 * value),
  flip: goFunction(['bool'], (value: boolean) => !value),
  wide: goFunction(['int64'], (value: GoInteger) => `int64:${value.value}`),
  count: goFunction(['list'], (list: readonly Value[]) => BigInt(list.length)),
  keys: goFunction(['map'], (map: PlainMap) => BigInt(Object.keys(map).length)),
  tags: goFunction(['stringMap'], (map: GoMap) => BigInt(map.size)),
  show: goFunction(['any'], (value: Value) => `${goTypeName(value)}:${goSprint([value])}`),
  list: goFunction([], (...values: Value[]) => values, { variadic: 'any' }),
  dict: goFunction(['string', 'any'], (key: string, value: Value) => Object.fromEntries([[key, value]])),
  words: goFunction([], (...words: string[]) => words.join('+'), { variadic: 'string' }),
  prefixed: goFunction(['string'], (prefix: string, ...values: Value[]) => prefix + goSprint(values), {
    variadic: 'any',
  }),
  fail: goFunction(['string'], (message: string) => {
    throw new Error(message)
  }),
  explode: goFunction([], () => {
    throw new Error('boom')
  }),
  nothing: goFunction([], () => null),
  same: goFunction(['any'], (value: Value) => value),
  constant: goFunction([], () => 'constant'),
  makeAdder: goFunction(['int'], (n: bigint) => goFunction(['int'], (m: bigint) => n + m)),
  describePod: goFunction(['*main.Pod'], (pod: GoStruct) => pod.field('Name')),
  copyPod: goFunction(['main.Pod'], (pod: GoStruct) => pod.field('Name')),
  // Two halves of a character, each no valid text of its own.
  broken: goFunction([], () => '\udce2\udc82'),
  rest: goFunction([], () => '\udcac!'),
}
