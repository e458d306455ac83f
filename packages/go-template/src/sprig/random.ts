/** sprig's random texts and numbers, from the environment's bytes. */
import { type FunctionMap, goFunction } from '../value.ts'
import { encodeBase64 } from './base-encoding.ts'
import { checkCharacters } from './bounds.ts'
import type { SprigEnvironment } from './environment.ts'

type RandomBytes = (size: number) => Uint8Array

const digits = '0123456789'
const letters = 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ'
const printable = Array.from({ length: 95 }, (_, i) => String.fromCharCode(32 + i)).join('')

export function randomFunctions({ random }: SprigEnvironment): FunctionMap {
  if (random === undefined) return {}
  const text = (alphabet: string) =>
    goFunction(['int'], (count: bigint) => randomText(random, alphabet, count), { pure: false })
  return {
    randAlphaNum: text(letters + digits),
    randAlpha: text(letters),
    randNumeric: text(digits),
    randAscii: text(printable),
    randBytes: goFunction(['int'], (count: bigint) => encodeBase64(randomBytes(random, count)), { pure: false }),
    randInt: goFunction(['int', 'int'], (low: bigint, high: bigint) => randomInteger(random, low, high), {
      pure: false,
    }),
    shuffle: goFunction(['string'], (original: string) => shuffle(random, original), { pure: false }),
    uuidv4: goFunction([], () => uuid(random(16)), { pure: false }),
  }
}

function randomBytes(random: RandomBytes, count: bigint): Uint8Array {
  if (count < 0n) throw new Error('runtime error: makeslice: len out of range')
  checkCharacters(Number(count))
  return random(Number(count))
}

/** A negative count gives "": sprig drops the library's error. */
function randomText(random: RandomBytes, alphabet: string, count: bigint): string {
  checkCharacters(Number(count))
  let out = ''
  for (let i = 0n; i < count; i++) out += alphabet.charAt(Number(below(random, BigInt(alphabet.length))))
  return out
}

/** Uniform in [0, limit): numbers beyond the last whole multiple of `limit` are drawn again. */
function below(random: RandomBytes, limit: bigint): bigint {
  const range = 2n ** 64n
  const usable = range - (range % limit)
  for (;;) {
    const drawn = random(8).reduce((value, byte) => value * 256n + BigInt(byte), 0n)
    if (drawn < usable) return drawn % limit
  }
}

function randomInteger(random: RandomBytes, low: bigint, high: bigint): bigint {
  if (high <= low) throw new Error('invalid argument to Intn')
  return low + below(random, high - low)
}

function shuffle(random: RandomBytes, text: string): string {
  const runes = Array.from(text)
  for (let i = runes.length - 1; i > 0; i--) {
    const j = Number(below(random, BigInt(i + 1)))
    const moved = runes[i] ?? ''
    runes[i] = runes[j] ?? ''
    runes[j] = moved
  }
  return runes.join('')
}

/** RFC 9562, version 4: all bits random but for six. */
function uuid(bytes: Uint8Array): string {
  const hex = Array.from(bytes, (byte, i) => {
    const marked = i === 6 ? (byte & 0x0f) | 0x40 : i === 8 ? (byte & 0x3f) | 0x80 : byte
    return marked.toString(16).padStart(2, '0')
  }).join('')
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12}).*$/, '$1-$2-$3-$4-$5')
}
