import { canonicalQuantity, type Json, parseQuantity, QuantityError } from '@proa/kube'

const NANO = 9

/** A quantity in billionths of its unit; undefined for what is no quantity. */
export function amount(value: Json | undefined): bigint | undefined {
  if (typeof value !== 'string' && typeof value !== 'number') return undefined
  try {
    const { unscaled, scale } = parseQuantity(String(value))
    if (unscaled === 0n) return 0n
    // Larger than anything that exists; its power of ten would be a number of as many digits.
    if (scale > 30) return undefined
    return unscaled * 10n ** BigInt(scale + NANO)
  } catch (error) {
    if (error instanceof QuantityError) return undefined
    throw error
  }
}

const isMemory = (resource: string): boolean => /memory|storage/.test(resource)

/** As people write it: `150m`, `1152Mi`. */
export function formatAmount(resource: string, value: bigint): string {
  if (!isMemory(resource)) return canonicalQuantity(`${value}n`)
  const bytes = value / 10n ** BigInt(NANO)
  for (const [unit, power] of [
    ['Gi', 30n],
    ['Mi', 20n],
    ['Ki', 10n],
  ] as const) {
    if (bytes !== 0n && bytes % (1n << power) === 0n) return `${bytes >> power}${unit}`
  }
  return `${bytes}`
}
