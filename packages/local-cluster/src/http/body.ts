import type { IncomingMessage } from 'node:http'
import { type Json, parseYaml, YamlError } from '@proa/kube'
import { tooLarge, unsupportedMediaType } from '../api/errors.ts'
import { goSyntaxError } from './json-errors.ts'
import { parseMediaType } from './media-type.ts'
import { decodeProtobuf } from './protobuf/decode.ts'

/** What the API server takes: 3 MiB, twice what etcd takes for a value. */
export const MAX_BODY = 3 * 1024 * 1024
const DEEPEST = 10_000

/** A body that is no JSON or YAML. The message is Go's; who asked for the body says what it should have been. */
export class BodySyntaxError extends Error {
  override readonly name = 'BodySyntaxError'
  readonly format: 'json' | 'yaml'

  constructor(format: 'json' | 'yaml', message: string) {
    super(message)
    this.format = format
  }
}

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

/** Reads a body as JSON, YAML or protobuf. @throws BodySyntaxError */
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
    if (error instanceof SyntaxError) throw new BodySyntaxError('json', goSyntaxError(text, error))
    throw error
  }
}

function decodeYaml(text: string): Json {
  try {
    return parseYaml(text)
  } catch (error) {
    if (!(error instanceof YamlError)) throw error
    const line = error.line > 0 ? `line ${error.line}: ` : ''
    throw new BodySyntaxError('yaml', `yaml: ${line}${error.reason}`)
  }
}

function checkDepth(value: Json): void {
  let level: Json[] = [value]
  for (let depth = 0; level.length > 0; depth++) {
    if (depth > DEEPEST) throw new BodySyntaxError('json', 'exceeded max depth')
    level = level
      .flatMap((one) => (typeof one === 'object' && one !== null ? Object.values(one) : []))
      .filter((one) => typeof one === 'object')
  }
}
