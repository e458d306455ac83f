import { execFileSync } from 'node:child_process'
import { X509Certificate } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import {
  type Authority,
  BACKDATED,
  certificateFacts,
  createAuthority,
  issueClientCertificate,
  issueServingCertificate,
  type KeyAlgorithm,
  PkiError,
} from './index.ts'

const DAY = 86_400_000
const now = new Date()
let authority: Authority

beforeAll(async () => {
  authority = await createAuthority({ commonName: 'test authority', validFor: 30 * DAY, now })
})

describe('an authority', () => {
  it('is a self-signed root that may sign leaves only', () => {
    const certificate = new X509Certificate(authority.certificate)
    expect(certificateFacts(authority.certificate)).toMatchObject({
      subject: 'CN=test authority',
      issuer: 'CN=test authority',
      isCA: true,
      dnsNames: [],
    })
    expect(certificate.verify(certificate.publicKey)).toBe(true)
    expect(authority.privateKey).toMatch(/^-----BEGIN PRIVATE KEY-----\n/)
  })

  it.each<KeyAlgorithm>(['ecdsa-p256', 'ecdsa-p384', 'rsa-2048'])('signs with %s', async (algorithm) => {
    const root = await createAuthority({ commonName: 'root', validFor: DAY, now, algorithm })
    const leaf = await issueServingCertificate(root, { dnsNames: ['a.test'], validFor: DAY, now })
    const signer = new X509Certificate(root.certificate)
    expect(new X509Certificate(leaf.certificate).verify(signer.publicKey)).toBe(true)
  })
})

describe('a serving certificate', () => {
  it('is for the names and addresses asked for, and for servers', async () => {
    const { certificate } = await issueServingCertificate(authority, {
      dnsNames: ['proa.proa-system.svc', '*.proa.test'],
      ipAddresses: ['127.0.0.1', '::1'],
      validFor: DAY,
      now,
    })
    expect(certificateFacts(certificate)).toMatchObject({
      subject: 'CN=proa.proa-system.svc',
      issuer: 'CN=test authority',
      dnsNames: ['proa.proa-system.svc', '*.proa.test'],
      ipAddresses: ['127.0.0.1', '0:0:0:0:0:0:0:1'],
      isCA: false,
    })
    expect([...(new X509Certificate(certificate).keyUsage ?? [])]).toEqual(['1.3.6.1.5.5.7.3.1'])
  })

  it('begins a little in the past, never before its authority, and never ends after it', async () => {
    const { certificate } = await issueServingCertificate(authority, { dnsNames: ['a.test'], validFor: 90 * DAY, now })
    const root = certificateFacts(authority.certificate)
    expect(certificateFacts(certificate).notAfter).toEqual(root.notAfter)
    expect(certificateFacts(certificate).notBefore).toEqual(root.notBefore)
    expect(now.getTime() - root.notBefore.getTime()).toBeGreaterThanOrEqual(BACKDATED)
  })

  it('has a serial number of 128 bits that no other has', async () => {
    const issue = () => issueServingCertificate(authority, { dnsNames: ['a.test'], validFor: DAY, now })
    const serials = (await Promise.all([issue(), issue(), issue()])).map(
      ({ certificate }) => certificateFacts(certificate).serialNumber,
    )
    expect(new Set(serials).size).toBe(3)
    for (const serial of serials) expect(serial).toMatch(/^[4-7][0-9A-F]{31}$/)
  })

  it('may have a name too long for a common name', async () => {
    const name = `${'long-'.repeat(12)}.proa-system.svc.cluster.local`.replaceAll('-.', '.')
    const { certificate } = await issueServingCertificate(authority, { dnsNames: [name], validFor: DAY, now })
    expect(certificateFacts(certificate)).toMatchObject({ subject: '', dnsNames: [name] })
  })

  it.each([
    ['no name', { dnsNames: [] }, 'needs at least one name'],
    ['a name that is none', { dnsNames: ['a b'] }, '"a b" is not a DNS name'],
    ['an address that is none', { dnsNames: ['a'], ipAddresses: ['1.2.3'] }, '"1.2.3" is not an IP address'],
    ['no time', { dnsNames: ['a'], validFor: 0 }, 'cannot be valid for 0'],
    ['an authority that has ended', { dnsNames: ['a'], now: new Date(now.getTime() + 31 * DAY) }, 'has ended on'],
  ])('is refused for %s', async (_, request, message) => {
    const issued = issueServingCertificate(authority, { validFor: DAY, now, ...request })
    await expect(issued).rejects.toThrow(PkiError)
    await expect(issued).rejects.toThrow(message)
  })

  it('is not signed by what is no authority, nor with a key that cannot be read', async () => {
    const leaf = await issueServingCertificate(authority, { dnsNames: ['a'], validFor: DAY, now })
    const request = { dnsNames: ['b'], validFor: DAY, now }
    await expect(issueServingCertificate(leaf, request)).rejects.toMatchObject({ code: 'wrong-usage' })
    const cut = { ...authority, privateKey: authority.privateKey.slice(0, 90) }
    await expect(issueServingCertificate(cut, request)).rejects.toMatchObject({ code: 'bad-key' })
    await expect(issueServingCertificate({ ...authority, privateKey: 'x' }, request)).rejects.toMatchObject({
      code: 'not-pem',
    })
  })
})

describe('a client certificate', () => {
  it('carries the user and the groups that Kubernetes reads, and is for clients', async () => {
    const { certificate } = await issueClientCertificate(authority, {
      commonName: 'admin',
      organizations: ['system:masters', 'proa:users'],
      validFor: DAY,
      now,
    })
    expect(certificateFacts(certificate).subject).toBe('O=system:masters,O=proa:users,CN=admin')
    expect([...(new X509Certificate(certificate).keyUsage ?? [])]).toEqual(['1.3.6.1.5.5.7.3.2'])
  })
})

function hasOpenssl(): boolean {
  try {
    execFileSync('openssl', ['version'], { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
}

describe.skipIf(!hasOpenssl())('as openssl reads it', () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'proa-pki-'))
  afterAll(() => rmSync(folder, { recursive: true, force: true }))

  function file(name: string, text: string): string {
    const place = path.join(folder, name)
    writeFileSync(place, text)
    return place
  }
  const openssl = (...args: string[]): string => execFileSync('openssl', args, { encoding: 'utf8', stdio: 'pipe' })

  it('the chain is right for a TLS server with this name, strictly', async () => {
    const leaf = await issueServingCertificate(authority, { dnsNames: ['a.test'], validFor: DAY, now })
    const [root, certificate] = [file('root.pem', authority.certificate), file('leaf.pem', leaf.certificate)]
    const verify = ['verify', '-x509_strict', '-purpose', 'sslserver', '-CAfile', root]
    expect(openssl(...verify, '-verify_hostname', 'a.test', certificate)).toContain('OK')
    expect(() => openssl(...verify, '-verify_hostname', 'b.test', certificate)).toThrow()
  })

  it('the right one of two roots with the same name is found, in any order', async () => {
    const other = await createAuthority({ commonName: 'test authority', validFor: DAY, now })
    const leaf = await issueServingCertificate(authority, { dnsNames: ['a.test'], validFor: DAY, now })
    const certificate = file('leaf2.pem', leaf.certificate)
    for (const roots of [
      [authority, other],
      [other, authority],
    ]) {
      const bundle = file('bundle.pem', roots.map((one) => one.certificate).join(''))
      expect(openssl('verify', '-x509_strict', '-CAfile', bundle, certificate)).toContain('OK')
    }
  })

  it('the facts are those that openssl prints', async () => {
    const { certificate, privateKey } = await issueServingCertificate(authority, {
      dnsNames: ['a.test', 'b.test'],
      validFor: DAY,
      now,
    })
    const place = file('leaf3.pem', certificate)
    const printed = openssl('x509', '-in', place, '-noout', '-serial', '-fingerprint', '-sha256', '-enddate')
    const facts = certificateFacts(certificate)
    expect(printed).toContain(`serial=${facts.serialNumber}`)
    expect(printed.replaceAll(':', '').toLowerCase()).toContain(facts.fingerprint)
    expect(new Date(/notAfter=(.*)/.exec(printed)?.[1] ?? '')).toEqual(facts.notAfter)
    expect(openssl('pkey', '-in', file('key.pem', privateKey), '-noout', '-text')).toContain('P-256')
  })
})
