/**
 * JSON values as data.
 *
 * Objects come from untrusted text, so a key may be `__proto__` or
 * `constructor`. The rules that keep this harmless: read a key that is not a
 * literal of ours with {@link getOwn}, write one with {@link setOwn}. Values are
 * never mutated once somebody else has seen them; that is what `readonly` says.
 */
export type Json = null | boolean | number | string | JsonArray | JsonObject

/** A JSON list. */
export type JsonArray = readonly Json[]

/** A JSON object: its own enumerable string keys and nothing else. */
export interface JsonObject {
  readonly [key: string]: Json
}

/** An object under construction, before anybody else sees it. */
export interface MutableJsonObject {
  [key: string]: Json
}

/** Step by step from the root of a document: object keys and list indexes. */
export type JsonPath = readonly (string | number)[]

/** Whether the value is a JSON object (not null, not a list). */
export function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** `Array.isArray`, but it narrows a readonly list too. */
export function isArray(value: Json | undefined): value is JsonArray {
  return Array.isArray(value)
}

/** The own property, or `undefined`; never something inherited. */
export function getOwn(object: JsonObject, key: string): Json | undefined {
  return Object.hasOwn(object, key) ? object[key] : undefined
}

/** Sets an own property, also when the key is `__proto__`. */
export function setOwn(target: MutableJsonObject, key: string, value: Json): void {
  // A plain assignment of `__proto__` would call the inherited setter and change the prototype.
  if (key === '__proto__') {
    Object.defineProperty(target, key, { value, writable: true, enumerable: true, configurable: true })
  } else {
    target[key] = value
  }
}

/** A deep copy that shares nothing with the source. */
export function clone<T extends Json>(value: T): T
export function clone(value: Json): Json {
  if (isArray(value)) return value.map((item) => clone(item))
  if (!isObject(value)) return value
  const copy: MutableJsonObject = {}
  for (const key of Object.keys(value)) setOwn(copy, key, clone(value[key] as Json))
  return copy
}

/** Equality of JSON values: order matters in lists, not in objects. */
export function deepEqual(left: Json | undefined, right: Json | undefined): boolean {
  if (left === right) return true
  if (typeof left !== 'object' || typeof right !== 'object' || left === null || right === null) return false
  if (isArray(left)) return isArray(right) && equalLists(left, right)
  if (isArray(right)) return false
  return equalObjects(left as JsonObject, right as JsonObject)
}

function equalLists(left: JsonArray, right: JsonArray): boolean {
  if (left.length !== right.length) return false
  for (let i = 0; i < left.length; i++) {
    if (!deepEqual(left[i], right[i])) return false
  }
  return true
}

function equalObjects(left: JsonObject, right: JsonObject): boolean {
  const keys = Object.keys(left)
  if (keys.length !== Object.keys(right).length) return false
  for (const key of keys) {
    if (!Object.hasOwn(right, key) || !deepEqual(left[key], right[key])) return false
  }
  return true
}

/**
 * A path as people write it: `spec.containers[0].name`. Keys that are not plain
 * words are quoted: `metadata.annotations["a.b/c"]`. The root is `''`.
 */
export function formatPath(path: JsonPath): string {
  let text = ''
  for (const step of path) {
    if (typeof step === 'number') text += `[${step}]`
    else if (/^[A-Za-z_$][\w$-]*$/.test(step)) text += text === '' ? step : `.${step}`
    else text += `[${JSON.stringify(step)}]`
  }
  return text
}
