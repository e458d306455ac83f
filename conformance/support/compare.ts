/**
 * What the shared vectors call equal: objects as Kubernetes' Go types hold them. Unknown fields, explicit zeros of
 * optional fields and the zeros that Go prints unasked are away on both sides, quantities have one spelling.
 */
import {
  applyPatch,
  coerceScalars,
  getOwn,
  isArray,
  isList,
  isObject,
  type Json,
  type JsonObject,
  listItems,
  type MutableJsonObject,
  readTyped,
  setOwn,
  workloadKind,
} from '../../packages/kube/src/index.ts'

const STATUS = 'sidecar.istio.io/status'

/** A Pod as Kubernetes' types hold it. */
export function comparablePod(pod: Json): JsonObject {
  const { status: _status, ...typed } = typedAs('v1.Pod', pod)
  return typed
}

/** Any object of a manifest: its Pod template typed, zeros elsewhere left out. `List` items one by one. */
export function comparable(object: Json): Json {
  return isList(object) ? comparableList(object) : comparableObject(object)
}

function comparableList({ metadata, ...list }: JsonObject): Json {
  const around = withoutZeros(metadata ?? null)
  return { ...list, ...(around === undefined ? {} : { metadata: around }), items: listItems(list).map(comparable) }
}

function comparableObject(object: Json): Json {
  const kind = workloadKind(object)
  if (kind === undefined || !isObject(object)) return object
  if (kind.template.length === 0) return comparablePod(object)
  const { status: _status, ...rest } = object
  const around = withoutZeros(replaceAt(rest, kind.template, {}))
  return replaceAt(
    isObject(around) ? around : {},
    kind.template,
    typedAs('v1.PodTemplateSpec', at(object, kind.template)),
  )
}

/** Both sides of the webhook half: without the status annotation, and without `apiVersion` of field references. */
export function comparableWebhookPod(pod: Json): JsonObject {
  const patches = [{ op: 'remove', path: `/metadata/annotations/${STATUS.replace('/', '~1')}` }] as const
  const typed = comparablePod(pod)
  const annotated = getOwn(objectAt(typed, ['metadata', 'annotations']), STATUS) !== undefined
  const plain = annotated ? comparablePod(applyPatch(typed, patches)) : typed
  const spec = objectAt(plain, ['spec'])
  const containers = isArray(spec.containers) ? spec.containers.map(withoutFieldVersions) : []
  return { ...plain, spec: { ...spec, containers } }
}

/** The text of a status annotation without the version of the template, which Istio's tests ignore too. */
export function withoutTemplateVersion<T extends Json>(value: T): T {
  const text = JSON.stringify(value)
  return JSON.parse(text.replaceAll(/\{\\"version\\":\\"[^"\\]*\\",/g, '{\\"version\\":\\"\\",')) as T
}

function typedAs(struct: string, value: Json | undefined): JsonObject {
  return readTyped(struct, coerceScalars(struct, value ?? {})) as JsonObject
}

function withoutFieldVersions(container: Json): Json {
  if (!isObject(container) || !isArray(container.env)) return container
  return { ...container, env: container.env.map(withoutFieldVersion) }
}

function withoutFieldVersion(entry: Json): Json {
  const reference = objectAt(entry, ['valueFrom', 'fieldRef'])
  if (!isObject(entry) || reference.apiVersion === undefined) return entry
  const { apiVersion: _version, ...fieldRef } = reference
  return { ...entry, valueFrom: { ...objectAt(entry, ['valueFrom']), fieldRef } }
}

/** null, '', 0, false and what is empty after that are gone. */
function withoutZeros(value: Json): Json | undefined {
  if (isArray(value)) return value.length === 0 ? undefined : value.map((item) => withoutZeros(item) ?? null)
  if (!isObject(value)) return value === null || value === '' || value === 0 || value === false ? undefined : value
  const kept: MutableJsonObject = {}
  for (const [key, item] of Object.entries(value)) {
    const rest = withoutZeros(item)
    if (rest !== undefined) setOwn(kept, key, rest)
  }
  return Object.keys(kept).length === 0 ? undefined : kept
}

function at(object: Json, path: readonly string[]): Json | undefined {
  let node: Json | undefined = object
  for (const step of path) node = isObject(node) ? getOwn(node, step) : undefined
  return node
}

function objectAt(object: Json, path: readonly string[]): JsonObject {
  const node = at(object, path)
  return isObject(node) ? node : {}
}

function replaceAt(object: JsonObject, [step, ...rest]: readonly string[], value: Json): JsonObject {
  if (step === undefined) return isObject(value) ? value : object
  return { ...object, [step]: rest.length === 0 ? value : replaceAt(objectAt(object, [step]), rest, value) }
}
