/** `semver`, whose result has the library's methods, and `semverCompare`. */
import {
  type FunctionMap,
  type GoFunction,
  type GoStruct,
  goFunction,
  goInteger,
  goKind,
  type Value,
} from '../../value.ts'
import { isStruct } from '../kinds.ts'
import { nilDereference } from '../panic.ts'
import { satisfies } from './check.ts'
import { parseConstraints } from './constraint.ts'
import {
  checkIdentifiers,
  checkPrerelease,
  compareVersions,
  formatVersion,
  parseVersion,
  type Version,
} from './version.ts'

export const semverFunctions: FunctionMap = {
  semver: goFunction(['string'], (text: string) => versionStruct(parseVersion(text), true)),
  semverCompare: goFunction(['string', 'string'], (constraint: string, version: string) => {
    const constraints = parseConstraints(constraint)
    return satisfies(parseVersion(version), constraints)
  }),
}

// What a struct stands for; templates cannot reach it, other versions' methods can.
const versions = new WeakMap<GoStruct, Version>()

/** A `*semver.Version`. The `Inc…` and `Set…` methods return values that are no pointers and so lack some methods. */
function versionStruct(version: Version, pointer: boolean): GoStruct {
  const methods = pointer ? { ...valueMethods(version), ...pointerMethods(version) } : valueMethods(version)
  const struct: GoStruct = {
    [goKind]: 'struct',
    typeName: 'semver.Version',
    pointer,
    fieldNames: () => [],
    field: () => undefined,
    hasField: () => false,
    method: (name) => (Object.hasOwn(methods, name) ? methods[name] : undefined),
    string: () => formatVersion(version),
    json: () => formatVersion(version),
  }
  versions.set(struct, version)
  return struct
}

type Methods = Readonly<Record<string, GoFunction>>

const get = (value: () => Value) => goFunction([], value)

function pointerMethods(version: Version): Methods {
  const compare = (test: (order: number) => Value) =>
    goFunction(['*semver.Version'], (other: Value) => test(compareVersions(version, versionOf(other))))
  return {
    Original: get(() => version.original),
    Compare: compare((order) => BigInt(order)),
    Equal: compare((order) => order === 0),
    LessThan: compare((order) => order < 0),
    LessThanEqual: compare((order) => order <= 0),
    GreaterThan: compare((order) => order > 0),
    GreaterThanEqual: compare((order) => order >= 0),
  }
}

function valueMethods(version: Version): Methods {
  return {
    Major: get(() => goInteger('uint64', version.major)),
    Minor: get(() => goInteger('uint64', version.minor)),
    Patch: get(() => goInteger('uint64', version.patch)),
    Prerelease: get(() => version.prerelease),
    Metadata: get(() => version.metadata),
    String: get(() => formatVersion(version)),
    ...changes(version),
  }
}

function changes(version: Version): Methods {
  const release = { prerelease: '', metadata: '' }
  const changed = (change: Partial<Version>) => versionStruct(renamed({ ...version, ...change }, version), false)
  return {
    IncMajor: goFunction([], () => changed({ ...release, major: version.major + 1n, minor: 0n, patch: 0n })),
    IncMinor: goFunction([], () => changed({ ...release, minor: version.minor + 1n, patch: 0n })),
    // A prerelease comes before its release, so the next patch of `1.2.3-rc` is `1.2.3`.
    IncPatch: goFunction([], () =>
      changed({ ...release, patch: version.prerelease === '' ? version.patch + 1n : version.patch }),
    ),
    SetPrerelease: goFunction(['string'], (prerelease: string) => {
      checkIdentifiers(prerelease, 'Invalid Prerelease string')
      checkPrerelease(prerelease)
      return changed({ prerelease })
    }),
    SetMetadata: goFunction(['string'], (metadata: string) => {
      checkIdentifiers(metadata, 'Invalid Metadata string')
      return changed({ metadata })
    }),
  }
}

/** `Original()` of a derived version is its text, with the `v` of the one it comes from. */
function renamed(version: Version, from: Version): Version {
  return { ...version, original: (from.original.startsWith('v') ? 'v' : '') + formatVersion(version) }
}

function versionOf(value: Value): Version {
  const version = isStruct(value) ? versions.get(value) : undefined
  // A nil pointer, say; in Go the method would read through it.
  if (version === undefined) throw nilDereference()
  return version
}
