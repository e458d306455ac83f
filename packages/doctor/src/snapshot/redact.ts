import { isArray, isObject, type Json, type JsonObject, type MutableJsonObject, setOwn } from '@proa/kube'
import { at, nameOf, textAt } from '../reading.ts'
import { fromBase64, toBase64 } from './base64.ts'
import { kindOf } from './kinds.ts'
import { hasSecretName, isSecretName, REDACTED, redactArguments, redactText } from './secret-texts.ts'
import type { Snapshot } from './types.ts'

/**
 * The snapshot without what must not leave the cluster, so that it can be sent to a colleague. What checks compare stays:
 * certificates, caBundles, the ConfigMaps of the mesh, the API server's proxies without their users. Doing it twice is
 * doing it once.
 *
 * Gone are: what Secrets hold besides certificates, ConfigMaps that are not of a mesh, private keys, tokens, passwords and
 * users of URLs wherever they stand, and the values of variables, headers, arguments and annotations with such a name.
 */
export function redactSnapshot(snapshot: Snapshot): Snapshot {
  const { objects, ...rest } = snapshot
  // A snapshot is JSON; the walk keeps its shape.
  const others = redactValue(rest as unknown as Json) as unknown as Omit<Snapshot, 'objects'>
  return { ...others, objects: objects.map(redactObject) }
}

/** One Kubernetes object. */
export function redactObject(object: JsonObject): JsonObject {
  const kind = kindOf(textAt(object, 'apiVersion'), textAt(object, 'kind'))
  const redacted = redactValue(object) as JsonObject
  if (kind === 'Secret') return secretWithoutSecrets(redacted, object)
  if (kind === 'ConfigMap' && !isOfMesh(object)) return withoutData(redacted, ['data', 'binaryData'])
  return redacted
}

/** Large snapshots share equal parts, and most parts have no secret: what does not change is not copied. */
const done = new WeakMap<object, Json>()

function redactValue(value: Json): Json {
  if (typeof value === 'string') return redactLeaf(value)
  if (typeof value !== 'object' || value === null) return value
  const known = done.get(value)
  if (known !== undefined) return known
  const redacted = isArray(value) ? redactList(value) : isObject(value) ? redactFields(value) : value
  done.set(value, redacted)
  return redacted
}

function redactFields(object: JsonObject): JsonObject {
  const named = typeof object.name === 'string' && isSecretName(object.name)
  const ofAnnotations = object.name === COPIED_ANNOTATIONS
  return changedFields(object, (key, field) =>
    ofAnnotations && key === 'value' && typeof field === 'string'
      ? redactJson(field, (value) => (isObject(value) ? redactAnnotations(value) : redactValue(value)))
      : redactField(key, field, named),
  )
}

/** A variable with all annotations of the Pod, which Istio's older templates give the proxy. */
const COPIED_ANNOTATIONS = 'ISTIO_METAJSON_ANNOTATIONS'

/** JSON within a text: probes with their headers, which the injector hands to the agent in a variable. */
function redactJson(text: string, redact: (value: Json) => Json): string {
  let value: Json
  try {
    value = JSON.parse(text) as Json
  } catch {
    return redactText(text)
  }
  const redacted = redact(value)
  return redactText(redacted === value ? text : JSON.stringify(redacted))
}

/** The object itself when no field changes. */
function changedFields(object: JsonObject, change: (key: string, field: Json) => Json): JsonObject {
  const copy: MutableJsonObject = {}
  let differs = false
  for (const [key, field] of Object.entries(object)) {
    const changed = change(key, field)
    differs ||= changed !== field
    setOwn(copy, key, changed)
  }
  return differs ? copy : object
}

/** `named`: the object is a variable or a header with a secret name. */
function redactField(key: string, field: Json, named: boolean): Json {
  if (named && key === 'value') return hidden(field)
  if (key === 'annotations' && isObject(field)) return redactAnnotations(field)
  return redactValue(field)
}

/** What says nothing stays: it is a setting under an odd name. */
function hidden(value: Json): Json {
  return typeof value === 'string' && !/^(?:|true|false|\d{1,5})$/i.test(value) ? REDACTED : redactValue(value)
}

function redactList(list: readonly Json[]): Json {
  const texts = list.filter((one) => typeof one === 'string')
  const changed = texts.length === list.length ? redactArguments(texts).map(redactLeaf) : list.map(redactValue)
  return changed.some((one, index) => one !== list[index]) ? changed : list
}

const LAST_APPLIED = 'kubectl.kubernetes.io/last-applied-configuration'

function redactAnnotations(annotations: JsonObject): Json {
  return changedFields(annotations, (key, value) => {
    if (key === LAST_APPLIED && typeof value === 'string') return redactApplied(value)
    return isSecretName(key) ? hidden(value) : redactValue(value)
  })
}

/** The object as it was applied, inside of itself. */
function redactApplied(text: string): string {
  try {
    const object = JSON.parse(text) as Json
    return isObject(object) ? JSON.stringify(redactObject(object)) : REDACTED
  } catch {
    return REDACTED
  }
}

/** Names and values, as variables and headers have them. */
const JSON_WITH_NAMES = /^\s*[[{][\s\S]*"name"/

/** Of a base64 text that begins with dashes, as every caBundle does. */
const BASE64_OF_PEM = /^LS0t/

function redactLeaf(text: string): string {
  if (JSON_WITH_NAMES.test(text) && hasSecretName(text)) return redactJson(text, redactValue)
  if (!BASE64_OF_PEM.test(text)) return redactText(text)
  const decoded = fromBase64(text)
  if (decoded === undefined || !decoded.includes('PRIVATE KEY')) return text
  return toBase64(redactText(decoded))
}

const CERTIFICATE_KEY = /(?:\.crt|\.cer|\.pem|[-_.]ca)$/i
const CERTIFICATE = /-----BEGIN CERTIFICATE-----[A-Za-z0-9+/=\s]*-----END CERTIFICATE-----\n?/g
const REDACTED_BASE64 = toBase64(REDACTED)

function secretWithoutSecrets(redacted: JsonObject, object: JsonObject): JsonObject {
  const copy: MutableJsonObject = { ...redacted }
  const { data, stringData } = object
  if (isObject(data)) copy.data = mapped(data, (key, value) => toBase64(certificatesOf(key, fromBase64(value))))
  else if (data !== undefined) copy.data = {}
  if (isObject(stringData)) copy.stringData = mapped(stringData, certificatesOf)
  else if (stringData !== undefined) copy.stringData = {}
  return copy
}

/** Only the certificates are copied out: whatever else stands in the file is not. */
function certificatesOf(key: string, text: string | undefined): string {
  if (text === undefined || !CERTIFICATE_KEY.test(key)) return REDACTED
  return text.match(CERTIFICATE)?.join('') ?? REDACTED
}

/** Neither base64 nor a certificate. */
const NO_TEXT = '\0'

/** An empty value says something, and no secret: a key that is there and holds nothing. */
function mapped(map: JsonObject, change: (key: string, value: string) => string): JsonObject {
  const copy: MutableJsonObject = {}
  for (const [key, value] of Object.entries(map)) {
    setOwn(copy, key, value === '' ? '' : change(key, typeof value === 'string' ? value : NO_TEXT))
  }
  return copy
}

const MESH_NAME = /^(?:istio|proa)(?:$|-)|root-cert|(?:^|-)root-ca(?:$|[-.])/
const MESH_KEYS = ['mesh', 'values', 'root-cert.pem', 'ca.crt', 'meshNetworks']

/** ConfigMaps that checks look at: injector, mesh, root certificates, under whatever revision. */
export function isOfMesh(configMap: JsonObject): boolean {
  return MESH_NAME.test(nameOf(configMap)) || MESH_KEYS.some((key) => at(configMap, 'data', key) !== undefined)
}

function withoutData(object: JsonObject, fields: readonly string[]): JsonObject {
  const copy: MutableJsonObject = { ...object }
  for (const field of fields) {
    const map = copy[field]
    if (isObject(map)) copy[field] = mapped(map, () => (field === 'binaryData' ? REDACTED_BASE64 : REDACTED))
    else if (map !== undefined) copy[field] = {}
  }
  return copy
}
