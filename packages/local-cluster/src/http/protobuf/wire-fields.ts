import { WIRE_FIELDS } from './wire-fields.gen.ts'

/** A field of a protobuf message of the API. */
export interface WireField {
  readonly json: string
  /** Go writes no JSON for it when it is zero. */
  readonly dropsZero: boolean
  /** A message whose fields stand in the place of this one. */
  readonly inline: string | undefined
}

let messages: Map<string, readonly (WireField | undefined)[]> | undefined

/** Fields of a message by number minus one. The name is that of the OpenAPI: `io.k8s.api.core.v1.Pod`. */
export function wireFields(type: string): readonly (WireField | undefined)[] | undefined {
  messages ??= read()
  return messages.get(type.replace(/^io\.k8s\.(api|apimachinery\.pkg\.apis)\./, ''))
}

let dropped: Map<string, ReadonlySet<string>> | undefined

/** The fields of a type that Go leaves out when they are zero; undefined when the type is not known. */
export function zeroDropped(type: string): ReadonlySet<string> | undefined {
  messages ??= read()
  dropped ??= new Map([...messages.keys()].map((name) => [name, droppedOf(name)]))
  return dropped.get(type.replace(/^io\.k8s\.(api|apimachinery\.pkg\.apis)\./, ''))
}

function droppedOf(name: string): ReadonlySet<string> {
  const fields = messages?.get(name) ?? []
  return new Set(
    fields.flatMap((field) => {
      if (field === undefined) return []
      if (field.inline !== undefined) return [...droppedOf(field.inline)]
      return field.dropsZero ? [field.json] : []
    }),
  )
}

function read(): Map<string, readonly (WireField | undefined)[]> {
  const lines = WIRE_FIELDS.trim().split('\n')
  return new Map(
    lines.map((line) => {
      const [name = '', ...fields] = line.split(' ')
      return [name, fields.map(readField)]
    }),
  )
}

function readField(text: string): WireField | undefined {
  if (text === '-') return undefined
  if (text.startsWith('&')) return { json: '', dropsZero: false, inline: text.slice(1) }
  return { json: text.replace('?', ''), dropsZero: text.endsWith('?'), inline: undefined }
}
