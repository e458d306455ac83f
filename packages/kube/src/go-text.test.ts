import { describe, expect, it } from 'vitest'
import { formatGoFloat, quoteGo, utf8Length } from './go-text.ts'

describe('quoteGo', () => {
  it.each([
    ['plain é 日 😀', '"plain é 日 😀"'],
    ['a"b\\c', '"a\\"b\\\\c"'],
    ['\n\t\u0000\u007f', '"\\n\\t\\x00\\x7f"'],
    ['\u00a0\u200b\u{e0001}', '"\\u00a0\\u200b\\U000e0001"'],
  ])('quotes as %%q: %j', (text, quoted) => {
    expect(quoteGo(text)).toBe(quoted)
  })
})

describe('formatGoFloat', () => {
  it.each([
    [1.5, '1.5'],
    [0.1, '0.1'],
    [100000, '100000'],
    [1000000, '1e+06'],
    [1234567.5, '1.2345675e+06'],
    [-0.00001, '-1e-05'],
    [0.0001, '0.0001'],
    [1e21, '1e+21'],
  ])('%d is %s', (value, text) => {
    expect(formatGoFloat(value, 64)).toBe(text)
    expect(formatGoFloat(value, 32)).toBe(text)
  })

  it('has no digits that single precision cannot tell', () => {
    expect(formatGoFloat(1.123456789, 32)).toBe('1.1234568')
    expect(formatGoFloat(1.123456789, 64)).toBe('1.123456789')
  })
})

describe('utf8Length', () => {
  it('counts bytes', () => {
    expect(['', 'a', 'é', '日', '😀'].map(utf8Length)).toEqual([0, 1, 2, 3, 4])
  })
})
