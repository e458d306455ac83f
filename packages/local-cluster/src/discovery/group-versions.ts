import type { ResourceType } from '../api/types.ts'

export interface GroupVersion {
  readonly group: string
  readonly version: string
  /** `v1`, `apps/v1`: as objects write it. */
  readonly name: string
  /** `api/v1`, `apis/apps/v1`. */
  readonly path: string
  readonly resources: readonly ResourceType[]
}

/** The groups in the order in which they are first met, each with its versions, the preferred one first. */
export function groupVersions(resources: readonly ResourceType[]): readonly GroupVersion[] {
  const found = new Map<string, ResourceType[]>()
  for (const type of resources) {
    const name = type.group === '' ? type.version : `${type.group}/${type.version}`
    const known = found.get(name)
    if (known === undefined) found.set(name, [type])
    else known.push(type)
  }
  return [...found].map(([name, types]) => ({
    group: types[0]?.group ?? '',
    version: types[0]?.version ?? '',
    name,
    path: types[0]?.group === '' ? `api/${name}` : `apis/${name}`,
    resources: types.toSorted((a, b) => (a.resource < b.resource ? -1 : 1)),
  }))
}

/** The versions of each named group (not of the core), newest stable first. */
export function namedGroups(versions: readonly GroupVersion[]): ReadonlyMap<string, readonly GroupVersion[]> {
  const groups = new Map<string, GroupVersion[]>()
  for (const version of versions) {
    if (version.group === '') continue
    const known = groups.get(version.group)
    if (known === undefined) groups.set(version.group, [version])
    else known.push(version)
  }
  return new Map(
    [...groups].map(([name, list]) => [name, list.toSorted((a, b) => compareVersions(a.version, b.version))]),
  )
}

/** Kubernetes' order of versions: stable before beta before alpha, higher numbers first, anything else by name. */
export function compareVersions(a: string, b: string): number {
  const left = rank(a)
  const right = rank(b)
  if (left === undefined || right === undefined) {
    if (left !== undefined) return -1
    if (right !== undefined) return 1
    return a < b ? -1 : Number(a > b)
  }
  return right.stability - left.stability || right.major - left.major || right.minor - left.minor
}

function rank(version: string): { stability: number; major: number; minor: number } | undefined {
  const match = /^v(\d+)(?:(alpha|beta)(\d+))?$/.exec(version)
  if (match === null) return undefined
  const stability = match[2] === undefined ? 2 : Number(match[2] === 'beta')
  return { stability, major: Number(match[1]), minor: Number(match[3] ?? 0) }
}
