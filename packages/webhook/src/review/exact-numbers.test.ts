import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parseExactly, stringifyExactly } from './exact-numbers.ts'

const again = (text: string): string | undefined => {
  const { value, exact } = parseExactly(text)
  return stringifyExactly(value, exact)
}

describe('integers of 64 bits', () => {
  it('come out as they went in', () => {
    const text = '{"a":9007199254740993,"b":[-9223372036854775808,18446744073709551615],"c":"9007199254740993"}'
    expect(again(text)).toBe(text)
  })

  it('that look the same to JavaScript are not mixed up', () => {
    expect(again('[9007199254740992,9007199254740993]')).toBeUndefined()
    // Only what is written has to be told apart.
    const { value, exact } = parseExactly('[9007199254740992,9007199254740993,5]')
    expect(stringifyExactly((value as number[])[2], exact)).toBe('5')
  })

  it('cost nothing where there are none', () => {
    expect(parseExactly('{"a":[1,2.5,"x"]}').exact).toBeUndefined()
    expect(parseExactly('{"a":"1234567890123456"}').exact).toBeUndefined()
  })

  it('keep keys of JavaScript’s objects as they are', () => {
    const text = '{"__proto__":{"constructor":9007199254740993}}'
    expect(again(text)).toBe(text)
  })

  it('survive in any list of different ones', () => {
    fc.assert(
      fc.property(fc.array(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }), { maxLength: 20 }), (integers) => {
        const different = new Map(integers.map((integer) => [Number(integer), integer]))
        const text = `[${[...different.values()].join(',')}]`
        expect(again(text)).toBe(text)
      }),
    )
  })
})
