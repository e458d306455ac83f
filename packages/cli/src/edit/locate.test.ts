import { describe, expect, it } from 'vitest'
import { lineOfPath, parsePathText } from './locate.ts'

const text = 'metadata:\n  annotations:\n    # why\n    a.b/c: x\nspec:\n  containers:\n  - name: a\n  - image: b\n'

describe('finding the line of a path', () => {
  it('goes as deep as the text does', () => {
    expect(lineOfPath(text, ['metadata', 'annotations', 'a.b/c'])).toBe(4)
    expect(lineOfPath(text, ['spec', 'containers', 1, 'image'])).toBe(8)
    expect(lineOfPath(text, ['spec', 'containers', 1, 'env', 0])).toBe(8)
    expect(lineOfPath('{"a":\n {"b": 1}}', ['a', 'b'])).toBe(2)
    expect(lineOfPath('a: [', ['a'])).toBeUndefined()
  })

  it('reads paths as messages print them', () => {
    expect(parsePathText('metadata.annotations["a.b/\\"c"]')).toEqual(['metadata', 'annotations', 'a.b/"c'])
    expect(parsePathText('spec.containers[10].image')).toEqual(['spec', 'containers', 10, 'image'])
    expect(parsePathText('')).toEqual([])
  })
})
