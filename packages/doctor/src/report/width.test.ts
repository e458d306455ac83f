import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { cutLines, cutMiddle, valueText } from './value-text.ts'
import { displayWidth, padTo, tableLines, wrap } from './width.ts'

describe('columns of a terminal', () => {
  it('are two for wide characters', () => {
    expect(displayWidth('命名空间 a：')).toBe(12)
    expect(padTo('商店', 6)).toBe('商店  ')
    expect(
      tableLines([
        ['商店', 'x'],
        [{ text: 'b', paint: (text) => `<${text}>` }, ''],
        ['cc', 'y'],
      ]),
    ).toEqual(['商店  x', '<b>', 'cc    y'])
  })

  it('hold every line of a wrapped text, but for words that are longer', () => {
    expect(wrap('one two  three', 8)).toEqual(['one two', 'three'])
    // A line does not begin with a comma.
    expect(wrap('标签写错了，所以不注入。', 11)).toEqual(['标签写错', '了，所以不', '注入。'])
    const words = fc.array(fc.constantFrom('a', 'bb', 'namespace', '命名空间', '，', 'istio.io/rev', '\n'), {
      maxLength: 30,
    })
    fc.assert(
      fc.property(words, fc.integer({ min: 14, max: 40 }), (parts, width) => {
        const text = parts.join(' ')
        const lines = wrap(text, width)
        for (const line of lines) expect(displayWidth(line)).toBeLessThanOrEqual(width)
        expect(lines.join('').replaceAll(/\s/g, '')).toBe(text.replaceAll(/\s/g, ''))
      }),
      { seed: 4, numRuns: 300 },
    )
  })
})

describe('values', () => {
  it('are JSON, so that blanks and types are seen', () => {
    expect(valueText('true ', 80)).toBe('"true "')
    expect(valueText(true, 80)).toBe('true')
    expect(valueText({ a: [1] }, 80)).toBe('{"a":[1]}')
  })

  it('are cut in the middle, fingerprints never', () => {
    expect(cutMiddle('abcdefghijkl', 7)).toBe('abcd…kl')
    expect(valueText('x'.repeat(200), 30)).toHaveLength(30)
    const fingerprint = 'ab'.repeat(32)
    expect(valueText(fingerprint, 30)).toBe(fingerprint)
    const colons = `SHA-256:${Array.from({ length: 32 }, () => 'AB').join(':')}`
    expect(valueText(colons, 30)).toBe(colons)
  })

  it('of many lines show both ends', () => {
    expect(cutLines('1\n2\n3\n4\n5\n6\n', 4)).toEqual(['1', '… (3)', '5', '6'])
    expect(cutLines('1\n2\n', 4)).toEqual(['1', '2'])
  })
})
