import { describe, expect, it } from 'vitest'
import { InjectionConfigurationError } from './errors.ts'
import { resolveRelease } from './release.ts'

describe('the release whose behaviour is followed', () => {
  it.each([
    ['auto', '1.21.6', 21, '1.21', 'image-tag'],
    ['auto', '1.24.6-distroless', 24, '1.24', 'image-tag'],
    ['auto', 'v1.8', 8, '1.8', 'image-tag'],
    ['auto', '1.7.3', 8, '1.8', 'image-tag'],
    ['auto', '1.99.0', 31, 'current', 'image-tag'],
    ['auto', 'latest', 31, 'current', 'default'],
    ['auto', '21.6', 31, 'current', 'default'],
    ['auto', undefined, 31, 'current', 'default'],
    ['current', '1.21.6', 31, 'current', 'compat'],
    ['1.21', '1.8.0', 21, '1.21', 'compat'],
    [' 1.21.6 ', undefined, 21, '1.21', 'compat'],
    ['1.40', undefined, 31, 'current', 'compat'],
  ])('compat %s, tag %s: 1.%i', (compat, tag, minor, name, chosenBy) => {
    expect(resolveRelease(compat, tag)).toMatchObject({ minor, name, chosenBy })
  })

  it.each(['1.7', '2.0', 'newest', '1', ''])('compat %j is refused, with what can be given', (compat) => {
    expect(() => resolveRelease(compat, '1.21.6')).toThrow(InjectionConfigurationError)
    expect(() => resolveRelease(compat, undefined)).toThrow(
      'give auto, current, or a release from 1.8 on, such as 1.21',
    )
  })
})
