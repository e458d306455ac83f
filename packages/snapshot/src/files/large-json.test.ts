import type { Json } from '@proa/kube'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { isLargeJson, parseLarge } from './large-json.ts'

const whole = (text: string): unknown => {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

describe('a large JSON text', () => {
  const items = fc.array(
    fc.oneof(fc.jsonValue({ maxDepth: 3 }), fc.dictionary(fc.string(), fc.jsonValue())),
  ) as fc.Arbitrary<Json[]>
  const frame = fc.dictionary(
    fc.oneof(fc.constantFrom('kind', 'apiVersion', '__proto__'), fc.string()),
    fc.jsonValue({ maxDepth: 2 }),
  )
  const documents = fc
    .tuple(frame, fc.constantFrom('items', 'objects', 'others'), items, frame, fc.constantFrom(0, 2, '\t'))
    .map(([before, key, list, after, space]) => JSON.stringify({ ...before, [key]: list, ...after }, undefined, space))

  it('gives in parts what it gives as a whole', () => {
    fc.assert(
      fc.property(documents, (text) => {
        expect(parseLarge(Buffer.from(` ${text}\n`), (object) => object)).toEqual(JSON.parse(text))
      }),
      { seed: 20_261_120, numRuns: 500 },
    )
  })

  it('is left to the ordinary way when something is wrong with it', () => {
    const damage = fc.record({
      at: fc.nat(),
      drop: fc.nat({ max: 2 }),
      put: fc.constantFrom('', ',', '}', ']', '"', '\\', '[', 'x'),
    })
    fc.assert(
      fc.property(documents, damage, (text, { at, drop, put }) => {
        const place = at % text.length
        const damaged = text.slice(0, place) + put + text.slice(place + drop)
        const read = parseLarge(Buffer.from(damaged), (object) => object)
        if (read !== undefined) expect(read).toEqual(whole(damaged))
      }),
      { seed: 20_261_120, numRuns: 1000 },
    )
  })

  it('hands each object of the list on, and keeps what comes back', () => {
    const text = '{"kind":"List","items":[{"a":"é\\"]"},{"b":1},3]}'
    expect(parseLarge(Buffer.from(text), (object) => ({ seen: object }))).toEqual({
      kind: 'List',
      items: [{ seen: { a: 'é"]' } }, { seen: { b: 1 } }, 3],
    })
  })

  it('is none that is nested to overflow a stack', () => {
    expect(
      parseLarge(Buffer.from(`{"items":[${'['.repeat(100_000)}${']'.repeat(100_000)}]}`), (one) => one),
    ).toBeUndefined()
  })

  it('is told from small texts and from YAML', () => {
    const large = Buffer.alloc(5 * 1024 * 1024, ' ')
    large.write('{')
    expect(isLargeJson(large)).toBe(true)
    large.write('-')
    expect(isLargeJson(large)).toBe(false)
    expect(isLargeJson(Buffer.from('{}'))).toBe(false)
  })
})
