import { describe, expect, it } from 'vitest'
import { parseIpAddress } from './ip-address.ts'

describe('IP addresses', () => {
  it.each([
    ['10.0.0.1', 4, ''],
    ['::', 6, ''],
    ['::1', 6, ''],
    ['1::', 6, ''],
    ['1:2:3:4:5:6:7:8', 6, ''],
    ['::ffff:192.0.2.1', 6, ''],
    ['1:2:3:4:5:6:192.0.2.1', 6, ''],
    ['fe80::1%eth0', 6, 'eth0'],
  ] as const)('%s is one of IPv%i', (text, family, zone) => {
    expect(parseIpAddress(text)).toEqual({ family, zone })
  })

  // Printed by Go's netip.ParseAddr.
  it.each([
    ['', 'unable to parse IP'],
    ['localhost', 'unable to parse IP'],
    ['%eth0', 'missing IPv6 address'],
    ['fe80::1%', 'zone must be a non-empty string'],
    ['10.0.0', 'IPv4 address too short'],
    ['10.0.0.0.1', 'IPv4 address too long'],
    ['10.0.0.256', 'IPv4 field has value >255'],
    ['10.0.0.01', 'IPv4 field has octet with leading zero'],
    ['10..0.1', 'IPv4 field must have at least one digit (at ".0.1")'],
    ['10.0.0.', 'IPv4 field must have at least one digit (at ".")'],
    ['10.0.0.1%eth0', 'unexpected character (at "%eth0")'],
    [':1', 'each colon-separated field must have at least one digit (at ":1")'],
    ['1:2:3', 'address string too short'],
    ['1:', 'colon must be followed by more characters (at ":")'],
    ['1::2::3', 'multiple :: in address (at ":3")'],
    ['12345::', 'each group must have 4 or less digits (at "12345::")'],
    ['::1 ', 'unexpected character, want colon (at " ")'],
    ['1:2:3:4:5:6:7:8:9', 'trailing garbage after address (at "9")'],
    ['1:2:3:4:5:6:7::8', 'the :: must expand to at least one field of zeros'],
    ['1:1.2.3.4', 'embedded IPv4 address must replace the final 2 fields of the address (at "1.2.3.4")'],
    ['::1:2:3:4:5:6:7:1.2.3.4', 'too many hex fields to fit an embedded IPv4 at the end of the address (at "1.2.3.4")'],
  ])('%o is none, in the words of Go', (text, problem) => {
    expect(parseIpAddress(text)).toBe(`ParseAddr("${text}"): ${problem}`)
  })
})
