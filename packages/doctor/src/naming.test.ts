import { describe, expect, it } from 'vitest'
import { listed, objectTitle } from './naming.ts'

describe('names in sentences', () => {
  it('are those of kubectl, with the namespace where there is one', () => {
    expect(objectTitle({ kind: 'Deployment', namespace: 'shop', name: 'cart' })).toBe('Deployment shop/cart')
    expect(objectTitle({ kind: 'Namespace', name: 'shop' })).toBe('Namespace shop')
    expect(objectTitle({ kind: 'Pod', namespace: '', name: 'cart' })).toBe('Pod cart')
  })

  it('are all listed when they are few, else the first and a number', () => {
    expect(listed(['a', 'b'])).toEqual({ en: 'a, b', zh: 'a、b' })
    expect(listed(['a', 'b', 'c'], 2)).toEqual({ en: 'a, b and 1 more', zh: 'a、b 等 3 个' })
    expect(listed([{ en: 'new Pods', zh: '新 Pod' }, 'b'])).toEqual({ en: 'new Pods, b', zh: '新 Pod、b' })
  })
})
