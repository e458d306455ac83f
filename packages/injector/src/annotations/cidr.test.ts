import { describe, expect, it } from 'vitest'
import { checkCidr } from './cidr.ts'

describe('CIDR blocks in annotations', () => {
  it.each(['10.0.0.0/8', '0.0.0.0/0', '10.1.2.3/32', '2001:db8::/32', '::/128'])('%s is one in any release', (text) => {
    expect(checkCidr(text, 8)).toBeUndefined()
    expect(checkCidr(text, 31)).toBeUndefined()
  })

  // Printed by Go's netip.ParsePrefix.
  it.each([
    ['10.0.0.0', "no '/'"],
    ['10.0.0/8', 'ParseAddr("10.0.0"): IPv4 address too short'],
    ['10.0.0.0/8/8', 'ParseAddr("10.0.0.0/8"): unexpected character (at "/8")'],
    ['fe80::1%eth0/64', 'IPv6 zones cannot be present in a prefix'],
    ['10.0.0.0/', 'bad bits after slash: ""'],
    ['10.0.0.0/08', 'bad bits after slash: "08"'],
    ['10.0.0.0/+8', 'bad bits after slash: "+8"'],
    ['10.0.0.0/33', 'prefix length out of range'],
    ['::/129', 'prefix length out of range'],
  ])('%s is none since 1.16, in the words of net/netip', (text, problem) => {
    expect(checkCidr(text, 16)).toBe(`netip.ParsePrefix("${text}"): ${problem}`)
  })

  it('was read with leading zeros of the length before, in the words of net', () => {
    expect(checkCidr('10.0.0.0/0008', 15)).toBeUndefined()
    expect(checkCidr('10.0.0.0/33', 15)).toBe('invalid CIDR address: 10.0.0.0/33')
    expect(checkCidr('10.0.0.0', 15)).toBe('invalid CIDR address: 10.0.0.0')
  })
})
