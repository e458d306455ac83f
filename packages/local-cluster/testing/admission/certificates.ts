import 'reflect-metadata'
import { webcrypto } from 'node:crypto'
import * as x509 from '@peculiar/x509'

/** Certificates as they go wrong in clusters. */

x509.cryptoProvider.set(webcrypto as unknown as Crypto)

const ECDSA = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' }
const DAY = 86_400_000

export interface Authority {
  readonly certificate: x509.X509Certificate
  readonly keys: CryptoKeyPair
  /** PEM. */
  readonly pem: string
}

export interface CertificateWish {
  readonly commonName?: string
  readonly dns?: readonly string[]
  readonly addresses?: readonly string[]
  readonly notBefore?: Date
  readonly notAfter?: Date
  /** OIDs; default serverAuth. */
  readonly usages?: readonly string[]
  readonly ca?: boolean
}

/** What a TLS server is given. */
export interface ServerCertificate {
  readonly cert: string
  readonly key: string
}

let serial = 1000

async function make(wish: CertificateWish, issuer: Authority | undefined) {
  const keys = (await webcrypto.subtle.generateKey(ECDSA, true, ['sign', 'verify'])) as unknown as CryptoKeyPair
  const names = [
    ...(wish.dns ?? []).map((value) => ({ type: 'dns' as const, value })),
    ...(wish.addresses ?? []).map((value) => ({ type: 'ip' as const, value })),
  ]
  const subject = wish.commonName === undefined ? '' : `CN=${wish.commonName}`
  const extensions: x509.Extension[] = [new x509.BasicConstraintsExtension(wish.ca === true, undefined, true)]
  if (wish.ca === true) {
    extensions.push(new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign, true))
  } else extensions.push(new x509.ExtendedKeyUsageExtension([...(wish.usages ?? ['1.3.6.1.5.5.7.3.1'])]))
  if (names.length > 0) extensions.push(new x509.SubjectAlternativeNameExtension(names))
  serial += 1
  const certificate = await x509.X509CertificateGenerator.create({
    serialNumber: serial.toString(16).padStart(4, '0'),
    subject,
    issuer: issuer?.certificate.subject ?? subject,
    notBefore: wish.notBefore ?? new Date(Date.now() - DAY),
    notAfter: wish.notAfter ?? new Date(Date.now() + DAY),
    signingAlgorithm: ECDSA,
    publicKey: keys.publicKey,
    signingKey: (issuer?.keys ?? keys).privateKey,
    extensions,
  } as unknown as x509.X509CertificateCreateWithKeyParams)
  return { certificate, keys }
}

export async function authority(
  commonName: string,
  wish: CertificateWish = {},
  issuer?: Authority,
): Promise<Authority> {
  const { certificate, keys } = await make({ ...wish, commonName, ca: true }, issuer)
  return { certificate, keys, pem: certificate.toString('pem') }
}

export async function serverCertificate(
  issuer: Authority | undefined,
  wish: CertificateWish,
  chain: readonly Authority[] = [],
): Promise<ServerCertificate> {
  const { certificate, keys } = await make(wish, issuer)
  const pkcs8 = Buffer.from(await webcrypto.subtle.exportKey('pkcs8', keys.privateKey as never)).toString('base64')
  return {
    cert: [certificate.toString('pem'), ...chain.map(({ pem }) => pem)].join('\n'),
    key: `-----BEGIN PRIVATE KEY-----\n${pkcs8.replace(/.{64}/g, '$&\n')}\n-----END PRIVATE KEY-----\n`,
  }
}
