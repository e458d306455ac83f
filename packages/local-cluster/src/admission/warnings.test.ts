import { describe, expect, it } from 'vitest'
import { warningRecorder } from './warnings.ts'

function recorded(...texts: readonly string[]): readonly string[] {
  const recorder = warningRecorder()
  for (const text of texts) recorder.add(text)
  return recorder.list()
}

describe('warnings of one request', () => {
  it('are kept whole, each text once, while they fit', () => {
    expect(recorded('a'.repeat(1000), 'b', 'a'.repeat(1000))).toEqual(['a'.repeat(1000), 'b'])
  })

  it('are all shortened to 256 characters from the first one on that does not fit into 4096', () => {
    const list = recorded('a'.repeat(3000), 'b'.repeat(2000), 'c')
    expect(list.map((one) => one.length)).toEqual([256, 256, 1])
  })

  it('end after 4096 characters', () => {
    const texts = Array.from({ length: 40 }, (_, index) => `${index}-`.padEnd(300, 'x'))
    expect(recorded(...texts)).toHaveLength(16)
  })

  it('that could not stand in a header are left out', () => {
    expect(recorded('', 'a\nb', 'c')).toEqual(['c'])
  })
})
