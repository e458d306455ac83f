import { getOwn, isArray, isObject, type Json } from '@proa/kube'
import type { WriteStyle } from './style.ts'
import { scalarText } from './write-scalar.ts'

/** A value in YAML flow style on one line: `{a: 1, b: [x, "y"]}`. */
export function flowText(value: Json, style: Pick<WriteStyle, 'flowGap'>): string {
  if (isArray(value)) return `[${value.map((item) => flowText(item, style)).join(', ')}]`
  if (!isObject(value)) return scalarText(value, true)
  return `{${Object.keys(value)
    .map((key) => `${flowKey(key)}: ${flowText(getOwn(value, key) ?? null, style)}`)
    .join(', ')}}`
}

/** Beyond 1,024 characters a key needs its question mark. */
export function flowKey(key: string): string {
  const name = scalarText(key, true)
  return name.length > 500 ? `? ${name}` : name
}

/**
 * A value as JSON in the document's own layout.
 * @param pad the indentation of the line on which the value begins.
 */
export function jsonText(value: Json, pad: string, style: WriteStyle): string {
  if (style.flowUnit === '') {
    // One line: compact or with a space after every colon and comma, as the document has it.
    return style.flowGap === '' ? JSON.stringify(value) : spacedJson(value)
  }
  return JSON.stringify(value, null, style.flowUnit).replaceAll('\n', style.eol + pad)
}

function spacedJson(value: Json): string {
  if (isArray(value)) return `[${value.map(spacedJson).join(', ')}]`
  if (!isObject(value)) return JSON.stringify(value)
  const entries = Object.keys(value).map((key) => `${JSON.stringify(key)}: ${spacedJson(getOwn(value, key) ?? null)}`)
  return `{${entries.join(', ')}}`
}
