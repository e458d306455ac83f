import type { IncomingMessage } from 'node:http'
import { isObject, type Json, type JsonObject, parseYaml, YamlError } from '@proa/kube'
import { badRequest, tooLarge, unsupportedMediaType } from '../api/errors.ts'
import { parseMediaType } from './media-type.ts'
import { decodeProtobuf } from './protobuf/decode.ts'

/** What the API server takes: 3 MiB, twice what etcd takes for a value. */
export const MAX_BODY = 3 * 1024 * 1024
const DEEPEST = 10_000

export async function readBody(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length
    if (size > MAX_BODY) throw tooLarge(MAX_BODY)
    chunks.push(chunk)
  }
  return Buffer.concat(chunks)
}

/** How the body of a write is written; undefined when it is none of ours. */
export function bodyFormat(contentType: string | undefined): 'json' | 'yaml' | 'protobuf' | undefined {
  if (contentType === undefined || contentType === '') return 'json'
  const { type } = parseMediaType(contentType)
  if (type === 'application/json' || type.endsWith('+json')) return 'json'
  if (type === 'application/vnd.kubernetes.protobuf') return 'protobuf'
  return type === 'application/yaml' || type.endsWith('+yaml') ? 'yaml' : undefined
}

const BODY_TYPES = 'application/json, application/yaml, application/vnd.kubernetes.protobuf'

/** Reads a body as JSON or YAML. */
export function decodeBody(body: Buffer, contentType: string | undefined): Json {
  const format = bodyFormat(contentType)
  if (format === undefined) throw unsupportedMediaType(BODY_TYPES)
  if (format === 'protobuf') return decodeProtobuf(body)
  const text = body.toString('utf8')
  return format === 'json' ? decodeJson(text) : decodeYaml(text)
}

function decodeJson(text: string): Json {
  try {
    const value = JSON.parse(text) as Json
    checkDepth(value)
    return value
  } catch (error) {
    if (error instanceof SyntaxError)
      throw badRequest(`couldn't get version/kind; json parse error: ${goSyntaxError(text, error)}`)
    throw error
  }
}

function decodeYaml(text: string): Json {
  try {
    return parseYaml(text)
  } catch (error) {
    if (error instanceof YamlError) throw badRequest(`error decoding YAML: ${error.message}`)
    throw error
  }
}

function checkDepth(value: Json): void {
  let level: Json[] = [value]
  for (let depth = 0; level.length > 0; depth++) {
    if (depth > DEEPEST) throw badRequest("couldn't get version/kind; json parse error: exceeded max depth")
    level = level
      .flatMap((one) => (typeof one === 'object' && one !== null ? Object.values(one) : []))
      .filter((one) => typeof one === 'object')
  }
}

/** The commonest of Go's messages. */
function goSyntaxError(text: string, error: SyntaxError): string {
  if (/end of JSON input|Unterminated/i.test(error.message)) return 'unexpected end of JSON input'
  const at = /position (\d+)/.exec(error.message)?.[1]
  const character = at === undefined ? text.trim()[0] : text[Number(at)]
  return `invalid character ${quoteRune(character ?? '')} looking for beginning of value`
}

function quoteRune(character: string): string {
  return character === "'" ? `'\\''` : `'${character}'`
}

/** The object of a body, or a refusal. */
export function requireObject(value: Json): JsonObject {
  if (isObject(value)) return value
  throw badRequest(
    `couldn't get version/kind; json parse error: json: cannot unmarshal ${goKind(value)} into Go value of type struct { APIVersion string "json:\\"apiVersion,omitempty\\""; Kind string "json:\\"kind,omitempty\\"" }`,
  )
}

function goKind(value: Json): string {
  if (Array.isArray(value)) return 'array'
  return typeof value === 'boolean' ? 'bool' : typeof value
}
