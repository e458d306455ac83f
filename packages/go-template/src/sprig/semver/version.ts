/** Versions as Masterminds/semver reads them: `v` in front, missing minor and patch are fine. */
import { compareStrings } from '../text-value.ts'

export interface Version {
  readonly major: bigint
  readonly minor: bigint
  readonly patch: bigint
  /** Without the `-`; "" for a release. */
  readonly prerelease: string
  /** Without the `+`. */
  readonly metadata: string
  /** The text it was read from. */
  readonly original: string
}

const shape =
  /^v?([0-9]+)(?:\.([0-9]+))?(?:\.([0-9]+))?(?:-([0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*))?(?:\+([0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*))?$/

const largest = 2n ** 64n - 1n

/** Throws `Invalid Semantic Version` and the library's other texts. */
export function parseVersion(text: string): Version {
  const match = shape.exec(text)
  if (match === null) throw new Error('Invalid Semantic Version')
  const [, major = '', minor = '0', patch = '0', prerelease = '', metadata = ''] = match
  const version = {
    major: segment(major),
    minor: segment(minor),
    patch: segment(patch),
    prerelease,
    metadata,
    original: text,
  }
  checkPrerelease(prerelease)
  return version
}

function segment(digits: string): bigint {
  const significant = digits.replace(/^0+/, '')
  const value = significant.length > 20 ? largest + 1n : BigInt(`0${significant}`)
  if (value <= largest) return value
  throw new Error(`Error parsing version segment: strconv.ParseUint: parsing "${digits}": value out of range`)
}

function checkPrerelease(prerelease: string): void {
  if (prerelease.split('.').some((part) => /^0[0-9]+$/.test(part))) throw new Error('Version segment starts with 0')
}

/** Also checks characters, for the parts `SetPrerelease` and `SetMetadata` are given. */
export function checkIdentifiers(text: string, complaint: string): void {
  if (text !== '' && !/^[0-9A-Za-z.-]*$/.test(text)) throw new Error(complaint)
}

export { checkPrerelease }

/** `1.2.3-rc.1+build`, always with three numbers. */
export function formatVersion({ major, minor, patch, prerelease, metadata }: Version): string {
  const pre = prerelease === '' ? '' : `-${prerelease}`
  const meta = metadata === '' ? '' : `+${metadata}`
  return `${major}.${minor}.${patch}${pre}${meta}`
}

/** -1, 0 or 1 by SemVer's precedence; metadata does not count. */
export function compareVersions(a: Version, b: Version): -1 | 0 | 1 {
  for (const part of ['major', 'minor', 'patch'] as const) {
    if (a[part] !== b[part]) return a[part] < b[part] ? -1 : 1
  }
  if (a.prerelease === b.prerelease) return 0
  if (a.prerelease === '') return 1
  if (b.prerelease === '') return -1
  return comparePrereleases(a.prerelease, b.prerelease)
}

/** Part by part, numbers before texts, and a list that ends sooner before a longer one. */
export function comparePrereleases(a: string, b: string): -1 | 0 | 1 {
  const x = a.split('.')
  const y = b.split('.')
  for (let i = 0; i < Math.max(x.length, y.length); i++) {
    const order = compareParts(x[i] ?? '', y[i] ?? '')
    if (order !== 0) return order
  }
  return 0
}

function compareParts(a: string, b: string): -1 | 0 | 1 {
  if (a === b) return 0
  if (a === '') return -1
  if (b === '') return 1
  const x = numberFrom(a)
  const y = numberFrom(b)
  if (x === undefined && y === undefined) return compareStrings(a, b) > 0 ? 1 : -1
  if (x === undefined) return 1
  if (y === undefined) return -1
  return x > y ? 1 : -1
}

/** What does not fit in 64 bits counts as text, as it does for the library. */
function numberFrom(text: string): bigint | undefined {
  if (!/^[0-9]{1,20}$/.test(text)) return undefined
  const value = BigInt(text)
  return value <= largest ? value : undefined
}
