import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { cidrContains } from './cidr.ts'

describe('cidrContains', () => {
  it.each([
    ['10.0.0.0/', '10.0.0.1', undefined],
    ['10.0.0.0/8', '10.255.0.1', true],
    ['10.0.0.0/8', '11.0.0.1', false],
    ['10.96.0.20/32', '10.96.0.20', true],
    ['0.0.0.0/0', '1.2.3.4', true],
    ['fd00::/8', 'fd12:3456::1', true],
    ['fd00::/8', 'fe80::1', false],
    ['::/0', '::1', true],
    // One family never contains the other.
    ['0.0.0.0/0', '::1', false],
    ['10.0.0.0', '10.0.0.0', undefined],
    ['10.0.0.0/x', '10.0.0.0', undefined],
    ['10.0.0.256/8', '10.0.0.1', undefined],
    ['1::2::3/8', '1::', undefined],
  ])('%s, %s: %s', (cidr, address, contains) => {
    expect(cidrContains(cidr, address)).toBe(contains)
  })

  it('contains the addresses that are equal in its first bits', () => {
    const address = fc.tuple(fc.nat(255), fc.nat(255), fc.nat(255), fc.nat(255))
    const number = ([a, b, c, d]: readonly number[]): number =>
      ((a ?? 0) * 2 ** 24 + (b ?? 0) * 2 ** 16 + (c ?? 0) * 256 + (d ?? 0)) >>> 0
    fc.assert(
      fc.property(address, address, fc.nat(32), (network, other, length) => {
        const size = 2 ** (32 - length)
        const same = Math.floor(number(network) / size) === Math.floor(number(other) / size)
        expect(cidrContains(`${network.join('.')}/${length}`, other.join('.'))).toBe(same)
      }),
      { seed: 20_261_120, numRuns: 300 },
    )
  })
})
