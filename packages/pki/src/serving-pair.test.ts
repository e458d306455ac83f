import { createPublicKey } from 'node:crypto'
import { once } from 'node:events'
import https from 'node:https'
import type { AddressInfo } from 'node:net'
import type tls from 'node:tls'
import { beforeAll, describe, expect, it } from 'vitest'
import {
  type Authority,
  chainVerifies,
  checkServingPair,
  createAuthority,
  type IssuedCertificate,
  issueClientCertificate,
  issueServingCertificate,
} from './index.ts'
import { importSigningKey } from './keys.ts'
import { x509 } from './library.ts'

const DAY = 86_400_000
const now = new Date()
const later = (days: number): Date => new Date(now.getTime() + days * DAY)
let authority: Authority
let stranger: Authority
let leaf: IssuedCertificate

beforeAll(async () => {
  authority = await createAuthority({ commonName: 'ours', validFor: 30 * DAY, now })
  stranger = await createAuthority({ commonName: 'ours', validFor: 30 * DAY, now })
  leaf = await issueServingCertificate(authority, { dnsNames: ['a.test', '*.b.test'], validFor: 2 * DAY, now })
})

describe('a pair that can serve', () => {
  it('is accepted, with what its leaf says', () => {
    const facts = checkServingPair({ ...leaf, bundle: authority.certificate }, ['a.test', 'x.b.test'], now)
    expect(facts.dnsNames).toEqual(['a.test', '*.b.test'])
  })

  it('may be trusted by any root of the bundle', () => {
    const bundle = stranger.certificate + authority.certificate
    expect(chainVerifies(leaf.certificate, bundle, now)).toBe(true)
    expect(chainVerifies(leaf.certificate, stranger.certificate, now)).toBe(false)
  })

  it('may be trusted by a root that was renewed with its old key, whichever stands first', async () => {
    const renewed = await renew(authority, 60)
    const [at, certificate] = [later(31), await longLeaf(renewed)]
    for (const bundle of [authority.certificate + renewed.certificate, renewed.certificate + authority.certificate]) {
      expect(chainVerifies(certificate, bundle, at)).toBe(true)
    }
    expect(chainVerifies(certificate, authority.certificate, at)).toBe(false)
  })
})

/** The same name and key with a later end, as some authorities renew their root. */
async function renew({ certificate, privateKey }: Authority, days: number): Promise<Authority> {
  const library = await x509()
  const signing = await importSigningKey(privateKey, 'the key')
  const spki = createPublicKey(privateKey).export({ type: 'spki', format: 'der' })
  const publicKey = await crypto.subtle.importKey('spki', spki, signing.algorithm, true, ['verify'])
  const created = await library.X509CertificateGenerator.createSelfSigned({
    name: new library.X509Certificate(certificate).subject,
    notBefore: now,
    notAfter: later(days),
    keys: { publicKey, privateKey: signing.key },
    signingAlgorithm: signing.algorithm,
    extensions: [new library.BasicConstraintsExtension(true, 0, true)],
  })
  return { certificate: `${created.toString('pem')}\n`, privateKey }
}

async function longLeaf(root: Authority): Promise<string> {
  return (await issueServingCertificate(root, { dnsNames: ['a.test'], validFor: 50 * DAY, now })).certificate
}

describe('a pair that cannot serve is refused with the reason', () => {
  const refused = (change: object, names: string[], at: Date): unknown => {
    try {
      return checkServingPair({ ...leaf, bundle: authority.certificate, ...change }, names, at)
    } catch (error) {
      return error
    }
  }

  it.each([
    ['no PEM', () => ({ certificate: 'hello' }), 'not-pem', 'the certificate is not PEM'],
    ['cut off', () => ({ certificate: leaf.certificate.slice(0, 300) }), 'bad-certificate', 'cut off'],
    ['a key that is no PEM', () => ({ privateKey: '' }), 'not-pem', 'the private key is not PEM'],
    ['half a key', () => ({ privateKey: leaf.privateKey.slice(0, 80) }), 'bad-key', 'cannot be read'],
    [
      'another key',
      () => ({ privateKey: stranger.privateKey }),
      'key-mismatch',
      'does not belong to the certificate of "CN=a.test"',
    ],
    [
      'another root of the same name',
      () => ({ bundle: stranger.certificate }),
      'untrusted',
      'not signed by the CA bundle',
    ],
    ['an empty bundle', () => ({ bundle: '' }), 'not-pem', 'holds no certificate'],
  ])('%s', (_, change, code, message) => {
    const error = refused(change(), ['a.test'], now)
    expect(error).toMatchObject({ code, message: expect.stringContaining(message) })
    expect(String(error)).not.toContain(leaf.privateKey.slice(40, 80))
  })

  it('expired, not yet valid, for other names', () => {
    expect(refused({}, [], later(3))).toMatchObject({ code: 'expired' })
    expect(refused({}, [], later(-1))).toMatchObject({
      code: 'not-yet-valid',
      message: expect.stringContaining('clock'),
    })
    expect(refused({}, ['a.test', 'c.test'], now)).toMatchObject({
      code: 'wrong-name',
      message: 'the certificate is not for c.test; its names (subjectAltName) are a.test, *.b.test',
    })
  })

  it('a certificate for clients', async () => {
    const client = await issueClientCertificate(authority, { commonName: 'admin', validFor: DAY, now })
    expect(refused({ ...client }, [], now)).toMatchObject({ code: 'wrong-usage' })
  })

  it('an expired root, although the leaf is good', async () => {
    const short = await createAuthority({ commonName: 'short', validFor: DAY, now })
    const issued = await issueServingCertificate(short, { dnsNames: ['a.test'], validFor: DAY, now })
    expect(chainVerifies(issued.certificate, short.certificate, now)).toBe(true)
    expect(chainVerifies(issued.certificate, short.certificate, later(2))).toBe(false)
  })
})

describe('over a real TLS connection', () => {
  it('the server is known by its certificate and the client by its own', async () => {
    const client = await issueClientCertificate(authority, {
      commonName: 'jane',
      organizations: ['team'],
      validFor: DAY,
      now,
    })
    const server = https.createServer(
      {
        cert: leaf.certificate,
        key: leaf.privateKey,
        ca: authority.certificate,
        requestCert: true,
        rejectUnauthorized: true,
      },
      (request, response) => {
        const { subject } = (request.socket as tls.TLSSocket).getPeerCertificate()
        response.end(JSON.stringify({ user: subject.CN, group: subject.O }))
      },
    )
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    const { port } = server.address() as AddressInfo
    const call = (ca: string): Promise<string> =>
      new Promise((resolve, reject) => {
        const { certificate: cert, privateKey: key } = client
        const options = { host: '127.0.0.1', port, servername: 'a.test', ca, cert, key, agent: false }
        https.get(options, (response) => response.setEncoding('utf8').once('data', resolve)).once('error', reject)
      })
    try {
      expect(JSON.parse(await call(authority.certificate))).toEqual({ user: 'jane', group: 'team' })
      await expect(call(stranger.certificate)).rejects.toThrow()
    } finally {
      server.close()
      server.closeAllConnections()
      await once(server, 'close')
    }
  })
})
