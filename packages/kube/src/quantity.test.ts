import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { canonicalQuantity, QuantityError } from './quantity.ts'

/** What Go's k8s.io/apimachinery 0.36 prints for a text, or its error: testdata/gen/quantity. */
const goResults = JSON.parse(readFileSync(new URL('../testdata/quantity.json', import.meta.url), 'utf8')) as [
  string,
  string | { error: string },
][]

function ours(text: string): string | { error: string } {
  try {
    // Kubernetes trims the JSON string before it parses.
    return canonicalQuantity(text.trim())
  } catch (error) {
    if (error instanceof QuantityError) return { error: error.message }
    throw error
  }
}

describe('canonicalQuantity', () => {
  it.each([
    ['0.5', '500m'],
    ['1024Mi', '1Gi'],
    ['2000m', '2'],
    ['1500m', '1500m'],
    ['1.5Gi', '1536Mi'],
    ['1000', '1k'],
    ['1e4', '10e3'],
    ['0.1n', '1n'],
    ['9Ei', '9223372036854775807'],
    ['0Mi', '0'],
  ])('%s is printed as %s', (text, canonical) => {
    expect(canonicalQuantity(text)).toBe(canonical)
  })

  it(`agrees with Go on ${goResults.length} texts, errors included`, () => {
    for (const [text, expected] of goResults) expect([text, ours(text)]).toEqual([text, expected])
  })

  it('is not held up by absurd exponents, where Go computes for minutes', () => {
    expect(canonicalQuantity('1e-2147483648')).toBe('1e-9')
    expect(canonicalQuantity('1e2147483647')).toBe('10e2147483646')
  })

  it('printing again changes nothing', () => {
    const number = fc.tuple(fc.integer({ min: -1e9, max: 1e9 }), fc.constantFrom('', 'm', 'k', 'Mi', 'Gi', 'e2', 'n'))
    fc.assert(
      fc.property(number, ([value, suffix]) => {
        const once = canonicalQuantity(`${value}${suffix}`)
        expect(canonicalQuantity(once)).toBe(once)
      }),
      { seed: 1 },
    )
  })
})
