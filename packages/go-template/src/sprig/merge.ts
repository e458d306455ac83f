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
import { newWork, visit, type Work } from './bounds.ts'
import { isEmpty } from './emptiness.ts'
import { isNil } from './kinds.ts'
import { setEntry } from './map-entries.ts'

export function mergeMaps(
  target: PlainMap,
  source: PlainMap,
  overwrite: boolean,
  work: Work = newWork(),
  depth = 0,
): void {
  for (const key of Object.keys(source)) {
    visit(work, depth)
    const from = source[key]
    const into = Object.hasOwn(target, key) ? target[key] : undefined
    if (isNil(from)) {
      if (overwrite) setEntry(target, key, null)
      continue
    }
    if (isPlainMap(from) && isPlainMap(into)) {
      mergeMaps(into, from, overwrite, work, depth + 1)
      if (Object.keys(into).length > 0) continue
    }
    if (isMapLike(from) && isMapLike(into) && !isEmpty(into)) continue
    if (overwrite || isEmpty(into)) setEntry(target, key, from)
  }
}

function isMapLike(value: Value): boolean {
  return isPlainMap(value) || (isHostObject(value) && value[goKind] === 'map')
}
