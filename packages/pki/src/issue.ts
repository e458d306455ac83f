import { randomBytes } from 'node:crypto'
import { isIP } from 'node:net'
import { readCertificate } from './facts.ts'
import { createKeyPair, importSigningKey, type KeyAlgorithm, privateKeyPem } from './keys.ts'
import { x509 } from './library.ts'
import { PkiError } from './pki-error.ts'

/** A certificate that may sign others, and its key. */
export interface Authority {
  /** PEM, one certificate. */
  readonly certificate: string
  /** PEM, PKCS#8. */
  readonly privateKey: string
}

/** A leaf and its key. */
export interface IssuedCertificate {
  /** PEM, the leaf alone: the authority is a root, so the chain needs nothing else. */
  readonly certificate: string
  /** PEM, PKCS#8. */
  readonly privateKey: string
}

interface Lifetime {
  /** Milliseconds from `now` to the end. */
  readonly validFor: number
  readonly now: Date
}

export interface AuthorityRequest extends Lifetime {
  readonly commonName: string
  /** Default `ecdsa-p256`. */
  readonly algorithm?: KeyAlgorithm
}

export interface ServingRequest extends Lifetime {
  readonly dnsNames: readonly string[]
  readonly ipAddresses?: readonly string[]
  /** Default: the first name. */
  readonly commonName?: string
  readonly algorithm?: KeyAlgorithm
}

export interface ClientRequest extends Lifetime {
  /** Kubernetes reads it as the name of the user. */
  readonly commonName: string
  /** Kubernetes reads them as groups. */
  readonly organizations?: readonly string[]
  readonly algorithm?: KeyAlgorithm
}

/** How far a certificate begins in the past: machines whose clocks are that late accept it at once. Milliseconds. */
export const BACKDATED = 3_600_000

type Name = { [attribute: string]: string[] }[]
type Library = Awaited<ReturnType<typeof x509>>
type Extensions = InstanceType<Library['Extension']>[]

/** A self-signed root. */
export async function createAuthority(request: AuthorityRequest): Promise<Authority> {
  const library = await x509()
  const pair = await createKeyPair(request.algorithm)
  const { KeyUsageFlags: usage } = library
  const created = await library.X509CertificateGenerator.createSelfSigned({
    serialNumber: serialNumber(),
    name: [{ CN: [request.commonName] }],
    ...dates(request),
    keys: { publicKey: pair.publicKey, privateKey: pair.privateKey },
    signingAlgorithm: pair.algorithm,
    extensions: [
      // Length 0: nothing between this root and what serves, so a stolen leaf can never become an authority.
      new library.BasicConstraintsExtension(true, 0, true),
      new library.KeyUsagesExtension(usage.keyCertSign | usage.cRLSign, true),
      await library.SubjectKeyIdentifierExtension.create(pair.publicKey),
    ],
  })
  return { certificate: text(created.toString('pem')), privateKey: await privateKeyPem(pair.privateKey) }
}

/**
 * A certificate for a TLS server. It never outlives the authority.
 * @throws PkiError when there is no name, the authority has ended, or cannot be read
 */
export async function issueServingCertificate(
  authority: Authority,
  request: ServingRequest,
): Promise<IssuedCertificate> {
  const { dnsNames, ipAddresses = [] } = request
  const names = [...dnsNames, ...ipAddresses]
  const [first] = names
  if (first === undefined) throw new PkiError('bad-request', 'a serving certificate needs at least one name or address')
  checkNames(dnsNames, ipAddresses)
  const library = await x509()
  const commonName = request.commonName ?? first
  // A common name longer than 64 is against the standard, and nobody reads it beside the alternative names.
  const name: Name = commonName.length <= 64 ? [{ CN: [commonName] }] : []
  const alternative = new library.SubjectAlternativeNameExtension(
    [
      ...dnsNames.map((value) => ({ type: 'dns' as const, value })),
      ...ipAddresses.map((value) => ({ type: 'ip' as const, value })),
    ],
    // Critical where there is no other name (RFC 5280, 4.2.1.6).
    name.length === 0,
  )
  return await issue(authority, request, name, [alternative, new library.ExtendedKeyUsageExtension([SERVER_AUTH])])
}

/** A certificate with which a client shows who it is. */
export async function issueClientCertificate(authority: Authority, request: ClientRequest): Promise<IssuedCertificate> {
  const library = await x509()
  const { organizations = [] } = request
  const name: Name = [...organizations.map((one) => ({ O: [one] })), { CN: [request.commonName] }]
  return await issue(authority, request, name, [new library.ExtendedKeyUsageExtension([CLIENT_AUTH])])
}

const SERVER_AUTH = '1.3.6.1.5.5.7.3.1'
const CLIENT_AUTH = '1.3.6.1.5.5.7.3.2'

async function issue(
  authority: Authority,
  request: Lifetime & { readonly algorithm?: KeyAlgorithm },
  name: Name,
  special: Extensions,
): Promise<IssuedCertificate> {
  const library = await x509()
  const issuer = new library.X509Certificate(signer(authority, request.now))
  const signing = await importSigningKey(authority.privateKey, "the authority's private key")
  const pair = await createKeyPair(request.algorithm)
  const { KeyUsageFlags: usage } = library
  const created = await library.X509CertificateGenerator.create({
    serialNumber: serialNumber(),
    subject: name,
    issuer: issuer.subjectName,
    ...within(dates(request), issuer),
    publicKey: pair.publicKey,
    signingKey: signing.key,
    signingAlgorithm: signing.algorithm,
    extensions: [
      new library.BasicConstraintsExtension(false, undefined, true),
      new library.KeyUsagesExtension(usage.digitalSignature | usage.keyEncipherment, true),
      ...special,
      await library.SubjectKeyIdentifierExtension.create(pair.publicKey),
      // By the key, so that the right one of two roots with the same name is found.
      await library.AuthorityKeyIdentifierExtension.create(issuer.publicKey),
    ],
  })
  return { certificate: text(created.toString('pem')), privateKey: await privateKeyPem(pair.privateKey) }
}

/** The authority's certificate as it may be used now. */
function signer(authority: Authority, now: Date): string {
  const certificate = readCertificate(authority.certificate, "the authority's certificate")
  if (!certificate.ca)
    throw new PkiError('wrong-usage', 'the authority’s certificate is not one of an authority (CA:TRUE)')
  if (certificate.validToDate.getTime() <= now.getTime()) {
    throw new PkiError(
      'expired',
      `the authority has ended on ${certificate.validToDate.toISOString()}; create a new one`,
    )
  }
  return certificate.toString()
}

interface Dates {
  readonly notBefore: Date
  readonly notAfter: Date
}

function dates({ now, validFor }: Lifetime): Dates {
  if (!(validFor > 0)) throw new PkiError('bad-request', `a certificate cannot be valid for ${validFor} milliseconds`)
  return { notBefore: new Date(now.getTime() - BACKDATED), notAfter: new Date(now.getTime() + validFor) }
}

function within(wanted: Dates, issuer: Dates): Dates {
  return {
    notBefore: new Date(Math.max(wanted.notBefore.getTime(), issuer.notBefore.getTime())),
    notAfter: new Date(Math.min(wanted.notAfter.getTime(), issuer.notAfter.getTime())),
  }
}

const DNS_NAME = /^(?:\*\.)?(?:[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?)(?:\.[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?)*$/i

function checkNames(dnsNames: readonly string[], ipAddresses: readonly string[]): void {
  for (const name of dnsNames) {
    if (name.length > 253 || !DNS_NAME.test(name)) throw new PkiError('bad-request', `"${name}" is not a DNS name`)
  }
  for (const address of ipAddresses) {
    if (isIP(address) === 0) throw new PkiError('bad-request', `"${address}" is not an IP address`)
  }
}

/** 128 random bits; the first is 0, because a serial number is positive, the second 1, so that its length is always the same. */
function serialNumber(): string {
  const bytes = randomBytes(16)
  bytes[0] = ((bytes[0] ?? 0) & 0x7f) | 0x40
  return bytes.toString('hex')
}

function text(pem: string): string {
  return `${pem.trimEnd()}\n`
}
