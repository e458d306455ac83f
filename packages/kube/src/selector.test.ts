import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Json, JsonObject } from './json.ts'
import {
  explainSelector,
  formatRequirement,
  isEmptySelector,
  parseLabelSelector,
  SelectorError,
  selectorMatches,
} from './selector.ts'

/** What Go's metav1.LabelSelectorAsSelector makes of a selector: testdata/gen/selector. */
type GoOutcome = { error: string } | { string: string; matches: boolean[] }
const [labelSets, ...goCases] = JSON.parse(
  readFileSync(new URL('../testdata/selector.json', import.meta.url), 'utf8'),
) as [JsonObject[], ...[Json, GoOutcome][]]

describe('label selectors', () => {
  it(`match as Go's do, or fail with the same text, in ${goCases.length} cases`, () => {
    for (const [selector, expected] of goCases) {
      let actual: unknown
      try {
        const parsed = parseLabelSelector(selector)
        const matches = labelSets.map((labels) => selectorMatches(parsed, labels))
        // Go prints the requirements sorted by key.
        const sorted = parsed.requirements.toSorted((left, right) => (left.key < right.key ? -1 : 1))
        actual = { string: sorted.map(formatRequirement).join(','), matches }
      } catch (error) {
        if (!(error instanceof SelectorError)) throw error
        actual = { error: error.message }
      }
      expect([selector, actual]).toEqual([selector, expected])
    }
  })

  it('match everything when empty, and can be asked', () => {
    for (const empty of [undefined, null, {}, { matchLabels: {}, matchExpressions: [] }]) {
      const selector = parseLabelSelector(empty)
      expect(isEmptySelector(selector)).toBe(true)
      expect(selectorMatches(selector, { a: 'b' })).toBe(true)
      expect(selectorMatches(selector, undefined)).toBe(true)
    }
  })

  it('say which condition decided, and what was found', () => {
    const selector = parseLabelSelector({
      matchLabels: { app: 'web' },
      matchExpressions: [
        { key: 'env', operator: 'NotIn', values: ['prod'] },
        { key: 'x', operator: 'Exists' },
      ],
    })
    const explanation = explainSelector(selector, { app: 'web', env: 'prod' })
    expect(explanation.matches).toBe(false)
    expect(explanation.deciding).toMatchObject({
      found: 'prod',
      holds: false,
      requirement: { key: 'env', path: ['matchExpressions', 0] },
    })
    expect(explanation.results.map((result) => result.holds)).toEqual([true, false, false])
    expect(explainSelector(selector, { app: 'web', x: '' }).deciding).toBeUndefined()
  })

  it('look at own labels only', () => {
    const selector = parseLabelSelector({ matchExpressions: [{ key: 'constructor', operator: 'Exists' }] })
    expect(selectorMatches(selector, {})).toBe(false)
    expect(selectorMatches(selector, { constructor: 'x' } as unknown as JsonObject)).toBe(true)
  })

  it.each<[string, Json, string]>([
    ['no mapping', [], ''],
    ['labels that are a list', { matchLabels: [] }, 'matchLabels'],
    ['a label that is no text', { matchLabels: { a: true } }, 'matchLabels.a'],
    ['expressions that are a mapping', { matchExpressions: {} }, 'matchExpressions'],
    ['an expression that is a text', { matchExpressions: ['a'] }, 'matchExpressions[0]'],
    [
      'a value that is a number',
      { matchExpressions: [{ key: 'a', operator: 'In', values: [1] }] },
      'matchExpressions[0].values[0]',
    ],
  ])('refuse %s', (_name, selector, path) => {
    expect(() => parseLabelSelector(selector)).toThrow(expect.objectContaining({ name: 'SelectorError', path }))
  })

  it('law: the explanation agrees with the match', () => {
    const value = fc.constantFrom('a', 'b', '')
    const labels = fc.dictionary(fc.constantFrom('k', 'l', 'm'), value)
    const expression = fc.oneof(
      fc.record({
        key: fc.constantFrom('k', 'l', 'm'),
        operator: fc.constantFrom('In', 'NotIn'),
        values: fc.array(value, { minLength: 1 }),
      }),
      fc.record({ key: fc.constantFrom('k', 'l', 'm'), operator: fc.constantFrom('Exists', 'DoesNotExist') }),
    )
    const selectors = fc.record({ matchLabels: labels, matchExpressions: fc.array(expression, { maxLength: 3 }) })
    fc.assert(
      fc.property(selectors, labels, (json, set) => {
        const selector = parseLabelSelector(json as Json)
        const explanation = explainSelector(selector, set)
        expect(explanation.matches).toBe(selectorMatches(selector, set))
        expect(explanation.matches).toBe(explanation.results.every((result) => result.holds))
      }),
      { seed: 1 },
    )
  })
})
