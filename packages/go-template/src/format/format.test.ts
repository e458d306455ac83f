import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { goFunction, goInteger, goKind, goSlice, stringMap, type Value } from '../value.ts'
import {
  byteLength,
  byteSlice,
  formatValue,
  fromBytes,
  goQuote,
  goSprint,
  goSprintf,
  goSprintln,
  goTypeName,
  joinBytes,
  runeCount,
  toBytes,
} from './index.ts'

describe('goSprint', () => {
  it('puts a space between two operands that are both no strings', () => {
    expect(goSprint([1n, 2n, 'a', 'b', 3n, null, true])).toBe('1 2ab3 <nil> true')
    expect(goSprintln([1n, 'a'])).toBe('1 a\n')
  })

  it('prints float64 in the shorter of plain and exponent form, as %g', () => {
    expect(goSprint([100000])).toBe('100000')
    expect(goSprint([1000000])).toBe('1e+06')
    expect(goSprint([1.12])).toBe('1.12')
    expect(goSprint([0.00001])).toBe('1e-05')
  })
})

describe('formatValue', () => {
  it('is what an action prints: no value and nil are <no value>', () => {
    expect(formatValue(undefined)).toBe('<no value>')
    expect(formatValue(null)).toBe('<no value>')
    expect(formatValue([null])).toBe('[<nil>]')
  })

  it('prints a pointer to a struct as the struct', () => {
    const struct: Value = {
      [goKind]: 'struct',
      typeName: 'v1.Port',
      pointer: true,
      fieldNames: () => ['Name'],
      hasField: (name) => name === 'Name',
      field: () => 'http',
    }
    expect(formatValue(struct)).toBe('{http}')
    expect(goSprintf('%v %+v', [struct, struct])).toBe('&{http} &{Name:http}')
  })
})

describe('goTypeName', () => {
  it.each([
    ['<nil>', null],
    ['string', 'a'],
    ['float64', 1],
    ['int', 1n],
    ['uint8', goInteger('uint8', 1)],
    ['[]interface {}', []],
    ['[]string', goSlice('string', [])],
    ['map[string]interface {}', {}],
    ['map[string]string', stringMap({})],
    [
      'func(string, []interface {}, ...interface {}) interface {}',
      goFunction(['string', 'list'], () => '', { variadic: 'any' }),
    ],
  ] as [string, Value][])('%s', (name, value) => {
    expect(goTypeName(value)).toBe(name)
  })
})

describe('a text is bytes of UTF-8', () => {
  it('has a length in bytes and in runes', () => {
    expect([byteLength('é😀'), runeCount('é😀')]).toEqual([6, 2])
  })

  it('keeps half a character until the other half comes', () => {
    const half = byteSlice('é', 0, 1)
    expect(goQuote(half)).toBe('"\\xc3"')
    expect(joinBytes(half + byteSlice('é', 1, 2))).toBe('é')
  })

  it('becomes bytes and text again', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (text) => {
        expect(fromBytes(toBytes(text))).toBe(text)
        expect(toBytes(text)).toEqual(new TextEncoder().encode(text))
      }),
      { seed: 7, numRuns: 500 },
    )
  })

  it('any bytes become text and the same bytes again', () => {
    fc.assert(
      fc.property(fc.uint8Array(), (bytes) => {
        expect(toBytes(fromBytes(bytes))).toEqual(bytes)
        expect(byteLength(fromBytes(bytes))).toBe(bytes.length)
      }),
      { seed: 7, numRuns: 500 },
    )
  })
})
