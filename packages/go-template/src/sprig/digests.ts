/** Checksums of a text's bytes, in hex (adler32 in decimal). */
import { sha1 } from '@noble/hashes/legacy.js'
import { sha256, sha512 } from '@noble/hashes/sha2.js'
import { bytesToHex } from '@noble/hashes/utils.js'
import { toBytes } from '../format/bytes.ts'
import { type FunctionMap, goFunction } from '../value.ts'

const digest = (hash: (bytes: Uint8Array) => Uint8Array) =>
  goFunction(['string'], (text: string) => bytesToHex(hash(toBytes(text))))

export const digestFunctions: FunctionMap = {
  sha1sum: digest(sha1),
  sha256sum: digest(sha256),
  sha512sum: digest(sha512),
  adler32sum: goFunction(['string'], adler32),
}

/** RFC 1950: two sums modulo the largest prime below 65536. */
function adler32(text: string): string {
  let a = 1
  let b = 0
  for (const byte of toBytes(text)) {
    a = (a + byte) % 65521
    b = (b + a) % 65521
  }
  return String(b * 65536 + a)
}
