import type { Text } from '../language.ts'
import { fromBase64, toBase64 } from '../snapshot/base64.ts'
import { bytesOf, latinText } from './bytes.ts'
import { type Certificate, readCertificate } from './certificate.ts'
import { DerError } from './der.ts'

/**
 * What is wrong with the text of a bundle.
 * - `not-base64`: the field that must be base64 is not; `pem-not-encoded`: it is the PEM itself
 * - `base64-twice`, `der`: a certificate, in another wrapping
 * - `not-pem`: no block at all; `cut-off`: a block without its end; `not-a-certificate`: a block with something else in it
 * - `private-key`, `other-block`: a block that does not belong here
 */
export type BundleProblemCode =
  | 'not-base64'
  | 'pem-not-encoded'
  | 'base64-twice'
  | 'der'
  | 'not-pem'
  | 'cut-off'
  | 'not-a-certificate'
  | 'private-key'
  | 'other-block'

export interface BundleProblem {
  readonly code: BundleProblemCode
  /** Counts from 1; absent when it is about the whole text. */
  readonly block?: number
  readonly text: Text
}

/** As much of a bundle as can be read. Never thrown about. */
export interface Bundle {
  readonly certificates: readonly Certificate[]
  /** What an API server makes of it: blocks that it passes over are problems, and harmless beside a good one. */
  readonly problems: readonly BundleProblem[]
  /** Nothing but white space. */
  readonly empty: boolean
}

const BLOCK = /-----BEGIN ([A-Z0-9 ]+)-----([\s\S]*?)(?:-----END ([A-Z0-9 ]+)-----|(?=-----BEGIN )|$)/g

/** Snapshots have lost their private keys; this stands in their place. */
const REDACTED_KEY = 'redacted private key'

/** Reads a text of PEM blocks. Text between them is a comment, as for OpenSSL and Go. */
export function readBundle(text: string): Bundle {
  const empty = text.trim() === ''
  if (empty) return { certificates: [], problems: [], empty }
  const certificates: Certificate[] = []
  const problems: BundleProblem[] = []
  let block = 0
  for (const [, begin = '', body = '', end] of text.matchAll(BLOCK)) {
    block += 1
    const code = readBlock(begin, body, end, certificates)
    if (code !== undefined) problems.push({ code, block, text: blockText(code, block, begin) })
  }
  if (text.includes(REDACTED_KEY)) problems.push({ code: 'private-key', text: WHOLE['private-key'] })
  else if (block === 0) problems.push({ code: 'not-pem', text: WHOLE['not-pem'] })
  return { certificates, problems, empty }
}

function readBlock(
  begin: string,
  body: string,
  end: string | undefined,
  into: Certificate[],
): BundleProblemCode | undefined {
  if (begin.endsWith('PRIVATE KEY')) return 'private-key'
  if (begin !== 'CERTIFICATE') return 'other-block'
  if (end !== begin) return 'cut-off'
  const bytes = fromBase64(body)
  const certificate = bytes === undefined ? undefined : tryCertificate(bytes)
  if (certificate === undefined) return 'not-a-certificate'
  into.push(certificate)
  return undefined
}

function tryCertificate(bytes: string): Certificate | undefined {
  try {
    return readCertificate(bytesOf(bytes))
  } catch (error) {
    if (error instanceof DerError) return undefined
    throw error
  }
}

/**
 * Reads a field that holds a bundle in base64: `caBundle`, the data of a Secret. What is wrapped wrongly is read all the same,
 * with a problem that says so; then `certificates` are those that it should have been.
 */
export function readEncodedBundle(field: string): Bundle {
  if (field.trim() === '') return readBundle('')
  if (field.includes('-----BEGIN ')) return wrongly('pem-not-encoded', readBundle(field).certificates)
  const text = fromBase64(field)
  if (text === undefined) return wrongly('not-base64', [])
  const bundle = readBundle(text)
  if (bundle.problems[0]?.code !== 'not-pem') return bundle
  const der = tryCertificate(text)
  if (der !== undefined) return wrongly('der', [der])
  const again = fromBase64(text.trim())
  const inner = again === undefined ? [] : readBundle(again).certificates
  return inner.length > 0 ? wrongly('base64-twice', inner) : bundle
}

function wrongly(code: keyof typeof WHOLE, certificates: readonly Certificate[]): Bundle {
  return { certificates, problems: [{ code, text: WHOLE[code] }], empty: false }
}

/** Whether an API server finds a certificate in it: one that it can read is enough. */
export function isUsable({ certificates, problems }: Bundle): boolean {
  const wrapped = problems.some(({ code }) => WRAPPINGS.has(code))
  return certificates.length > 0 && !wrapped
}

const WRAPPINGS: ReadonlySet<BundleProblemCode> = new Set(['not-base64', 'pem-not-encoded', 'base64-twice', 'der'])

/** PEM as everybody writes it. */
export function pemOf(certificates: readonly Certificate[]): string {
  return certificates
    .map(({ der }) => {
      const lines = toBase64(latinText(der)).match(/.{1,64}/g) ?? []
      return `-----BEGIN CERTIFICATE-----\n${lines.join('\n')}\n-----END CERTIFICATE-----\n`
    })
    .join('')
}

/** For `caBundle`. */
export function encodedBundle(certificates: readonly Certificate[]): string {
  return toBase64(pemOf(certificates))
}

const WHOLE = {
  'not-base64': { en: 'it is not base64', zh: '不是 base64' },
  'pem-not-encoded': {
    en: 'it is the PEM text itself, and the field wants that text in base64',
    zh: '直接写了 PEM 文本，而该字段需要其 base64 编码',
  },
  'base64-twice': { en: 'it was encoded in base64 twice', zh: '被 base64 编码了两次' },
  der: {
    en: 'it is a certificate in DER (binary) form, and PEM is needed',
    zh: '是 DER（二进制）格式的证书，而需要 PEM',
  },
  'not-pem': {
    en: 'it has no "-----BEGIN CERTIFICATE-----" block',
    zh: '没有 "-----BEGIN CERTIFICATE-----" 块',
  },
  'private-key': {
    en: 'it holds a private key, which everybody can read there',
    zh: '含有私钥，任何人都能在此读到',
  },
} as const satisfies Partial<Record<BundleProblemCode, Text>>

function blockText(code: BundleProblemCode, block: number, type: string): Text {
  switch (code) {
    case 'private-key':
      return {
        en: `block ${block} is a private key, which everybody can read there`,
        zh: `第 ${block} 块是私钥，任何人都能在此读到`,
      }
    case 'other-block':
      return {
        en: `block ${block} is a "${type}", not a CERTIFICATE`,
        zh: `第 ${block} 块是 "${type}"，不是 CERTIFICATE`,
      }
    case 'cut-off':
      return { en: `block ${block} is cut off: it has no END line`, zh: `第 ${block} 块被截断：没有 END 行` }
    default:
      return { en: `block ${block} is not a certificate that can be read`, zh: `第 ${block} 块不是可读取的证书` }
  }
}
