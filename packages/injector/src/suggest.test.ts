import { describe, expect, it } from 'vitest'
import { didYouMean, nearest } from './suggest.ts'

describe('the nearest known name', () => {
  it.each([
    ['sidcar', 'sidecar'],
    ['sidecra', 'sidecar'],
    ['Sidecar', 'sidecar'],
    ['gatewya', 'gateway'],
    ['sidecar', 'sidecar'],
    ['x', undefined],
    ['waypoint', undefined],
    ['', undefined],
  ])('%j is meant to be %s', (typed, expected) => {
    expect(nearest(typed, ['gateway', 'sidecar'])).toBe(expected)
  })

  it('is the first of several that are equally near', () => {
    expect(nearest('templat', ['template', 'templats'])).toBe('template')
  })

  it('is not looked for in texts that nobody typed', () => {
    expect(nearest('a'.repeat(100_000), ['a'.repeat(99_999)])).toBeUndefined()
  })

  it('is asked about in one way', () => {
    expect(didYouMean('sidcar', ['sidecar'])).toBe('did you mean "sidecar"?')
    expect(didYouMean('other', ['sidecar'])).toBeUndefined()
  })
})
