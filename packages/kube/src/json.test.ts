import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  clone,
  deepEqual,
  formatPath,
  getOwn,
  isArray,
  isObject,
  type Json,
  type MutableJsonObject,
  setOwn,
} from './json.ts'

const json = fc.jsonValue().map((value) => value as Json)

describe('deepEqual', () => {
  it('compares lists in order and objects without order', () => {
    expect(deepEqual({ a: 1, b: [1, 2] }, { b: [1, 2], a: 1 })).toBe(true)
    expect(deepEqual([1, 2], [2, 1])).toBe(false)
    expect(deepEqual({ a: 1 }, { a: 1, b: null })).toBe(false)
  })

  it('tells null, missing, empty object and empty list apart', () => {
    const values: (Json | undefined)[] = [null, undefined, {}, [], '', 0, false]
    for (const [i, left] of values.entries()) {
      for (const [j, right] of values.entries()) expect(deepEqual(left, right)).toBe(i === j)
    }
  })

  it('looks at own keys only', () => {
    expect(deepEqual({}, JSON.parse('{"__proto__":{}}'))).toBe(false)
    expect(deepEqual({ toString: 1 }, { valueOf: 1 })).toBe(false)
  })

  it('holds for every clone', () => {
    fc.assert(fc.property(json, (value) => deepEqual(value, clone(value))))
  })
})

describe('setOwn and getOwn', () => {
  it('treat __proto__ and constructor as ordinary keys', () => {
    const target: MutableJsonObject = {}
    expect(getOwn(target, 'constructor')).toBeUndefined()
    setOwn(target, '__proto__', { polluted: true })
    setOwn(target, 'constructor', 1)
    expect(JSON.stringify(target)).toBe('{"__proto__":{"polluted":true},"constructor":1}')
    expect(Object.getPrototypeOf(target)).toBe(Object.prototype)
    expect(JSON.stringify(clone(target))).toBe(JSON.stringify(target))
  })
})

describe('isObject and isArray', () => {
  it('split JSON into scalars, lists and objects', () => {
    expect([null, 1, '', true, [], {}].map((value) => isObject(value as Json))).toEqual([
      false,
      false,
      false,
      false,
      false,
      true,
    ])
    expect(isArray([])).toBe(true)
    expect(isArray({})).toBe(false)
  })
})

describe('formatPath', () => {
  it('reads like the path in a manifest', () => {
    expect(formatPath(['spec', 'containers', 0, 'name'])).toBe('spec.containers[0].name')
    expect(formatPath(['metadata', 'annotations', 'a.b/c'])).toBe('metadata.annotations["a.b/c"]')
    expect(formatPath([])).toBe('')
  })
})
