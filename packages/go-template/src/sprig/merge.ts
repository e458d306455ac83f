/**
 * darccio/mergo for maps of any, which `merge` and `mergeOverwrite` are. Per key of the source:
 *
 * | source         | in the target            | merge        | mergeOverwrite |
 * |----------------|--------------------------|--------------|----------------|
 * | nil            | anything                 | unchanged    | nil            |
 * | map            | non-empty map            | merge deeply | merge deeply   |
 * | anything else  | missing or empty         | source       | source         |
 * | anything else  | not empty                | unchanged    | source         |
 *
 * Maps and lists that are taken over are shared with the source, not copied, as in Go.
 */
import { goKind, isHostObject, isPlainMap, type PlainMap, type Value } from '../value.ts'
import { isEmpty } from './emptiness.ts'
import { isNil } from './kinds.ts'
import { setEntry } from './map-entries.ts'

const maximumDepth = 1000

export function mergeMaps(target: PlainMap, source: PlainMap, overwrite: boolean, depth = 0): void {
  if (depth > maximumDepth)
    throw new Error(`maps are nested deeper than ${maximumDepth} levels; one may contain itself`)
  for (const key of Object.keys(source)) {
    const from = source[key]
    const into = Object.hasOwn(target, key) ? target[key] : undefined
    if (isNil(from)) {
      if (overwrite) setEntry(target, key, null)
      continue
    }
    if (isPlainMap(from) && isPlainMap(into)) {
      mergeMaps(into, from, overwrite, depth + 1)
      if (Object.keys(into).length > 0) continue
    }
    if (isMapLike(from) && isMapLike(into) && !isEmpty(into)) continue
    if (overwrite || isEmpty(into)) setEntry(target, key, from)
  }
}

function isMapLike(value: Value): boolean {
  return isPlainMap(value) || (isHostObject(value) && value[goKind] === 'map')
}
