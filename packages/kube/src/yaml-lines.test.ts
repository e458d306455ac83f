import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { isArray, isObject, type Json, type JsonPath } from './json.ts'
import { dumpYaml, parseYaml } from './yaml.ts'
import { parseYamlWithLines } from './yaml-lines.ts'

const TEXT = `
metadata:
  labels: {
    app: shop, "a.b/c": 1
  }
spec:
  containers:
  - name: istio-proxy
    args: [a,
b]
    script: |
      one
      two
    empty:
  - &c
    name: "x"
  copy: *c
`.slice(1)

describe('places of values in YAML', () => {
  const located = parseYamlWithLines(TEXT)
  const line = (...path: JsonPath): number | undefined => located.lineOf(path)

  it('reads the value as parseYaml does', () => {
    expect(located.value).toEqual(parseYaml(TEXT))
  })

  it('knows the lines of scalars, and the line of the key of anything else', () => {
    expect(line('metadata')).toBe(1)
    expect(line('metadata', 'labels', 'app')).toBe(3)
    expect(line('metadata', 'labels', 'a.b/c')).toBe(3)
    expect(line('spec', 'containers')).toBe(6)
    expect(line('spec', 'containers', 0)).toBe(7)
    expect(line('spec', 'containers', 0, 'name')).toBe(7)
    expect(line('spec', 'containers', 0, 'script')).toBe(11)
    expect(line('spec', 'containers', 0, 'empty')).toBe(13)
  })

  it('is not confused by lines that are read with other indentation than they have', () => {
    expect(line('spec', 'containers', 0, 'args', 0)).toBe(8)
    expect(line('spec', 'containers', 0, 'args', 1)).toBe(9)
    expect(TEXT.slice(located.offsetOf(['spec', 'containers', 0, 'args', 1]))).toMatch(/^b\]/)
    expect(TEXT.slice(located.offsetOf(['spec', 'containers', 1, 'name']))).toMatch(/^"?x"/)
  })

  it('leads through aliases to their anchors', () => {
    expect(line('spec', 'copy')).toBe(16)
    expect(line('spec', 'copy', 'name')).toBe(15)
    const merge = 'base: &b\n  x: 1\n  z: 1\nuse:\n  <<: *b\n  z: 2\n'
    expect(parseYamlWithLines(merge).lineOf(['use', 'x'])).toBe(2)
    expect(parseYamlWithLines(merge).lineOf(['use', 'z'])).toBe(6)
  })

  it('names keys as the value does', () => {
    const { value, lineOf } = parseYamlWithLines('yes: 1\n0x10: 2\n"no": 3\n')
    expect(value).toEqual({ true: 1, 16: 2, no: 3 })
    expect([lineOf(['true']), lineOf(['16']), lineOf(['no'])]).toEqual([1, 2, 3])
  })

  it('knows nothing of paths that are not there', () => {
    expect(line('spec', 'nothing')).toBeUndefined()
    expect(line('spec', 'containers', 9, 'name')).toBeUndefined()
    expect(line('metadata', 'constructor')).toBeUndefined()
    expect(parseYamlWithLines('').lineOf(['a'])).toBeUndefined()
  })

  it('finds every scalar of any document, and it stands there', () => {
    fc.assert(
      fc.property(fc.object({ maxDepth: 3, values: [fc.nat(), fc.boolean(), fc.string()] }), (document) => {
        const text = dumpYaml(document as Json)
        const each = parseYamlWithLines(text)
        for (const path of scalarPaths(each.value, [])) {
          const offset = each.offsetOf(path) ?? -1
          const at = each.lineOf(path) ?? -1
          expect(text.slice(0, offset).split('\n')).toHaveLength(at)
        }
      }),
      { seed: 7, numRuns: 200 },
    )
  })
})

function scalarPaths(value: Json, path: JsonPath): JsonPath[] {
  if (isArray(value)) return value.flatMap((item, index) => scalarPaths(item, [...path, index]))
  if (isObject(value)) return Object.entries(value).flatMap(([key, item]) => scalarPaths(item, [...path, key]))
  return [path]
}
