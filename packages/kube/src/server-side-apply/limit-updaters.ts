import { union } from './field-set.ts'
import { type ManagerEntry, type Managers, managerKey, seconds } from './managed-fields.ts'
import { compareText } from './path-element.ts'

/** The API server keeps this many entries of ordinary writes; Kubernetes' DefaultMaxUpdateManagers. */
const MOST_UPDATERS = 10
const OLD_CHANGES = 'ancient-changes'

/** Puts the oldest entries of ordinary writes together when there are too many. */
export function limitUpdaters(managers: Managers): Managers {
  const updaters = [...managers].filter(([, entry]) => entry.operation === 'Update').sort(olderFirst)
  let excess = updaters.length - MOST_UPDATERS
  if (excess <= 0) return managers
  const result = new Map(managers)
  const firstOfVersion = new Map<string, string>()
  for (const [key, entry] of updaters) {
    if (excess <= 0) break
    const first = firstOfVersion.get(entry.apiVersion)
    if (first === undefined) {
      firstOfVersion.set(entry.apiVersion, key)
      continue
    }
    const bucket: ManagerEntry = { ...entry, manager: OLD_CHANGES, subresource: '' }
    const bucketKey = managerKey(bucket)
    const together = result.get(bucketKey) ?? result.get(first)
    if (!result.has(bucketKey)) result.delete(first)
    result.set(bucketKey, {
      ...bucket,
      fields: together === undefined ? entry.fields : union(entry.fields, together.fields),
    })
    result.delete(key)
    excess--
  }
  return result
}

function olderFirst([a, left]: [string, ManagerEntry], [b, right]: [string, ManagerEntry]): number {
  return seconds(left.time) - seconds(right.time) || compareText(a, b)
}
