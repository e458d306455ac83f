import { X509Certificate } from 'node:crypto'
import { PkiError } from './pki-error.ts'

/** What a certificate says, for logs, checks and the doctor. */
export interface CertificateFacts {
  /** `CN=proa webhook`, parts joined by a comma. */
  readonly subject: string
  readonly issuer: string
  readonly dnsNames: readonly string[]
  readonly ipAddresses: readonly string[]
  readonly uris: readonly string[]
  readonly notBefore: Date
  readonly notAfter: Date
  /** SHA-256 of the DER, 64 lower-case hexadecimal digits. */
  readonly fingerprint: string
  /** Hexadecimal, as openssl prints it. */
  readonly serialNumber: string
  readonly isCA: boolean
}

/**
 * Of the first certificate of the text.
 * @throws PkiError `not-pem`, `bad-certificate`
 */
export function certificateFacts(pem: string): CertificateFacts {
  return factsOf(readCertificate(pem))
}

/** @throws PkiError `not-pem`, `bad-certificate` */
export function readCertificate(pem: string, what = 'the certificate'): X509Certificate {
  if (!pem.includes('-----BEGIN CERTIFICATE-----')) {
    throw new PkiError('not-pem', `${what} is not PEM: there is no "-----BEGIN CERTIFICATE-----" line`)
  }
  try {
    return new X509Certificate(pem)
  } catch (error) {
    throw new PkiError('bad-certificate', `${what} cannot be read: it is cut off or not a certificate`, {
      cause: error,
    })
  }
}

export function factsOf(certificate: X509Certificate): CertificateFacts {
  const names = alternativeNames(certificate.subjectAltName ?? '')
  return {
    subject: nameText(certificate.subject),
    issuer: nameText(certificate.issuer),
    dnsNames: names('DNS'),
    ipAddresses: names('IP Address'),
    uris: names('URI'),
    notBefore: certificate.validFromDate,
    notAfter: certificate.validToDate,
    fingerprint: fingerprintOf(certificate),
    serialNumber: certificate.serialNumber,
    isCA: certificate.ca,
  }
}

/** An empty name is undefined in Node, whatever its types say. */
function nameText(name: string | undefined): string {
  return (name ?? '').replaceAll('\n', ',')
}

function fingerprintOf(certificate: X509Certificate): string {
  return certificate.fingerprint256.replaceAll(':', '').toLowerCase()
}

/** Node prints `DNS:a, IP Address:10.0.0.1`; a value with a comma or a quote is printed as JSON. */
function alternativeNames(text: string): (kind: string) => readonly string[] {
  const found = [...text.matchAll(/(?:^|, )([A-Za-z ]+):("(?:[^"\\]|\\.)*"|[^,]*)/g)]
  return (kind) => found.filter(([, name]) => name === kind).map(([, , value = '']) => unquoted(value))
}

function unquoted(value: string): string {
  if (!value.startsWith('"')) return value
  try {
    return String(JSON.parse(value))
  } catch {
    return value
  }
}
