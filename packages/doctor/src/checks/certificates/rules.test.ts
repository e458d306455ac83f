import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { FIXTURES } from '../../../testing/fixture.ts'
import { readBundle } from '../../certificates/bundle.ts'
import type { Certificate } from '../../certificates/certificate.ts'
import { trustOf } from '../../certificates/trust.ts'
import { urgency } from './expiry.ts'
import { covers } from './names.ts'

const one = (name: string): Certificate => {
  const [certificate] = readBundle(readFileSync(join(FIXTURES, 'certificates', `${name}.pem`), 'utf8')).certificates
  if (certificate === undefined) throw new Error(name)
  return certificate
}
const DAY = 86_400_000

// How long is left, of which life, and what is said then: proa renews at 20 of 30 days, cert-manager at two thirds.
it.each([
  [20 / 24, 1, undefined],
  [10, 30, undefined],
  [8.9, 30, 'warn'],
  [2.9, 30, 'error'],
  [30, 90, undefined],
  [61, 365, undefined],
  [59, 365, 'info'],
  [29, 365, 'warn'],
  [6, 3650, 'error'],
] as const)('%d days left of %d: %s', (left, life, severity) => {
  expect(urgency(left * DAY, life * DAY)).toBe(severity)
})

describe('the name of a serving certificate', () => {
  const named = (...dnsNames: string[]): Certificate => ({
    ...one('foreign-leaf'),
    dnsNames,
    ipAddresses: ['10.0.0.1'],
  })
  it.each([
    ['istiod.istio-system.svc', ['istiod.istio-system.svc'], true],
    ['istiod.istio-system.svc', ['ISTIOD.istio-system.svc'], true],
    ['istiod.istio-system.svc', ['*.istio-system.svc'], true],
    ['istiod.istio-system.svc', ['*.svc'], false],
    ['istiod.istio-system.svc', ['istiod'], false],
    ['10.0.0.1', [], true],
    ['10.0.0.2', [], false],
  ] as const)('%s, of %j: %s', (wanted, names, is) => {
    expect(covers(named(...names), wanted)).toBe(is)
  })
})

describe('trust', () => {
  const [leaf, root, other] = [one('foreign-leaf'), one('foreign-root'), one('mesh-root')]
  const verdict = { configuration: 'a', index: 0 }
  it('is what the probe found, and without it what names and key ids say', () => {
    expect(trustOf([leaf], [other], { ...verdict, verifies: true })).toEqual({ trusted: true, confidence: 'certain' })
    expect(trustOf([leaf], [root], undefined)).toEqual({ trusted: true, confidence: 'likely' })
    expect(trustOf([leaf], [other], undefined)).toEqual({ trusted: false, confidence: 'likely' })
  })

  it('is not lost because of dates, but because of a signature of another key with the same name', () => {
    const ended = { ...verdict, verifies: false, problem: 'the certificate has ended on 2026-11-11' }
    expect(trustOf([leaf], [root], ended).trusted).toBe(true)
    const unsigned = { ...verdict, verifies: false, problem: 'the certificate is not signed by the CA bundle' }
    expect(trustOf([leaf], [root], unsigned).trusted).toBe(false)
  })
})
