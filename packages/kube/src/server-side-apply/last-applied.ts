/**
 * `kubectl apply` without `--server-side` keeps what it applied in an annotation. When kubectl goes over to
 * server-side apply, what it applied itself is no conflict, and the annotation follows.
 */
import { getOwn, isObject, type Json, type JsonObject } from '../json.ts'
import type { Atom } from './atom.ts'
import { compareObjects } from './compare.ts'
import { difference, EMPTY_SET, type FieldSet } from './field-set.ts'
import { fieldsOf } from './fields-of.ts'
import { goJson } from './path-element.ts'
import { problemsOf } from './validate.ts'

const LAST_APPLIED = 'kubectl.kubernetes.io/last-applied-configuration'
/** The manager that this is for. */
export const KUBECTL = 'kubectl'

/** The fields that kubectl applied and that still are as it applied them. */
export function fieldsLastApplied(atom: Atom, live: JsonObject): FieldSet {
  const text = annotationsOf(live)[LAST_APPLIED]
  const last = typeof text === 'string' ? parse(text) : undefined
  if (!isObject(last) || last.apiVersion !== live.apiVersion || problemsOf(atom, last).length > 0) return EMPTY_SET
  const changes = compareObjects(atom, last, live)
  return difference(difference(difference(fieldsOf(atom, last), changes.modified), changes.added), changes.removed)
}

/** The object with the annotation renewed, where it has one. */
export function withLastApplied(object: JsonObject, applied: JsonObject): JsonObject {
  const annotations = annotationsOf(object)
  if (typeof annotations[LAST_APPLIED] !== 'string' || annotations[LAST_APPLIED] === '') return object
  const metadata = isObject(object.metadata) ? object.metadata : {}
  const text = `${goJson(withoutAnnotation(applied))}\n`
  return { ...object, metadata: { ...metadata, annotations: { ...annotations, [LAST_APPLIED]: text } } }
}

function annotationsOf(object: JsonObject): JsonObject {
  const metadata = getOwn(object, 'metadata')
  const annotations = isObject(metadata) ? getOwn(metadata, 'annotations') : undefined
  return isObject(annotations) ? annotations : {}
}

function withoutAnnotation(object: JsonObject): JsonObject {
  const annotations = annotationsOf(object)
  if (!Object.hasOwn(annotations, LAST_APPLIED)) return object
  const { [LAST_APPLIED]: _dropped, ...rest } = annotations
  return { ...object, metadata: { ...(isObject(object.metadata) ? object.metadata : {}), annotations: rest } }
}

function parse(text: string): Json | undefined {
  try {
    return JSON.parse(text) as Json
  } catch {
    return undefined
  }
}
