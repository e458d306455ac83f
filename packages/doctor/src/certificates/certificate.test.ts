import { X509Certificate } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { FIXTURES } from '../../testing/fixture.ts'
import { encodedBundle, isUsable, pemOf, readBundle, readEncodedBundle } from './bundle.ts'
import { bytesOf } from './bytes.ts'
import { readCertificate } from './certificate.ts'
import { DerError } from './der.ts'
import { isSelfIssued, rootOf } from './trust.ts'

const folder = join(FIXTURES, 'certificates')
const names = readdirSync(folder).filter((name) => name.endsWith('.pem') && name !== 'redacted-key.pem')
const pem = (name: string): string => readFileSync(join(folder, `${name}.pem`), 'utf8')
const one = (name: string) => {
  const [certificate] = readBundle(pem(name)).certificates
  if (certificate === undefined) throw new Error(name)
  return certificate
}
const base64 = (text: string): string => Buffer.from(text, 'latin1').toString('base64')
const codes = (text: string): string[] => readEncodedBundle(text).problems.map(({ code }) => code)

describe('a certificate', () => {
  it.each(names)('is read as node:crypto reads it: %s', (name) => {
    const theirs = new X509Certificate(readFileSync(join(folder, name)))
    const ours = one(name.replace('.pem', ''))
    expect(ours.fingerprint).toBe(theirs.fingerprint256.replaceAll(':', '').toLowerCase())
    expect(ours.subject).toBe(theirs.subject.replaceAll('\n', ','))
    expect(ours.issuer).toBe(theirs.issuer.replaceAll('\n', ','))
    expect(ours.serialNumber).toBe(theirs.serialNumber.toLowerCase())
    expect([ours.notBefore, ours.notAfter]).toEqual([theirs.validFromDate.getTime(), theirs.validToDate.getTime()])
    expect(ours.isCA).toBe(theirs.ca)
    const alternative = [
      ...ours.dnsNames.map((dns) => `DNS:${dns}`),
      ...ours.ipAddresses.map((address) => `IP Address:${address}`),
    ]
    expect(alternative.join(', ')).toBe(theirs.subjectAltName ?? '')
  })

  it('leads to its root by name and key, and not to another', () => {
    expect(rootOf([one('foreign-leaf')], [one('proa-root'), one('foreign-root')])).toEqual(one('foreign-root'))
    expect(rootOf([one('foreign-leaf')], [one('mesh-root')])).toBeUndefined()
    expect(isSelfIssued(one('foreign-root'))).toBe(true)
    expect(isSelfIssued(one('foreign-leaf'))).toBe(false)
  })

  it('cannot crash the reader, whatever the bytes are', () => {
    const [good] = readBundle(pem('foreign-leaf')).certificates
    const bytes = good?.der ?? new Uint8Array()
    const damaged = fc.tuple(fc.nat(bytes.length - 1), fc.integer({ min: 0, max: 255 })).map(([at, value]) => {
      const copy = Uint8Array.from(bytes)
      copy[at] = value
      return copy
    })
    fc.assert(
      fc.property(
        fc.oneof(
          damaged,
          fc.uint8Array({ maxLength: 300 }),
          fc.nat(bytes.length).map((end) => bytes.slice(0, end)),
        ),
        (input) => {
          try {
            readCertificate(input)
          } catch (error) {
            expect(error).toBeInstanceOf(DerError)
          }
        },
      ),
      { seed: 4, numRuns: 3000 },
    )
  })
})

describe('a bundle', () => {
  it('is read with comments, Windows line ends and white space around it', () => {
    const text = `# the root of the mesh\r\n${pem('mesh-root').replaceAll('\n', '\r\n')}\n\n  ${pem('foreign-root')} the end`
    const bundle = readBundle(text)
    expect(bundle.certificates.map(({ subject }) => subject)).toEqual(['CN=cluster.local root', 'CN=other mesh root'])
    expect(bundle.problems).toEqual([])
  })

  it('is written as it was read', () => {
    expect(pemOf(readBundle(pem('mesh-root')).certificates)).toBe(pem('mesh-root'))
    expect(encodedBundle(readBundle(pem('mesh-root')).certificates)).toBe(base64(pem('mesh-root')))
  })

  it('says what is wrong with it', () => {
    const root = pem('mesh-root')
    expect(codes(base64(root))).toEqual([])
    expect(codes(base64(base64(root)))).toEqual(['base64-twice'])
    expect(codes(Buffer.from(one('mesh-root').der).toString('base64'))).toEqual(['der'])
    expect(codes(root)).toEqual(['pem-not-encoded'])
    expect(codes('$$$')).toEqual(['not-base64'])
    expect(codes(base64('hello'))).toEqual(['not-pem'])
    expect(codes(base64(root.slice(0, 300)))).toEqual(['cut-off'])
    expect(codes(base64('-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n'))).toEqual([
      'not-a-certificate',
    ])
    expect(codes(base64(`${root}-----BEGIN EC PRIVATE KEY-----\nAAAA\n-----END EC PRIVATE KEY-----\n`))).toEqual([
      'private-key',
    ])
    expect(codes(base64(`${root}redacted private key\n`))).toEqual(['private-key'])
  })

  it('is empty when it is white space, as placeholders are', () => {
    expect(readEncodedBundle('Cg==')).toMatchObject({ empty: true, problems: [] })
    expect(readEncodedBundle('')).toMatchObject({ empty: true })
  })

  it('helps an API server as soon as one certificate can be read', () => {
    expect(isUsable(readEncodedBundle(base64(`${pem('mesh-root')}-----BEGIN X-----\n-----END X-----\n`)))).toBe(true)
    expect(isUsable(readEncodedBundle(base64(base64(pem('mesh-root')))))).toBe(false)
  })

  it('can be anything', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        readBundle(text)
        readEncodedBundle(text)
        readBundle(`-----BEGIN CERTIFICATE-----${text}-----END CERTIFICATE-----`)
      }),
      { seed: 4 },
    )
    expect(bytesOf('é')).toEqual(Uint8Array.of(0xe9))
  })
})
