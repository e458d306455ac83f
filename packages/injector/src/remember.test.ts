import { describe, expect, it } from 'vitest'
import { memoryOf } from './remember.ts'

function keysOf(memory: ReturnType<typeof memoryOf<number>>, ...keys: readonly string[]): string {
  return keys.filter((key) => memory.get(key) !== undefined).join(' ')
}

describe('a memory', () => {
  it('forgets the oldest of too many entries; one that is set again is new', () => {
    const memory = memoryOf<number>(2)
    for (const key of ['a', 'b', 'a', 'c']) memory.set(key, 1)
    expect(keysOf(memory, 'a', 'b', 'c')).toBe('a c')
  })

  it('forgets as many as it takes where the keys are too long together', () => {
    const memory = memoryOf<number>(9, 6)
    for (const key of ['aa', 'bb', 'cc', 'dddd', 'eeeeeeee']) {
      memory.set(key, 1)
      if (key === 'dddd') expect(keysOf(memory, 'aa', 'bb', 'cc', 'dddd')).toBe('cc dddd')
    }
    expect(keysOf(memory, 'cc', 'dddd', 'eeeeeeee')).toBe('')
    memory.set('ff', 1)
    expect(keysOf(memory, 'ff')).toBe('ff')
  })
})
