import type { IncomingHttpHeaders } from 'node:http'
import { type Agent, type RequestOptions, request } from 'node:https'

export interface TestAnswer {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly text: string
}

export interface TestRequest {
  readonly method?: string
  readonly path?: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string | Uint8Array
  readonly agent?: Agent
}

/** Sends one request and reads its answer; rejects when the connection breaks. */
export function ask({ url }: { readonly url: string }, asked: TestRequest = {}): Promise<TestAnswer> {
  const { method = 'POST', path = '/inject', headers = {}, body, agent } = asked
  const length = body === undefined ? {} : { 'Content-Length': String(Buffer.byteLength(body)) }
  const type = body === undefined ? {} : { 'Content-Type': 'application/json' }
  const options: RequestOptions = {
    method,
    rejectUnauthorized: false,
    agent: agent ?? false,
    headers: { ...type, ...length, ...headers },
  }
  return new Promise((resolve, reject) => {
    const sent = request(`${url}${path}`, options, (answer) => {
      const chunks: Buffer[] = []
      answer.on('data', (chunk: Buffer) => chunks.push(chunk))
      answer.on('error', reject)
      answer.on('end', () => {
        resolve({ status: answer.statusCode ?? 0, headers: answer.headers, text: Buffer.concat(chunks).toString() })
      })
    })
    sent.on('error', reject)
    sent.end(body)
  })
}
