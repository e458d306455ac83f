import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { load, YAML11_SCHEMA } from 'js-yaml'
import { describe, expect, it } from 'vitest'
import { parse as parseWithYaml } from 'yaml'
import type { Json } from './json.ts'
import { dumpYaml, parseYaml, parseYamlDocuments, YamlError } from './yaml.ts'

/** What Go's sigs.k8s.io/yaml 1.6 makes of a text: testdata/gen/yaml. */
const goCases = JSON.parse(readFileSync(new URL('../testdata/yaml.json', import.meta.url), 'utf8')) as [string, Json][]

function outcome(text: string): Json {
  try {
    return parseYaml(text)
  } catch (error) {
    if (error instanceof YamlError) return { error: true }
    throw error
  }
}

describe('parseYaml', () => {
  it(`reads ${goCases.length} texts as sigs.k8s.io/yaml does`, () => {
    for (const [text, expected] of goCases) expect([text, outcome(text)]).toEqual([text, expected])
  })

  it('takes JSON, and JSON-like YAML where it is not', () => {
    expect(parseYaml('{"a": [1, null]}')).toEqual({ a: [1, null] })
    expect(parseYaml('{a: yes,\n b: "c",\n}')).toEqual({ a: true, b: 'c' })
  })

  it('makes __proto__ an ordinary key, in JSON and in YAML', () => {
    for (const text of ['{"__proto__": {"x": 1}}', '__proto__: {x: 1}', 'a: &a {__proto__: {x: 1}}\nb: {<<: *a}']) {
      const value = parseYaml(text) as { b?: object }
      expect(JSON.stringify(value)).toContain('"__proto__":{"x":1}')
      expect(({} as { x?: number }).x).toBeUndefined()
      expect(Object.getPrototypeOf(value.b ?? value)).toBe(Object.prototype)
    }
  })

  it('says what is wrong, and where', () => {
    expect(() => parseYaml('a: 1\n  b: 2', { source: 'pod.yaml' })).toThrow(/^pod\.yaml:2:\d+: /)
    try {
      parseYaml('a:\n- x\n- *nope')
    } catch (error) {
      expect(error).toMatchObject({ name: 'YamlError', line: 3, column: 4, reason: 'unidentified alias "nope"' })
    }
  })

  it('refuses alias bombs, cycles and bottomless nesting', () => {
    const bomb = Array.from({ length: 9 }, (_, i) =>
      i === 0
        ? 'l0: &l0 [x, x, x, x, x, x, x, x, x]'
        : `l${i}: &l${i} [${Array(9)
            .fill(`*l${i - 1}`)
            .join(', ')}]`,
    ).join('\n')
    expect(() => parseYaml(bomb)).toThrow('excessive aliasing')
    expect(() => parseYaml('a: &a [*a]')).toThrow(YamlError)
    expect(() => parseYaml('['.repeat(100_000))).toThrow(YamlError)
    expect(() => parseYaml(`{"a":${'['.repeat(5000)}${']'.repeat(5000)}}`)).toThrow(YamlError)
  })

  it('law: fails with a YamlError or not at all', () => {
    const piece = fc.constantFrom(
      ...'a:- \n\t[]{},#&*!|>\'"%@`?~0.x<'.split(''),
      '<<: ',
      '&a ',
      '*a',
      '---\n',
      '!!int ',
      ': ',
    )
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 30 }), (pieces) => {
        outcome(pieces.join(''))
      }),
      { seed: 1, numRuns: 1000 },
    )
  })
})

describe('parseYamlDocuments', () => {
  it('gives every document its place', () => {
    expect(parseYamlDocuments('# hi\n---\na: 1\n---\n---\n\n\nb: 1\n...\n---\nc')).toEqual([
      { value: { a: 1 }, index: 0, startLine: 3 },
      { value: null, index: 1, startLine: 3 },
      { value: { b: 1 }, index: 2, startLine: 8 },
      { value: 'c', index: 3, startLine: 11 },
    ])
    expect(parseYamlDocuments('')).toEqual([])
  })
})

describe('dumpYaml', () => {
  it('quotes what a reader of YAML 1.1 or 1.2 could take for something else', () => {
    const words = [
      'yes',
      'on',
      'n',
      '12:30',
      '0x1F',
      '0o17',
      '1e3',
      '08',
      '1_000',
      '~',
      'null',
      '=',
      '<<',
      '2001-01-01',
      '',
    ]
    const text = dumpYaml({ words })
    for (const parsed of [parseYaml(text), load(text), load(text, { schema: YAML11_SCHEMA }), parseWithYaml(text)]) {
      expect(parsed).toEqual({ words })
    }
  })

  it('prints blocks as kubectl does, keys sorted on request', () => {
    const value = { b: [{ z: 1, y: ['x'] }], a: 'two\nlines\n', c: null, d: {} }
    expect(dumpYaml(value, { sortKeys: true })).toBe(
      "a: |\n  two\n  lines\nb:\n- 'y':\n  - x\n  z: 1\nc: null\nd: {}\n",
    )
    expect(dumpYaml(value).startsWith('b:')).toBe(true)
  })

  it('repeats what is shared instead of using aliases', () => {
    const shared = { x: 1 }
    expect(dumpYaml({ a: shared, b: shared })).toBe('a:\n  x: 1\nb:\n  x: 1\n')
  })

  it('law: reading what was dumped gives the value, whatever the texts', () => {
    const text = fc.oneof(
      fc.string({ maxLength: 8 }),
      fc.string({ unit: 'binary', maxLength: 5 }).filter((value) => value.isWellFormed()),
      fc
        .array(fc.constantFrom('\n', ' ', 'a', '#', ':', '-', "'", '"', '0', '_', 'e', '.'), { maxLength: 8 })
        .map((x) => x.join('')),
    )
    const value = fc.letrec<{ value: Json }>((tie) => ({
      value: fc.oneof(
        { maxDepth: 3 },
        text,
        fc.constantFrom<Json>(null, true, false, 0, -1, 1.5, 1e21),
        fc.array(tie('value'), { maxLength: 3 }),
        fc.dictionary(text, tie('value'), { maxKeys: 3 }),
      ),
    })).value
    fc.assert(
      fc.property(value, (original) => {
        expect(parseYaml(dumpYaml(original))).toEqual(original)
      }),
      { seed: 2, numRuns: 100 },
    )
  })
})
