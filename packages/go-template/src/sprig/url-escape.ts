/** Percent-encoding as `net/url` does it: which characters stay depends on the part of the URL. */
import { fromBytes, toBytes } from '../format/bytes.ts'
import { goQuote } from '../format/quote.ts'

export type UrlPart = 'path' | 'host' | 'zone' | 'user' | 'fragment'

const unreserved = /[0-9A-Za-z\-_.~]/

/** The further characters that need no escape in each part. */
const allowed: Readonly<Record<UrlPart, string>> = {
  path: '$&+,/:;=@',
  host: '!$&\'()*+,;=:[]<>"',
  zone: '!$&\'()*+,;=:[]<>"',
  user: '$&+,;=',
  fragment: '$&+,/:;=?@!()*',
}

function mustEscape(character: string, part: UrlPart): boolean {
  return !unreserved.test(character) && !allowed[part].includes(character)
}

export function escapeUrl(text: string, part: UrlPart): string {
  return Array.from(toBytes(text), (byte) => {
    const character = String.fromCharCode(byte)
    if (byte < 0x80 && !mustEscape(character, part)) return character
    return `%${byte.toString(16).toUpperCase().padStart(2, '0')}`
  }).join('')
}

/** Throws Go's text for a broken escape, and in hosts for characters that may not be there. */
export function unescapeUrl(text: string, part: UrlPart): string {
  const input = toBytes(text)
  const out: number[] = []
  for (let i = 0; i < input.length; i++) {
    const byte = input[i] ?? 0
    const character = String.fromCharCode(byte)
    if (character === '%') {
      out.push(readEscape(input, i, part))
      i += 2
      continue
    }
    if ((part === 'host' || part === 'zone') && byte < 0x80 && mustEscape(character, part)) {
      throw new Error(`invalid character ${goQuote(character)} in host name`)
    }
    out.push(byte)
  }
  return fromBytes(out)
}

function readEscape(input: Uint8Array, at: number, part: UrlPart): number {
  const written = fromBytes(input.subarray(at, at + 3))
  const invalid = () => new Error(`invalid URL escape ${goQuote(written)}`)
  if (!/^%[0-9a-fA-F]{2}$/.test(written)) throw invalid()
  const byte = Number.parseInt(written.slice(1), 16)
  // RFC 6874: `%25` begins the zone of an IPv6 address. Otherwise a host may escape only what is not ASCII, a zone
  // only what it could hold unescaped.
  if (part === 'host' && byte < 0x80 && written !== '%25') throw invalid()
  if (part === 'zone' && written !== '%25' && byte !== 0x20 && forbiddenInHost(byte)) throw invalid()
  return byte
}

function forbiddenInHost(byte: number): boolean {
  return byte >= 0x80 || mustEscape(String.fromCharCode(byte), 'host')
}
