/**
 * sprig's list functions. They copy, they never change the list they are given; what they return is a `[]any` unless
 * said otherwise. Each has a `must…` twin, which in sprig returns the error that this one panics with; to a template
 * both are the same execution error.
 */
import { type FunctionMap, type GoFunction, goFunction, goSlice, sliceTypeOf, type Value } from '../value.ts'
import { checkElements, newWork, type Work } from './bounds.ts'
import { toInt64 } from './convert.ts'
import { isEmpty } from './emptiness.ts'
import { deepEqual } from './equality.ts'
import { isList, isNil, kindOf, needList } from './kinds.ts'
import { nilDereference } from './panic.ts'
import { compareStrings, stringSlice, textOf, textsOf } from './text-value.ts'

const anyElement = 'interface {}'
const nilList = () => goSlice(anyElement, null)

const onList = (call: (list: Value) => Value) => goFunction(['any'], call)
const list = goFunction([], (...items: Value[]) => items, { variadic: 'any' })

/** The functions that come with a `must…` twin. */
const paired: FunctionMap = {
  append: goFunction(['any', 'any'], (items: Value, item: Value) => [...needList(items, 'Cannot push on type'), item]),
  push: goFunction(['any', 'any'], (items: Value, item: Value) => [...needList(items, 'Cannot push on type'), item]),
  prepend: goFunction(['any', 'any'], (items: Value, item: Value) => [
    item,
    ...needList(items, 'Cannot prepend on type'),
  ]),
  first: onList((items) => needList(items, 'Cannot find first on type')[0] ?? null),
  last: onList((items) => needList(items, 'Cannot find last on type').at(-1) ?? null),
  rest: onList((items) => orNil(needList(items, 'Cannot find rest on type'), (all) => all.slice(1))),
  initial: onList((items) => orNil(needList(items, 'Cannot find initial on type'), (all) => all.slice(0, -1))),
  reverse: onList((items) => needList(items, 'Cannot find reverse on type').toReversed()),
  compact: onList((items) => needList(items, 'Cannot compact on type').filter((item) => !isEmpty(item))),
  uniq: onList((items) => unique(needList(items, 'Cannot find uniq on type'))),
  without: goFunction(
    ['any'],
    (items: Value, ...omitted: Value[]) => without(needList(items, 'Cannot find without on type'), omitted),
    { variadic: 'any' },
  ),
  has: goFunction(['any', 'any'], (needle: Value, items: Value) =>
    isNil(items) ? false : includes(needList(items, 'Cannot find has on type'), needle),
  ),
  slice: goFunction(['any'], slice, { variadic: 'any' }),
  chunk: goFunction(['int', 'any'], chunk),
}

export const listFunctions: FunctionMap = {
  ...paired,
  ...mustTwins(paired),
  list,
  tuple: list,
  concat: goFunction([], concat, { variadic: 'any' }),
  sortAlpha: onList((items) => stringSlice(isList(items) ? textsOf(items).toSorted(compareStrings) : [textOf(items)])),
}

/** `mustFirst` for `first`. */
function mustTwins(functions: FunctionMap): FunctionMap {
  const twins: Record<string, GoFunction> = {}
  for (const [name, fn] of Object.entries(functions)) twins[`must${name.charAt(0).toUpperCase()}${name.slice(1)}`] = fn
  return twins
}

/** sprig returns the nil slice for an empty list, which `toJson` writes as null. */
function orNil(items: readonly Value[], shorten: (items: readonly Value[]) => Value): Value {
  return items.length === 0 ? nilList() : shorten(items)
}

function includes(items: readonly Value[], needle: Value, work: Work = newWork()): boolean {
  return items.some((item) => deepEqual(item, needle, work))
}

function without(items: readonly Value[], omitted: readonly Value[]): Value {
  const work = newWork()
  return items.filter((item) => !includes(omitted, item, work))
}

/** Go compares all pairs; here the scalars, of which there may be many, are looked up in a set. */
function unique(items: readonly Value[]): Value {
  const scalars = new Set<Value>()
  const others: Value[] = []
  const work = newWork()
  return items.filter((item) => {
    // NaN is in no set and no list: Go keeps each of them.
    if (Number.isNaN(item)) return true
    if (typeof item !== 'object' || item === null) {
      const isNew = !scalars.has(item)
      scalars.add(item)
      return isNew
    }
    if (includes(others, item, work)) return false
    others.push(item)
    return true
  })
}

/** `slice list from to`; keeps the list's element type. An empty list gives nil whatever the indices. */
function slice(value: Value, ...indices: Value[]): Value {
  const items = needList(value, 'list should be type of slice or array but')
  if (items.length === 0) return null
  const from = toInt64(indices[0])
  const to = indices.length < 2 ? BigInt(items.length) : toInt64(indices[1])
  if (from < 0n || to < from || to > BigInt(items.length)) {
    throw new Error('reflect.Value.Slice: slice index out of bounds')
  }
  return goSlice(sliceTypeOf(items).element, items.slice(Number(from), Number(to)))
}

/** Lists of `size` elements each, the last one shorter. */
function chunk(size: bigint, value: Value): Value {
  const items = needList(value, 'Cannot chunk type')
  const width = Number(size)
  // Go's own arithmetic: a size of 0 divides to infinity, a negative one may count to zero chunks.
  const count = Math.floor((items.length - 1) / width) + 1
  if (!(count >= 0 && Number.isFinite(count)) || (count > 0 && width < 0)) {
    throw new Error('runtime error: makeslice: len out of range')
  }
  const chunks: Value[] = []
  for (let i = 0; i < count; i++) chunks.push(items.slice(i * width, (i + 1) * width))
  return goSlice(`[]${anyElement}`, chunks)
}

function concat(...lists: Value[]): Value {
  checkElements(lists.reduce((sum: number, items) => sum + (isList(items) ? items.length : 0), 0))
  const all = lists.flatMap((items) => {
    if (isList(items)) return items
    if (isNil(items)) throw nilDereference()
    throw new Error(`Cannot concat type ${kindOf(items)} as list`)
  })
  return all.length === 0 ? nilList() : all
}
