import { describe, expect, it } from 'vitest'
import { base64Problem } from './go-base64.ts'

describe('base64 as Go reads it', () => {
  // What a real API server (1.36) says of each as the value of a Secret.
  it.each([
    ['', undefined],
    ['abcd', undefined],
    ['YQ==', undefined],
    ['YQ==\n', undefined],
    ['YQ\n==', undefined],
    ['a', 0],
    ['ab', 0],
    ['abc', 0],
    ['=', 0],
    ['YQ=', 3],
    ['YQ=x', 2],
    ['YQ==x', 4],
    ['YWI==', 4],
    ['YWI=x', 4],
    ['Y=Q=', 1],
    ['Y Q=', 1],
    ['YWJj!', 4],
  ])('%j', (text, at) => {
    expect(base64Problem(text)).toBe(at === undefined ? undefined : `illegal base64 data at input byte ${at}`)
  })
})
