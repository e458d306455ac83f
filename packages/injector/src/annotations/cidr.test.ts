import { describe, expect, it } from 'vitest'
import { checkCidr } from './cidr.ts'

describe('CIDR blocks in annotations', () => {
  it('are read strictly since 1.16, in the words of net/netip', () => {
    expect(checkCidr('10.0.0.0/08', 16)).toBe('netip.ParsePrefix("10.0.0.0/08"): bad bits after slash: "08"')
    expect(checkCidr('10.0.0.0/8', 16)).toBeUndefined()
  })

  it('were read with leading zeros of the length before, in the words of net', () => {
    expect(checkCidr('10.0.0.0/08', 15)).toBeUndefined()
    expect(checkCidr('10.0.0.0/33', 15)).toBe('invalid CIDR address: 10.0.0.0/33')
  })
})
