import { getOwn, isObject, type JsonObject, parseLabelSelector, selectorMatches } from '@proa/kube'
import type { AdmissionDeps } from '../deps.ts'
import { labelsOf } from '../request.ts'

/** The binding's parameters cannot be had; the text is the API server's. */
export class ParamsError extends Error {
  override readonly name = 'ParamsError'
}

/**
 * The parameter objects with which a policy is asked: `[null]` for a policy without parameters, none when the binding allows
 * that none is found.
 *
 * @throws ParamsError
 */
export function paramsOf(
  policySpec: JsonObject,
  bindingSpec: JsonObject,
  namespace: string,
  { objects }: AdmissionDeps,
): readonly (JsonObject | null)[] {
  const paramKind = getOwn(policySpec, 'paramKind')
  const reference = getOwn(bindingSpec, 'paramRef')
  if (!isObject(paramKind)) return [null]
  if (!isObject(reference)) return [null]
  const kind = { apiVersion: text(paramKind, 'apiVersion'), kind: text(paramKind, 'kind') }
  const given = text(reference, 'namespace')
  // Whether the kind is namespaced is not known here: where there is none of the namespace, one of the cluster is meant.
  const places = given === '' ? [namespace, ''] : [given]
  const found = findParams(reference, places, kind, objects)
  if (found.length > 0) return found
  if (getOwn(reference, 'parameterNotFoundAction') === 'Allow') return []
  throw new ParamsError('no params found for policy binding with `Deny` parameterNotFoundAction')
}

function findParams(
  reference: JsonObject,
  places: readonly string[],
  kind: { readonly apiVersion: string; readonly kind: string },
  objects: AdmissionDeps['objects'],
): readonly JsonObject[] {
  const name = text(reference, 'name')
  for (const place of places) {
    if (name === '') {
      const listed = bySelector(reference, objects.list(kind, place === '' ? undefined : place))
      if (listed.length > 0) return listed
    } else {
      const one = objects.find({ ...kind, namespace: place, name })
      if (one !== undefined) return [one]
    }
  }
  return []
}

function bySelector(reference: JsonObject, candidates: readonly JsonObject[]): readonly JsonObject[] {
  const selector = parseLabelSelector(getOwn(reference, 'selector') ?? {})
  return candidates.filter((one) => selectorMatches(selector, labelsOf(one)))
}

function text(object: JsonObject, key: string): string {
  const value = getOwn(object, key)
  return typeof value === 'string' ? value : ''
}
