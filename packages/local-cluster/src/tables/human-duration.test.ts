import { describe, expect, it } from 'vitest'
import { humanDuration, timeSince } from './human-duration.ts'

/** Milliseconds and what k8s.io/apimachinery's duration.HumanDuration prints. */
const GO: readonly (readonly [number, string])[] = [
  [-5000, '<invalid>'],
  [-1500, '0s'],
  [-500, '0s'],
  [0, '0s'],
  [400, '0s'],
  [59_000, '59s'],
  [60_000, '60s'],
  [119_000, '119s'],
  [120_000, '2m'],
  [121_000, '2m1s'],
  [599_000, '9m59s'],
  [600_000, '10m'],
  [601_000, '10m'],
  [3_599_000, '59m'],
  [10_799_000, '179m'],
  [10_800_000, '3h'],
  [10_860_000, '3h1m'],
  [14_401_000, '4h'],
  [28_799_000, '7h59m'],
  [28_800_000, '8h'],
  [172_799_000, '47h'],
  [172_800_000, '2d'],
  [180_000_000, '2d2h'],
  [691_199_000, '7d23h'],
  [691_200_000, '8d'],
  [63_071_999_000, '729d'],
  [63_072_000_000, '2y'],
  [63_158_400_000, '2y1d'],
  [252_287_999_000, '7y364d'],
  [252_288_000_000, '8y'],
  [400_000_000_000, '12y'],
]

describe('ages', () => {
  it.each(GO)('of %d ms are %s', (milliseconds, text) => {
    expect(humanDuration(milliseconds)).toBe(text)
  })

  it('are unknown without a time', () => {
    expect(timeSince('', 0)).toBe('<unknown>')
  })
})
