/** Whether a version satisfies constraints, by the rules of Masterminds/semver. */
import type { Constraint, Constraints } from './constraint.ts'
import { comparePrereleases, compareVersions, type Version } from './version.ts'

export function satisfies(version: Version, constraints: Constraints): boolean {
  return constraints.some((all) => all.every((constraint) => meets(version, constraint)))
}

function meets(version: Version, constraint: Constraint): boolean {
  const { operator, wildcard } = constraint
  if (operator === '!=') return meetsNotEqual(version, constraint)
  // A prerelease is only wanted where the constraint names one.
  if (version.prerelease !== '' && constraint.version.prerelease === '') return false
  const order = compareVersions(version, constraint.version)
  switch (operator) {
    case '=':
      return wildcard === 'none' ? order === 0 : meetsTilde(version, constraint)
    case '>':
      return meetsGreater(version, constraint)
    case '<':
      return order < 0
    case '>=':
      return order >= 0
    case '<=':
      return wildcard === 'none' ? order <= 0 : withinWildcard(version, constraint)
    case '~':
      return meetsTilde(version, constraint)
    case '^':
      return meetsCaret(version, constraint)
  }
}

function meetsNotEqual(version: Version, { version: other, wildcard }: Constraint): boolean {
  if (wildcard === 'none') return compareVersions(version, other) !== 0
  if (version.prerelease !== '' && other.prerelease === '') return false
  if (version.major !== other.major) return true
  if (wildcard === 'minor') return false
  if (version.minor !== other.minor) return true
  // `!=*` has 0.0.0 left to compare with.
  if (wildcard === 'all') return version.patch !== other.patch || compareVersions(version, other) !== 0
  return (version.prerelease !== '' || other.prerelease !== '') && comparePrereleasesOf(version, other) !== 0
}

function comparePrereleasesOf(a: Version, b: Version): number {
  return comparePrereleases(a.prerelease, b.prerelease)
}

/** `>1` starts at 2, `>1.2` at 1.3. */
function meetsGreater(version: Version, { version: other, wildcard }: Constraint): boolean {
  if (wildcard === 'none') return compareVersions(version, other) > 0
  if (version.major !== other.major) return version.major > other.major
  if (wildcard === 'minor') return false
  return wildcard === 'patch' ? version.minor > other.minor : compareVersions(version, other) > 0
}

/** `<=1` reaches to the end of 1.x, `<=1.2` to the end of 1.2.x. */
function withinWildcard(version: Version, { version: other, wildcard }: Constraint): boolean {
  if (version.major !== other.major) return version.major < other.major
  return version.minor <= other.minor || wildcard === 'minor'
}

/** The same minor, or without one the same major. */
function meetsTilde(version: Version, { version: other, wildcard }: Constraint): boolean {
  if (compareVersions(version, other) < 0) return false
  const isZero = other.major === 0n && other.minor === 0n && other.patch === 0n
  // `~0.0.0` and `*` take everything.
  if (isZero && (wildcard === 'none' || wildcard === 'all')) return true
  return version.major === other.major && (version.minor === other.minor || wildcard === 'minor')
}

/** Nothing left of the first number that is not 0 may change. */
function meetsCaret(version: Version, { version: other, wildcard }: Constraint): boolean {
  if (compareVersions(version, other) < 0) return false
  if (other.major > 0n || wildcard === 'minor') return version.major === other.major
  if (version.major > 0n) return false
  if (other.minor > 0n || wildcard === 'patch') return version.minor === other.minor
  return version.minor === 0n && version.patch === other.patch
}
