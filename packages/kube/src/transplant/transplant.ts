import {
  deepEqual,
  getOwn,
  isArray,
  isObject,
  type Json,
  type JsonArray,
  type JsonObject,
  type MutableJsonObject,
  setOwn,
} from '../json.ts'
import { type FieldSchema, type FieldType, structSchema } from '../schema/schema.ts'
import { alignByKey, alignByPosition, itemKey } from './align.ts'

/**
 * Carries the changes from `base` to `result` over to the object as the user
 * wrote it. What did not change keeps the user's node: fields that Kubernetes
 * does not know, the spelling of quantities, explicit zeros, the order of keys.
 *
 * Items of keyed lists are followed by their key, so unknown fields stay with
 * their container wherever it moves, also from `containers` to `initContainers`
 * and back. Other lists are compared from both ends.
 *
 * It holds that `readTyped(struct, transplant(struct, raw, base, result))`
 * equals `result`.
 *
 * @param struct Go's name of the type: `v1.Pod`, `v1.PodTemplateSpec`, …
 * @param raw the object as it was written; returned itself when nothing changed
 * @param base `readTyped(struct, raw)`
 * @param result the typed object after the change, read with the same options
 */
export function transplant(struct: string, raw: Json, base: Json, result: Json): Json {
  return graft({ kind: 'struct', struct }, '', raw, base, result) ?? result
}

type Node = Json | undefined

/** One value; `undefined` stands for a missing one. `mergeKey` is `''` where the list has none. */
function graft(type: FieldType, mergeKey: string, raw: Node, base: Node, result: Node, adopt?: Adoption): Node {
  if (base === result) return raw
  switch (type.kind) {
    case 'struct':
      if (isObject(raw) && isObject(result)) return graftStruct(type.struct, raw, asObject(base), result)
      if (isObject(base) && isObject(result)) return graftMissing(type.struct, raw, base, result)
      return sameOr(raw, base, result)
    case 'map':
      if (isObject(raw) && isObject(result)) return graftMap(type.of, raw, asObject(base), result)
      return sameOr(raw, base, result)
    case 'list':
      if (!isArray(result)) return sameOr(raw, base, result)
      return graftList(
        { of: type.of, mergeKey, adopt },
        isArray(raw) ? raw : undefined,
        isArray(base) ? base : [],
        result,
      )
    default:
      return sameOr(raw, base, result)
  }
}

function sameOr(raw: Node, base: Node, result: Node): Node {
  return deepEqual(base, result) ? raw : result
}

/** The typed object leaves empty objects out, so a missing base is an empty one. */
function asObject(value: Node): JsonObject {
  return isObject(value) ? value : {}
}

/** The user wrote no object, but one was read, so something was put in before: only what changed since then is added. */
function graftMissing(struct: string, raw: Node, base: JsonObject, result: JsonObject): Node {
  const added = graftStruct(struct, {}, base, result)
  return Object.keys(added).length === 0 ? raw : added
}

/** The user's object, copied when the first change comes. */
class Draft {
  readonly #raw: JsonObject
  #copy: MutableJsonObject | undefined

  constructor(raw: JsonObject) {
    this.#raw = raw
  }

  put(key: string, value: Node): void {
    if (getOwn(this.#raw, key) === value) return
    this.#copy ??= { ...this.#raw }
    if (value === undefined) delete this.#copy[key]
    else setOwn(this.#copy, key, value)
  }

  finish(): JsonObject {
    return this.#copy ?? this.#raw
  }
}

function graftStruct(struct: string, raw: JsonObject, base: JsonObject, result: JsonObject): JsonObject {
  const schema = structSchema(struct)
  const draft = new Draft(raw)
  const adoptions = struct === 'v1.PodSpec' ? containerAdoptions(raw, base, result) : undefined
  for (const key of Object.keys(base)) {
    const field = schema.byJson(key)
    if (field !== undefined && !Object.hasOwn(result, key)) draft.put(key, removeField(field, raw[key], base[key]))
  }
  for (const key of Object.keys(result)) {
    const field = schema.byJson(key)
    const before = getOwn(base, key)
    const after = result[key]
    if (field === undefined) draft.put(key, after)
    else draft.put(key, graft(field.type, field.mergeKey ?? '', getOwn(raw, key), before, after, adoptions?.[key]))
  }
  return draft.finish()
}

/**
 * What remains of a field that is gone from the typed object: its unknown
 * fields, where an object that holds nothing else reads as no object at all.
 */
function removeField(field: FieldSchema, raw: Node, base: Node): Node {
  if (field.type.kind !== 'struct' || field.pointer || !isObject(raw)) return undefined
  const rest = graftStruct(field.type.struct, raw, asObject(base), {})
  return Object.keys(rest).length > 0 ? rest : undefined
}

function graftMap(of: FieldType, raw: JsonObject, base: JsonObject, result: JsonObject): JsonObject {
  const draft = new Draft(raw)
  for (const key of Object.keys(base)) if (!Object.hasOwn(result, key)) draft.put(key, undefined)
  for (const key of Object.keys(result)) {
    draft.put(key, graft(of, '', getOwn(raw, key), getOwn(base, key), getOwn(result, key)))
  }
  return draft.finish()
}

interface ListRule {
  readonly of: FieldType
  readonly mergeKey: string
  readonly adopt: Adoption | undefined
}

/** `base[i]` is what became of `raw[i]`: reading keeps the places. */
function graftList(rule: ListRule, raw: JsonArray | undefined, base: JsonArray, result: JsonArray): JsonArray {
  const origins = rule.mergeKey === '' ? alignByPosition(base, result) : alignByKey(base, result, rule.mergeKey)
  const list = result.map((item, i) => {
    const origin = origins[i] ?? -1
    if (origin >= 0) return graft(rule.of, '', raw?.[origin], base[origin], item) ?? item
    const adopted = rule.adopt?.get(itemKey(item, rule.mergeKey))
    return adopted === undefined ? item : (graft(rule.of, '', adopted.raw, adopted.base, item) ?? item)
  })
  const unchanged = raw !== undefined && raw.length === list.length && list.every((item, i) => item === raw[i])
  return unchanged ? raw : list
}

/** Containers by name that a list may take over from the other one. */
type Adoption = ReadonlyMap<Node, { readonly raw: Node; readonly base: Json }>

/** Containers that vanish from one of the two lists are looked for in the other. */
function containerAdoptions(raw: JsonObject, base: JsonObject, result: JsonObject): Record<string, Adoption> {
  return {
    containers: orphans(raw.initContainers, base.initContainers, result.initContainers),
    initContainers: orphans(raw.containers, base.containers, result.containers),
  }
}

function orphans(raw: Node, base: Node, result: Node): Adoption {
  const found = new Map<Node, { readonly raw: Node; readonly base: Json }>()
  if (!isArray(raw) || !isArray(base)) return found
  const kept = new Set(isArray(result) ? result.map((item) => itemKey(item, 'name')) : [])
  for (const [i, item] of base.entries()) {
    const name = itemKey(item, 'name')
    if (!kept.has(name) && !found.has(name)) found.set(name, { raw: raw[i], base: item })
  }
  return found
}
