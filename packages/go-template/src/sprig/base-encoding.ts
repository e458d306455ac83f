/** Base64 and base32 with padding (RFC 4648). Text that is not valid decodes to Go's error text, as in sprig. */
import { fromBytes, toBytes } from '../format/bytes.ts'
import { type FunctionMap, goFunction } from '../value.ts'

const upperCase = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ'
const base64: Base = { bits: 6, alphabet: `${upperCase}${upperCase.toLowerCase()}0123456789+/`, group: 4 }
const base32: Base = { bits: 5, alphabet: `${upperCase}234567`, group: 8 }

interface Base {
  readonly bits: number
  readonly alphabet: string
  /** Characters of one group; shorter groups are padded with `=`. */
  readonly group: number
}

const newLine = 10
const carriageReturn = 13
const pad = 61

export const encodingFunctions: FunctionMap = {
  b64enc: goFunction(['string'], (text: string) => encode(base64, toBytes(text))),
  b64dec: goFunction(['string'], (text: string) => decoded(decode64(toBytes(text)), 'base64')),
  b32enc: goFunction(['string'], (text: string) => encode(base32, toBytes(text))),
  b32dec: goFunction(['string'], (text: string) => decoded(decode32(toBytes(text)), 'base32')),
}

export function encodeBase64(bytes: Uint8Array): string {
  return encode(base64, bytes)
}

function encode({ bits, alphabet, group }: Base, bytes: Uint8Array): string {
  let out = ''
  let buffer = 0
  let held = 0
  for (const byte of bytes) {
    buffer = ((buffer << 8) | byte) & 0xffff
    held += 8
    while (held >= bits) {
      held -= bits
      out += alphabet.charAt((buffer >> held) & (2 ** bits - 1))
    }
  }
  if (held > 0) out += alphabet.charAt((buffer << (bits - held)) & (2 ** bits - 1))
  return out.padEnd(Math.ceil(out.length / group) * group, '=')
}

/** The bytes, or the offset at which Go finds fault with the input. */
type Decoded = { readonly bytes: number[] } | { readonly corruptAt: number }

function decoded(result: Decoded, name: string): string {
  if ('bytes' in result) return fromBytes(result.bytes)
  return `illegal ${name} data at input byte ${result.corruptAt}`
}

/** Digits of the base without line breaks, and where each of them (and the first other byte) stands. */
function readDigits({ alphabet }: Base, input: Uint8Array): { digits: number[]; at: number[]; stop: number } {
  const digits: number[] = []
  const at: number[] = []
  for (const [i, byte] of input.entries()) {
    if (byte === newLine || byte === carriageReturn) continue
    const digit = byte < 0x80 ? alphabet.indexOf(String.fromCharCode(byte)) : -1
    if (digit < 0) return { digits, at, stop: i }
    digits.push(digit)
    at.push(i)
  }
  return { digits, at, stop: input.length }
}

function joinDigits({ bits }: Base, digits: readonly number[]): number[] {
  const bytes: number[] = []
  let buffer = 0
  let held = 0
  for (const digit of digits) {
    buffer = ((buffer << bits) | digit) & 0xffff
    held += bits
    if (held >= 8) {
      held -= 8
      bytes.push((buffer >> held) & 0xff)
    }
  }
  return bytes
}

function decode64(input: Uint8Array): Decoded {
  const { digits, stop } = readDigits(base64, input)
  const inGroup = digits.length % 4
  if (stop === input.length) {
    // Go reports an unpadded end where the group began, counting line breaks in it wrongly; so do we.
    return inGroup === 0 ? { bytes: joinDigits(base64, digits) } : { corruptAt: stop - inGroup }
  }
  if (input[stop] !== pad || inGroup < 2) return { corruptAt: stop }
  let next = afterLineBreaks(input, stop + 1)
  if (inGroup === 2) {
    if (next === input.length) return { corruptAt: input.length }
    if (input[next] !== pad) return { corruptAt: next - 1 }
    next = afterLineBreaks(input, next + 1)
  }
  return next < input.length ? { corruptAt: next } : { bytes: joinDigits(base64, digits) }
}

function afterLineBreaks(input: Uint8Array, start: number): number {
  let i = start
  while (input[i] === newLine || input[i] === carriageReturn) i++
  return i
}

/** Offsets count without line breaks, which Go removes first. */
function decode32(raw: Uint8Array): Decoded {
  const input = raw.filter((byte) => byte !== newLine && byte !== carriageReturn)
  const { digits, stop } = readDigits(base32, input)
  const inGroup = digits.length % 8
  if (stop === input.length) {
    return inGroup === 0 ? { bytes: joinDigits(base32, digits) } : { corruptAt: stop - inGroup }
  }
  const left = input.length - stop - 1
  // Padding ends the input: an `=` with a whole group still to come is just a wrong character.
  if (input[stop] !== pad || inGroup < 2 || left >= 8) return { corruptAt: stop }
  if (left + inGroup < 7) return { corruptAt: input.length }
  for (let k = 0; k < 7 - inGroup; k++) {
    if (input[stop + 1 + k] !== pad) return { corruptAt: stop + k }
  }
  return [3, 6].includes(inGroup) ? { corruptAt: stop } : { bytes: joinDigits(base32, digits) }
}
