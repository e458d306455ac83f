/** sprig's JSON functions. The ones without `must` give an empty result where encoding/json returns an error. */
import { joinBytes } from '../format/bytes.ts'
import { type FunctionMap, goFunction, type Value } from '../value.ts'
import { rethrowLimit } from './bounds.ts'
import { decodeJson } from './json-decode.ts'
import { encodeJson, type JsonStyle } from './json-encode.ts'

const compact: JsonStyle = { escapeHtml: true, pretty: false }
const pretty: JsonStyle = { escapeHtml: true, pretty: true }
const raw: JsonStyle = { escapeHtml: false, pretty: false }

const encoder = (style: JsonStyle) => goFunction(['any'], (value: Value) => encodeJson(value, style))
const quietEncoder = (style: JsonStyle) => goFunction(['any'], (value: Value) => encodeQuietly(value, style))

export const jsonFunctions: FunctionMap = {
  fromJson: goFunction(['string'], decodeQuietly),
  mustFromJson: goFunction(['string'], decodeStrictly),
  toJson: quietEncoder(compact),
  mustToJson: encoder(compact),
  toPrettyJson: quietEncoder(pretty),
  mustToPrettyJson: encoder(pretty),
  // toRawJson panics on an error, unlike its siblings.
  toRawJson: encoder(raw),
  mustToRawJson: encoder(raw),
}

function encodeQuietly(value: Value, style: JsonStyle): string {
  try {
    return encodeJson(value, style)
  } catch (error) {
    rethrowLimit(error)
    return ''
  }
}

function decodeQuietly(text: string): Value {
  try {
    return decodeJson(joinBytes(text)).value
  } catch (error) {
    rethrowLimit(error)
    return null
  }
}

function decodeStrictly(text: string): Value {
  const { value, error } = decodeJson(joinBytes(text))
  if (error !== undefined) throw error
  return value
}
