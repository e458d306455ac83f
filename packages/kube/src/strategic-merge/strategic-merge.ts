import { getOwn, isArray, isObject, type Json, type JsonObject, type MutableJsonObject, setOwn } from '../json.ts'
import type { FieldType } from '../schema/schema.ts'
import {
  applyMapDirective,
  DELETE_FROM_LIST,
  directiveTarget,
  PATCH,
  RETAIN_KEYS,
  retainKeys,
  SET_ELEMENT_ORDER,
  withoutDirectives,
} from './directives.ts'
import { applyElementOrder } from './element-order.ts'
import { listRule, mapRule } from './lookup.ts'
import { MergeError } from './merge-error.ts'
import { deleteFromList, mergeLists } from './merge-list.ts'

/**
 * Kubernetes' strategic merge (apimachinery's `StrategicMergeMapPatch`) of a
 * patch into an object: maps merge, null deletes, lists with a merge key merge
 * item by item (new items come before those that only the original has), other
 * lists replace; `$patch`, `$retainKeys`, `$setElementOrder/…` and
 * `$deleteFromPrimitiveList/…` are obeyed. Fields that Kubernetes does not know
 * merge too, as long as not both sides hold a map or a list there.
 *
 * Both documents are only read; what the patch does not touch is shared with
 * the original, and the original itself is returned when nothing changes.
 *
 * @param struct Go's name of the type: `v1.Pod`, `v1.Container`, …
 * @param patch null counts as empty
 * @throws MergeError
 */
export function strategicMerge(struct: string, original: Json, patch: Json): Json {
  const documents = [original ?? {}, patch ?? {}]
  if (!documents.every((document) => isObject(document))) throw new MergeError('invalid JSON document')
  const [source = {}, changes = {}] = documents
  return mergeMaps(source, changes, { kind: 'struct', struct })
}

function mergeMaps(original: JsonObject, patch: JsonObject, type: FieldType): JsonObject {
  const directive = getOwn(patch, PATCH)
  if (directive !== undefined) return applyMapDirective(directive, patch)
  const run: MapMerge = { patch, type, source: retainKeys(original, patch), result: undefined, done: undefined }
  for (const key of Object.keys(patch)) {
    if (key.startsWith(SET_ELEMENT_ORDER)) atKey(key, () => mergeOrdered(run, key))
  }
  for (const key of Object.keys(patch)) {
    if (run.done?.has(key) !== true && key !== RETAIN_KEYS) mergeKeyOf(run, key)
  }
  return run.result ?? run.source
}

/** One map being merged; `result` is made when the first change comes. */
interface MapMerge {
  readonly patch: JsonObject
  readonly type: FieldType
  readonly source: JsonObject
  result: MutableJsonObject | undefined
  /** Keys of the patch that a directive has dealt with. */
  done: Set<string> | undefined
}

function put(run: MapMerge, key: string, value: Json | undefined): void {
  if (getOwn(run.result ?? run.source, key) === value) return
  run.result ??= { ...run.source }
  if (value === undefined) delete run.result[key]
  else setOwn(run.result, key, value)
}

function mergeOrdered(run: MapMerge, directive: string): void {
  const ordered = applyElementOrder(directive, run.result ?? run.source, run.patch, run.type, mergeMaps)
  run.done ??= new Set()
  run.done.add(directive)
  if (ordered.value === undefined) return
  run.done.add(ordered.key)
  put(run, ordered.key, ordered.value)
}

function mergeKeyOf(run: MapMerge, patchKey: string): void {
  const change = run.patch[patchKey] as Json
  const deletes = patchKey.startsWith(DELETE_FROM_LIST)
  const key = deletes ? directiveTarget(patchKey, DELETE_FROM_LIST) : patchKey
  if (change === null) {
    put(run, key, undefined)
    return
  }
  const before = getOwn(run.result ?? run.source, key)
  if (isObject(before) && isObject(change)) {
    const mergeInside = (): JsonObject => {
      const rule = mapRule(run.type, key)
      return rule.replace ? change : mergeMaps(before, change, rule.type)
    }
    put(run, key, atKey(key, mergeInside))
  } else if (isArray(before) && isArray(change)) {
    const merge = deletes ? deleteFromList : mergeLists
    put(
      run,
      key,
      atKey(key, () => merge(before, change, listRule(run.type, key), mergeMaps)),
    )
  } else if (!deletes || (typeof change !== 'object' && typeof before === typeof change)) {
    put(run, key, withoutDirectives(change))
  }
}

function atKey<T>(key: string, work: () => T): T {
  try {
    return work()
  } catch (error) {
    if (error instanceof MergeError) error.addKey(key)
    throw error
  }
}
