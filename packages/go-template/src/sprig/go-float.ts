/** `math.Pow(10, places)` as Go computes it, bit for bit; JavaScript leaves the precision of `**` to the engine. */
export function powerOfTen(places: number): number {
  let result = 1
  let resultExponent = 0
  // 10 = 0.625 × 2^4: squaring the normalised mantissa keeps every step a plain multiplication.
  let mantissa = 0.625
  let exponent = 4
  for (let n = Math.abs(places); n > 0; n = Math.floor(n / 2)) {
    if (exponent > 4096) return places < 0 ? 0 : Infinity
    if (n % 2 === 1) {
      result *= mantissa
      resultExponent += exponent
    }
    mantissa *= mantissa
    exponent *= 2
    if (mantissa < 0.5) {
      mantissa *= 2
      exponent--
    }
  }
  return places < 0 ? scale(1 / result, -resultExponent) : scale(result, resultExponent)
}

function scale(value: number, exponent: number): number {
  // In two steps: 2^exponent alone may leave the range of float64 where the product does not.
  const half = Math.trunc(exponent / 2)
  return value * 2 ** half * 2 ** (exponent - half)
}
