import { getOwn, isArray, isObject, type Json, type JsonObject, quoteGo } from '@proa/kube'
import type { ReviewVersion } from './review.ts'

/** What Go's JSON reader says of a text that it cannot read. */

export function jsonKind(value: Json): string {
  if (isArray(value)) return 'array'
  return typeof value === 'boolean' ? 'bool' : value === null ? 'null' : typeof value
}

/** @param fallback V8's message about the same text: it knows the place */
export function unmarshalProblem(text: string, fallback: string): string {
  const at = /at position (\d+)/.exec(fallback)?.[1]
  const character = at === undefined ? [...text.trim()][0] : [...text.slice(Number(at))][0]
  if (character === undefined || (at === undefined && /end of JSON/.test(fallback)))
    return 'unexpected end of JSON input'
  return `invalid character ${quoteCharacter(character)} ${place(fallback)}`
}

function place(fallback: string): string {
  if (fallback.includes('non-whitespace')) return 'after top-level value'
  if (fallback.includes('property name')) return 'looking for beginning of object key string'
  if (fallback.includes("':'")) return 'after object key'
  if (fallback.includes("'}'")) return 'after object key:value pair'
  return fallback.includes("']'") ? 'after array element' : 'looking for beginning of value'
}

function quoteCharacter(character: string): string {
  if (character === "'") return `'\\''`
  return character === '"' ? `'"'` : `'${quoteGo(character).slice(1, -1)}'`
}

interface FieldType {
  readonly go: string
  fits(value: Json): boolean
}

const isText = (value: Json) => typeof value === 'string'

/** Fields of a response and their Go types. A null is no value. */
const RESPONSE_FIELDS: ReadonlyMap<string, FieldType> = new Map([
  ['uid', { go: 'types.UID', fits: isText }],
  ['allowed', { go: 'bool', fits: (value: Json) => typeof value === 'boolean' }],
  ['status', { go: 'v1.Status', fits: isObject }],
  ['patch', { go: '[]uint8', fits: isText }],
  ['patchType', { go: 'v1.PatchType', fits: isText }],
  ['auditAnnotations', { go: 'map[string]string', fits: isObject }],
  ['warnings', { go: '[]string', fits: isArray }],
])

/** A field of the answer that has another type than the API's. */
export function typeProblem(review: JsonObject, version: ReviewVersion): string | undefined {
  const response = getOwn(review, 'response') ?? null
  if (response === null) return undefined
  const type = `${version}.AdmissionResponse`
  if (!isObject(response)) return mismatch(response, 'AdmissionReview.response', type)
  for (const [name, field] of RESPONSE_FIELDS) {
    const value = getOwn(response, name) ?? null
    const path = `AdmissionResponse.response.${name}`
    if (value === null) continue
    if (!field.fits(value)) return mismatch(value, path, field.go.replace(/^v1\.Patch/, `${version}.Patch`))
    const wrong = innerTexts(name, value).find((one) => one !== null && typeof one !== 'string')
    if (wrong !== undefined) return mismatch(wrong, path, 'string')
  }
  return base64Problem(getOwn(response, 'patch'))
}

function innerTexts(name: string, value: Json): readonly Json[] {
  if (name === 'warnings') return isArray(value) ? value : []
  return name === 'auditAnnotations' && isObject(value) ? Object.values(value) : []
}

function mismatch(value: Json, path: string, type: string): string {
  return `json: cannot unmarshal ${jsonKind(value)} into Go struct field ${path} of type ${type}`
}

function base64Problem(patch: Json | undefined): string | undefined {
  if (typeof patch !== 'string') return undefined
  const bad = patch.search(/[^A-Za-z0-9+/=\r\n]/)
  if (bad >= 0) return `illegal base64 data at input byte ${bad}`
  const length = patch.replace(/[\r\n]/g, '').length
  return length % 4 === 0 ? undefined : `illegal base64 data at input byte ${patch.length - (length % 4)}`
}
