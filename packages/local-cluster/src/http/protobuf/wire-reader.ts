/** A body that is not the protobuf that it says it is. */
export class WireError extends Error {
  override readonly name = 'WireError'
}

/** One field of a message as it is on the wire. */
export interface WireValue {
  readonly number: number
  /** A length-delimited value, or the bits of a number. */
  readonly value: Uint8Array | bigint
}

/** The fields of a message in their order. @throws WireError */
export function* readMessage(bytes: Uint8Array): Generator<WireValue> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  let position = 0
  const take = (length: number): number => {
    if (length > bytes.length - position) throw new WireError('unexpected EOF')
    position += length
    return position - length
  }
  const varint = (): bigint => {
    let result = 0n
    for (let shift = 0n; shift < 70n; shift += 7n) {
      const byte = bytes[take(1)] ?? 0
      result |= BigInt(byte & 0x7f) << shift
      if (byte < 0x80) return BigInt.asUintN(64, result)
    }
    throw new WireError('proto: integer overflow')
  }
  while (position < bytes.length) {
    const tag = Number(varint())
    const number = Math.floor(tag / 8)
    if (number <= 0) throw new WireError(`proto: illegal tag ${number} (wire type ${tag % 8})`)
    switch (tag % 8) {
      case 0:
        yield { number, value: varint() }
        break
      case 1:
        yield { number, value: view.getBigUint64(take(8), true) }
        break
      case 2: {
        const length = Number(varint())
        const start = take(length)
        yield { number, value: bytes.subarray(start, start + length) }
        break
      }
      case 5:
        yield { number, value: BigInt(view.getUint32(take(4), true)) }
        break
      default:
        throw new WireError(`proto: illegal wireType ${tag % 8}`)
    }
  }
}

export function wireText(value: Uint8Array | bigint): string {
  if (typeof value === 'bigint') throw new WireError('proto: wrong wireType = 0')
  return Buffer.from(value).toString('utf8')
}

export function wireBytes(value: Uint8Array | bigint): Uint8Array {
  if (typeof value === 'bigint') throw new WireError('proto: wrong wireType = 0')
  return value
}

export function wireNumber(value: Uint8Array | bigint): number {
  if (typeof value !== 'bigint') throw new WireError('proto: wrong wireType = 2')
  return Number(BigInt.asIntN(64, value))
}

export function wireDouble(value: Uint8Array | bigint): number {
  if (typeof value !== 'bigint') throw new WireError('proto: wrong wireType = 2')
  const view = new DataView(new ArrayBuffer(8))
  view.setBigUint64(0, value)
  return view.getFloat64(0)
}
