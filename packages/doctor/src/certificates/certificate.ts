import { sha256 } from '@noble/hashes/sha2.js'
import { latinText } from './bytes.ts'
import { DerError, type DerNode, derChildren, derTime, hexText, oidText, readDer, TAG } from './der.ts'

/** What a certificate says. Signatures are not verified here: see `leadsTo`. */
export interface Certificate {
  /** `CN=istiod.istio-system.svc,O=Acme` */
  readonly subject: string
  readonly issuer: string
  readonly commonName: string
  /** The names as they stand in the certificate (hexadecimal DER), for comparing. */
  readonly subjectKey: string
  readonly issuerKey: string
  /** Hexadecimal. */
  readonly serialNumber: string
  /** Milliseconds. */
  readonly notBefore: number
  readonly notAfter: number
  readonly dnsNames: readonly string[]
  readonly ipAddresses: readonly string[]
  readonly isCA: boolean
  /** Hexadecimal; undefined when the certificate does not name its key. */
  readonly subjectKeyId: string | undefined
  readonly authorityKeyId: string | undefined
  /** SHA-256 of the DER, 64 lower-case hexadecimal digits. */
  readonly fingerprint: string
  readonly der: Uint8Array
}

/*
 * A reader of our own: @peculiar/x509 takes 55-70 ms to load (this reads a certificate in less than 0.1 ms), needs a
 * polyfill that changes globals, and would be the largest part of what a browser loads. Only a few fields are looked at.
 */

/** @throws DerError when the bytes are not a certificate */
export function readCertificate(der: Uint8Array): Certificate {
  const whole = expect(readDer(der), TAG.sequence)
  const [signed] = derChildren(whole)
  const fields = derChildren(expect(signed, TAG.sequence))
  // Version 1 has no version field.
  const offset = fields[0]?.tag === 0xa0 ? 1 : 0
  const [serial, , issuer, validity, subject, key] = fields.slice(offset)
  const [notBefore, notAfter] = derChildren(expect(validity, TAG.sequence))
  expect(key, TAG.sequence)
  const subjectNames = nameParts(expect(subject, TAG.sequence))
  return {
    subject: nameText(subjectNames),
    issuer: nameText(nameParts(expect(issuer, TAG.sequence))),
    commonName: subjectNames.find(([type]) => type === 'CN')?.[1] ?? '',
    subjectKey: hexText(expect(subject, TAG.sequence).whole),
    issuerKey: hexText(expect(issuer, TAG.sequence).whole),
    serialNumber: hexText(expect(serial, TAG.integer).content),
    notBefore: derTime(present(notBefore)),
    notAfter: derTime(present(notAfter)),
    ...extensions(fields.find(({ tag }) => tag === 0xa3)),
    fingerprint: hexText(sha256(whole.whole)),
    der: whole.whole,
  }
}

function present(node: DerNode | undefined): DerNode {
  if (node === undefined) throw new DerError('not a certificate: a part is missing')
  return node
}

function expect(node: DerNode | undefined, tag: number): DerNode {
  if (node?.tag !== tag) throw new DerError('not a certificate')
  return node
}

const ATTRIBUTES: ReadonlyMap<string, string> = new Map([
  ['2.5.4.3', 'CN'],
  ['2.5.4.5', 'serialNumber'],
  ['2.5.4.6', 'C'],
  ['2.5.4.7', 'L'],
  ['2.5.4.8', 'ST'],
  ['2.5.4.10', 'O'],
  ['2.5.4.11', 'OU'],
  ['0.9.2342.19200300.100.1.25', 'DC'],
])

type NamePart = readonly [type: string, value: string]

function nameParts(name: DerNode): readonly NamePart[] {
  return derChildren(name)
    .flatMap(derChildren)
    .map((attribute): NamePart => {
      const [type, value] = derChildren(attribute)
      const oid = oidText(expect(type, TAG.oid))
      return [ATTRIBUTES.get(oid) ?? oid, stringText(present(value))]
    })
}

const nameText = (parts: readonly NamePart[]): string => parts.map(([type, value]) => `${type}=${value}`).join(',')

function stringText({ tag, content }: DerNode): string {
  if (tag === TAG.bmpString) {
    const pairs = Array.from({ length: content.length >> 1 }, (_, index) => index * 2)
    return pairs.map((at) => String.fromCharCode(((content[at] ?? 0) << 8) | (content[at + 1] ?? 0))).join('')
  }
  const latin = latinText(content)
  if (tag !== TAG.utf8String) return latin
  try {
    return decodeURIComponent(latin.replace(/[^A-Za-z0-9 ]/g, (one) => `%${hexText(Uint8Array.of(one.charCodeAt(0)))}`))
  } catch {
    return latin
  }
}

type Extensions = Pick<Certificate, 'dnsNames' | 'ipAddresses' | 'isCA' | 'subjectKeyId' | 'authorityKeyId'>

function extensions(field: DerNode | undefined): Extensions {
  const values = new Map<string, Uint8Array>()
  for (const extension of field === undefined ? [] : derChildren(readDer(field.content))) {
    const parts = derChildren(extension)
    const [id, value] = [parts[0], parts.at(-1)]
    if (id?.tag === TAG.oid && value?.tag === TAG.octets) values.set(oidText(id), value.content)
  }
  const inside = (oid: string): readonly DerNode[] => {
    const value = values.get(oid)
    return value === undefined ? [] : derChildren(readDer(value))
  }
  const names = inside('2.5.29.17')
  const [ca] = inside('2.5.29.19')
  const keyId = values.get('2.5.29.14')
  const issuerKeyId = inside('2.5.29.35').find(({ tag }) => tag === 0x80)
  return {
    dnsNames: names.filter(({ tag }) => tag === 0x82).map(({ content }) => latinText(content)),
    ipAddresses: names.filter(({ tag }) => tag === 0x87).map(({ content }) => addressText(content)),
    isCA: ca?.tag === TAG.boolean && ca.content[0] !== 0,
    subjectKeyId: keyId === undefined ? undefined : hexText(readDer(keyId).content),
    authorityKeyId: issuerKeyId === undefined ? undefined : hexText(issuerKeyId.content),
  }
}

/** IPv6 in full: nobody compares it with another spelling but that of `addressOf`. */
function addressText(bytes: Uint8Array): string {
  if (bytes.length !== 16) return [...bytes].join('.')
  return Array.from({ length: 8 }, (_, index) =>
    ((bytes[index * 2] ?? 0) * 256 + (bytes[index * 2 + 1] ?? 0)).toString(16),
  ).join(':')
}
