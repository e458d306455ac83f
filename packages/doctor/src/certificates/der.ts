/** One value of DER: its tag and where its content stands. */
export interface DerNode {
  readonly tag: number
  /** With tag and length. */
  readonly whole: Uint8Array
  readonly content: Uint8Array
}

/** The bytes are not DER; who reads a certificate turns it into a problem of the bundle. */
export class DerError extends Error {
  override readonly name = 'DerError'
}

export const TAG = {
  boolean: 0x01,
  integer: 0x02,
  octets: 0x04,
  oid: 0x06,
  sequence: 0x30,
  set: 0x31,
  utcTime: 0x17,
  generalizedTime: 0x18,
  bmpString: 0x1e,
  utf8String: 0x0c,
} as const

/**
 * The first value of the bytes. Only what certificates need: one-byte tags, definite lengths.
 * @throws DerError
 */
export function readDer(bytes: Uint8Array): DerNode {
  const [tag, first] = [bytes[0], bytes[1]]
  if (tag === undefined || first === undefined) throw new DerError('the data ends too early')
  if ((tag & 0x1f) === 0x1f) throw new DerError('a tag of several bytes')
  const sizeOfLength = first < 0x80 ? 0 : first & 0x7f
  if (first === 0x80 || sizeOfLength > 3) throw new DerError('a length that certificates do not have')
  let length = sizeOfLength === 0 ? first : 0
  for (let index = 0; index < sizeOfLength; index += 1) length = length * 256 + (bytes[2 + index] ?? 0)
  const start = 2 + sizeOfLength
  if (start + length > bytes.length) throw new DerError('the data ends too early')
  return { tag, whole: bytes.subarray(0, start + length), content: bytes.subarray(start, start + length) }
}

/**
 * The values one after the other.
 * @throws DerError
 */
export function derChildren({ content }: DerNode): readonly DerNode[] {
  const children: DerNode[] = []
  for (let rest = content; rest.length > 0; ) {
    const child = readDer(rest)
    children.push(child)
    rest = rest.subarray(child.whole.length)
  }
  return children
}

/** `2.5.29.17` */
export function oidText({ content }: DerNode): string {
  const numbers: number[] = []
  let value = 0
  for (const byte of content) {
    value = value * 128 + (byte & 0x7f)
    if ((byte & 0x80) !== 0) continue
    if (numbers.length === 0) {
      const top = Math.min(2, Math.floor(value / 40))
      numbers.push(top, value - top * 40)
    } else numbers.push(value)
    value = 0
  }
  return numbers.join('.')
}

export function hexText(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('')
}

/** Milliseconds. UTCTime has two digits for the year: from 50 on they are of the last century (RFC 5280, 4.1.2.5.1). */
export function derTime({ tag, content }: DerNode): number {
  const digits = String.fromCharCode(...content.subarray(0, 20))
  const short = tag === TAG.utcTime
  const [, year = '', month = '', day = '', hour = '', minute = '', second = '00'] =
    (short ? /^(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)?Z$/ : /^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)?Z$/).exec(digits) ??
    []
  const full = short ? `${Number(year) >= 50 ? '19' : '20'}${year}` : year
  const time = Date.parse(`${full}-${month}-${day}T${hour}:${minute}:${second}Z`)
  if (Number.isNaN(time)) throw new DerError('a time that cannot be read')
  return time
}
