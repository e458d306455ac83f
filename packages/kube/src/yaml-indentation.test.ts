import { describe, expect, it } from 'vitest'
import { parseYaml, YamlError } from './yaml.ts'

describe('indentation inside flow collections and quotes', () => {
  it('may be that of the key, as in Istio’s templates', () => {
    const text = 'metadata:\n  annotations: {\n    a: "b",\n  }\n  labels:\n    c: d\n'
    expect(parseYaml(text)).toEqual({ metadata: { annotations: { a: 'b' }, labels: { c: 'd' } } })
  })

  it('may be none at all', () => {
    expect(parseYaml('a:\n  b: [\n1,\n2\n]\n  c: "x\ny"\n')).toEqual({ a: { b: [1, 2], c: 'x y' } })
  })

  it('still matters everywhere else', () => {
    expect(() => parseYaml('a:\n  b: 1\n c: 2\n')).toThrow(YamlError)
  })

  it('does not move the place of an error', () => {
    expect(() => parseYaml('a: [1\n')).toThrow(expect.objectContaining({ line: 2, column: 1 }))
  })

  it('gives up on a text that would be read again and again', () => {
    const lines = Array.from({ length: 20_000 }, () => '1,').join('\n')
    expect(() => parseYaml(`a:\n  b: [\n${lines}\n]`)).toThrow(YamlError)
  })
})

describe('a block scalar at the end of a text', () => {
  it('has no line break where the text has none', () => {
    expect(parseYaml('a: |\n  x')).toEqual({ a: 'x' })
    expect(parseYaml('a: |+\n  x')).toEqual({ a: 'x' })
    expect(parseYaml('a: >\n  x\n  y')).toEqual({ a: 'x y' })
  })

  it('keeps the breaks that are there', () => {
    expect(parseYaml('a: |\n  x\n')).toEqual({ a: 'x\n' })
    expect(parseYaml('a: |\n  x\n  ')).toEqual({ a: 'x\n' })
    expect(parseYaml('a: |\n  x\n# end')).toEqual({ a: 'x\n' })
  })
})
