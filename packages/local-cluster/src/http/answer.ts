import type { ServerResponse } from 'node:http'
import { dumpYaml, type JsonObject } from '@proa/kube'
import type { AnswerFormat } from './media-type.ts'

export const JSON_FORMAT: AnswerFormat = { encoding: 'json', pretty: false, as: undefined, version: '' }

export function sendObject(response: ServerResponse, code: number, object: JsonObject, format: AnswerFormat): void {
  const text =
    format.encoding === 'yaml' ? dumpYaml(object) : `${JSON.stringify(object, null, format.pretty ? 2 : 0)}\n`
  sendText(response, code, text, format.encoding === 'yaml' ? 'application/yaml' : 'application/json')
}

export function sendText(response: ServerResponse, code: number, text: string, contentType: string): void {
  if (response.headersSent || response.destroyed) {
    response.end()
    return
  }
  const body = Buffer.from(text)
  response.writeHead(code, { 'Content-Type': contentType, 'Content-Length': body.length })
  response.end(response.req.method === 'HEAD' ? undefined : body)
}

/** `Warning: 299 - "text"`, which kubectl prints. */
export function addWarning(response: ServerResponse, text: string): void {
  if (response.headersSent) return
  const safe = text
    .replaceAll(/[\r\n]+/g, ' ')
    .replaceAll(/[^\x20-\x7e]/g, '?')
    .replaceAll(/["\\]/g, '\\$&')
  response.appendHeader('Warning', `299 - "${safe}"`)
}
